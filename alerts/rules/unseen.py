"""An alert outlives the loss of what it is judged by: while nobody measures, nobody may say that it is mended.

Its own series says that it fired; it lets go where the operation is scheduled no more, and where somebody measures again.
"""

from alerts.rules.grouping import Document
from steadyline.live import LIVE
from steadyline.promql import LABELS, Selection, duration, quoted
from steadyline.vocabulary import EXPORTER_JOB, SCHEDULE_INTERVAL, AlertName

JUDGING = (AlertName.REGRESSION, AlertName.BUDGET, AlertName.FAILING)
"""What is judged by what an exporter measured; the others are about nobody measuring, or about the rules."""
ALERTS = "ALERTS"
"""The series that Prometheus makes of every alert."""
SCRAPED = f"up{{job={quoted(EXPORTER_JOB)}}}"
DOWN = f"{SCRAPED} == 0"


def not_stored(series: str) -> str:
    """Whether a series that each scrape makes has got no sample for a while: Prometheus lives, and cannot write."""
    return f"absent_over_time({series}[{duration(LIVE.not_stored_seconds)}])"


def outliving(rule: Document, chosen: Selection) -> Document:
    """The rule; where it says how an operation stands it fires on while it fired and since then nobody has seen the operation.

    Args:
        rule: one of an operation's.
        chosen: the probes that it judges.
    """
    if rule.get("alert") not in JUDGING:
        return rule
    facts = (("alertname", rule["alert"]), ("severity", rule["labels"]["severity"]), ("alertstate", "firing"))
    matchers = ",".join([f"{label}={quoted(value)}" for label, value in facts] + [str(chosen)])
    fired = f"max by ({LABELS}) ({ALERTS}{{{matchers}}})"
    shown = f"max by ({LABELS}) ({chosen.of(SCHEDULE_INTERVAL)})"
    was_there = f"present_over_time({SCRAPED}[{duration(LIVE.unseen_seconds)}])"
    held = f"{fired} unless {shown} and on() {DOWN}\nor\n{fired} and on() {not_stored(SCRAPED)} and on() {was_there}"
    return {**rule, "expr": f"{rule['expr']}\nor\n{held}"}
