"""PromQL of what is measured of the operations of a run that is compared: times, rates, failures, and their ratios."""

from collections.abc import Callable

from dashboards import queries, runs
from dashboards.queries import OPERATION, TARGET, select
from dashboards.runs import LOAD, OTHER, SIDES, THIS, Side
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, Metric

Measure = Callable[[Side], str]
"""Of the steady phase of a run, by operation and target."""
ROW = f"{OPERATION}, {TARGET}"
_CHOSEN = (LOAD, *queries.chosen(OPERATION))
NOTHING_IN_BOTH = -1
"""In place of a ratio, which is never below 0."""
BUCKETS = select(OPERATION_DURATION, *_CHOSEN, suffix="_bucket")


def summable(metric: Metric, *matchers: str, suffix: str = "") -> str:
    """A counter that may be summed over operations."""
    return select(metric, *_CHOSEN, runs.WHOLE, *matchers, suffix=suffix)


def mean(side: Side) -> str:
    """The mean service time."""
    busy = side.increase(ROW, select(OPERATION_DURATION, *_CHOSEN, suffix="_sum"))
    return f"({busy} / ({_successes(side)} > 0))"


def p95(side: Side) -> str:
    """The 95th percentile of the service time."""
    return f"({p95_of(side.increase(f'{ROW}, le', BUCKETS))})"


def p95_of(buckets: str) -> str:
    """The same, of buckets that are summed; nothing where nothing was counted."""
    return f"histogram_quantile(0.95, {buckets}) >= 0"


def per_second(side: Side) -> str:
    """Successes a second."""
    return f"({_successes(side)} / {side.place('seconds')})"


def failed(side: Side) -> str:
    """The share of attempts that failed."""
    failures = side.increase(ROW, select(OPERATION_FAILURES, *_CHOSEN, runs.FAILED))
    return f"{failures} / ({_successes(side)} + {failures} > 0)"


def _successes(side: Side) -> str:
    return side.increase(ROW, select(OPERATION_DURATION, *_CHOSEN, suffix="_count"))


def ratio(measure: Measure) -> str:
    """The one over the other: above 1 is worse."""
    return f"({measure(THIS)} / ({measure(OTHER)} > 0))"


def ratio_of_rates() -> str:
    """The other over the one, so that above 1 is worse here, too."""
    return f"{per_second(OTHER)} / ({per_second(THIS)} > 0)"


def comparable(of_ratios: str) -> str:
    """What is made of ratios; `NOTHING_IN_BOTH` where both runs are there, and no operation has one."""
    both = " and ".join(f"on () {side.info}" for side in SIDES)
    return f"{of_ratios} or on () (vector({NOTHING_IN_BOTH}) and {both})"
