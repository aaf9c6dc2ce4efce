"""The first minutes of an incident."""

from dashboards.queries import select
from docs.question import FIRING, NO_FLOWS, PROBE, SAME_OPERATION, Group, Question
from steadyline.live import LIVE
from steadyline.severity import WARNING_DEGRADATION
from steadyline.vocabulary import (
    BASELINE_TOLERANCE,
    LOWER99_FAST,
    OPERATION_STREAK,
    RATIO_FAST,
    RUN_STARTS,
    SCHEDULE_INTERVAL,
    AlertName,
)

_ALLOWED = 1 + WARNING_DEGRADATION

QUESTIONS = (
    Question(
        "Which alerts fire, and how bad are they?",
        f"count by (severity, alertname, operation, target, driver) ({FIRING})",
        f"Nothing is good. A lone `{AlertName.BASELINES_STALE}` says that baselines are too lax to see much, not that "
        "something is slow. The runbook has a heading for each name. `ALERTS` also holds what is pending: without "
        "`alertstate` you count that too.",
        Group.NOW,
        empty_until="an alert fires",
    ),
    Question(
        "Since when?",
        f"sort_desc((time() - ALERTS_FOR_STATE) / 60 and ignoring (alertstate) {FIRING})",
        "Minutes since its condition first held. Look for what was deployed or started then. A restart of Prometheus, or a "
        "gap in the data, starts it anew.",
        Group.NOW,
        empty_until="an alert fires",
    ),
    Question(
        "How does each operation stand against its baseline?",
        f"sort_desc({select(RATIO_FAST, PROBE)})",
        "R of the last run: 1 is the baseline, 1.3 is 30 % worse, for throughput too. Far below 1 everywhere means baselines "
        "from slower hardware: record your own. One run is noisy: the next question says which are surely worse.",
        Group.NOW,
    ),
    Question(
        "Which operations are surely slower than allowed?",
        f"sort_desc({LOWER99_FAST.name} > {SAME_OPERATION} group_left ()\n"
        f"  clamp_min(1 + max by (operation, backend, target, driver) ({BASELINE_TOLERANCE.name}), {_ALLOWED:g}))",
        "What the fast rule alerts on: the lower limit of R, not R. Nothing is good. "
        f"What is here for longer than {LIVE.for_seconds:g} s is "
        "told.",
        Group.NOW,
        empty_until="an operation is surely slower than its baseline allows",
    ),
    Question(
        "Is it one operation, one backend, or everything?",
        f"sort_desc(exp(avg by (backend, target) (ln({select(RATIO_FAST, PROBE)}))))",
        "The geometric mean of R over a backend: a factor of 2 in one operation weighs as much as a half in another, which a "
        "plain `avg` of ratios does not do. One backend high: look there. All by the same factor: the machine, or the "
        "network.",
        Group.NOW,
    ),
    Question(
        "What fails right now, without a success in between?",
        f"sort_desc({OPERATION_STREAK.name} > 0)",
        f"Attempts since the last success. Nothing is good; 1 is one failure; {LIVE.failing_streak} is told. "
        "It is a gauge: never `rate` it.",
        Group.NOW,
        empty_until="an attempt fails",
    ),
    Question(
        "Which share of each target's operations is failing?",
        f"avg by (backend, target) ({select(OPERATION_STREAK, PROBE, NO_FLOWS)} > bool 0)",
        "0 is good. 1: the whole target is gone. Between: some operations, so not the network; ask for their reasons.",
        Group.NOW,
    ),
    Question(
        "Which scheduled operation has gone silent?",
        f"{SCHEDULE_INTERVAL.name} unless {SAME_OPERATION} ({RUN_STARTS.name} > 0)",
        "Nothing is good. The value is its cadence. It holds what has not been asked at all for one run; what fails is not "
        "silent. In the first half minute after a start, and with a restarted exporter, everything is here.",
        Group.NOW,
        empty_until="a scheduled operation is not asked any more",
    ),
)
