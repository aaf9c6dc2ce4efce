"""A question of the cookbook, and the PromQL that several of them share."""

from dataclasses import dataclass
from enum import StrEnum

from dashboards.queries import select
from dashboards.runs import WHOLE
from steadyline.load_vocabulary import LOAD_PHASE, Phase
from steadyline.vocabulary import OPERATION_LABELS, RUN_INFO, AlertName, Driver, Metric


class Group(StrEnum):
    """The headings of docs/promql.md, in their order."""

    NOW = "Is something wrong now?"
    SLOWER = "What got slower?"
    FAILING = "What fails and why?"
    WHERE = "Where is the time spent?"
    LOAD = "Load runs and capacity"
    MEMORY = "Memory and leaks"
    JUDGE = "Is the judge itself well?"
    REVIEW = "Review over days"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know, and how to ask Prometheus.

    Attributes:
        question: in their words.
        query: PromQL to paste, without variables.
        reading: how to read the answer: what is good, what to do when it is not, what misleads.
        group: the heading that it stands under.
        empty_until: the event before which a healthy stack answers nothing; "" where it always answers.
        horizon: the offset by which the query looks back, as it stands there; "" where it looks at now.
    """

    question: str
    query: str
    reading: str
    group: Group
    empty_until: str = ""
    horizon: str = ""

    def with_horizon(self, shorter: str) -> str:
        """The query with another offset, for a Prometheus that is younger than the horizon."""
        return self.query.replace(f"offset {self.horizon}", f"offset {shorter}") if self.horizon else self.query


PROBE = f'driver="{Driver.PROBE}"'
LOAD = f'driver="{Driver.LOAD}"'
NO_FLOWS = WHOLE
"""A flow's steps are counted on their own."""
SAME_OPERATION = f"on ({', '.join(OPERATION_LABELS)})"
"""What is recorded has no `instance`, what is scraped has one: match by these."""
_STEADY = f'phase="{Phase.STEADY}"'
STEADY = f"on (instance) ({select(LOAD_PHASE, _STEADY)} == 1)"
"""While a load run is in its steady phase."""
FIRING = f'ALERTS{{alertstate="firing",alertname!="{AlertName.WATCHDOG}"}}'


def of_run(
    histogram: Metric, suffix: str, labels: str = "operation, run", over: str = "1h:5s", matchers: tuple[str, ...] = ()
) -> str:
    """What a load run counted in the end, by run: its counters begin at 0 and only rise, so that the largest is the last."""
    counted = f"{select(histogram, LOAD, *matchers, suffix=suffix)} * on (instance) group_left (run) {select(RUN_INFO, LOAD)}"
    return f"sum by ({labels}) (max_over_time(({counted})[{over}]))"
