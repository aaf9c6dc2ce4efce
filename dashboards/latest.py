"""PromQL of one load run: the newest of those chosen that the time shown holds. What it came to, or has come to so far.

It is placed in time by hidden variables, so that no zoom is too coarse for it, and no other run on its port is counted in.
"""

from collections.abc import Iterator

from dashboards import queries
from dashboards.queries import select
from dashboards.runs import HORIZON, LOAD, RUN, Side
from steadyline.load_vocabulary import RUN_END, RUN_STEADY
from steadyline.vocabulary import RUN_INFO, RUN_START

LATEST = "latest"
"""The variable with the run's id; the others' names begin with it."""
ID = r'/run="([^"]+)"/'
"""What of an answer with the label is the run's id."""
_RUN = Side(LATEST, "run")
_LAST = _RUN.place("last")


def newest() -> str:
    """The run, as a sample with its id."""
    starts = f"last_over_time({select(RUN_START, LOAD, *queries.chosen(RUN))}[$__range])"
    return f"topk(1, max by (run) ({starts}))"


def places() -> Iterator[tuple[str, str]]:
    """What places it, by the end of the variable's name; each is worked out with those before it.

    `last` is its last sample in the time shown, which is later than its end: the final numbers came then. `ran` and `steady`
    are for how many seconds it has run, and has been steady; as a whole where it never was.
    """
    yield from ((name, _RUN.places[name]) for name in ("start", "seen"))
    yield "last", f"ceil(clamp_max({_RUN.last_sample}, time())) or vector(0)"
    start = _RUN.place("start")
    yield "ran", f"clamp_min(ceil(({_RUN.moment(RUN_END)} or vector({_LAST})) - {start}), 1)"
    steady = f"ceil(max(last_over_time({_RUN.of(RUN_STEADY)}[{HORIZON}])))"
    yield "steady", f"clamp_min({_LAST} - ({steady} or vector({start})), 1)"


def seconds() -> str:
    """How long it ran, or has run."""
    return _RUN.place("ran")


def age() -> str:
    """How long ago its last sample was."""
    return f"(time() - vector({_LAST}))"


def info() -> str:
    """Its instance and id."""
    return f"max by (instance, run) ({_RUN.of(RUN_INFO)} @ {_LAST})"


def came_to(selected: str) -> str:
    """What a gauge or a counter was in the end; counters of a run begin at 0."""
    return f"({selected} @ {_LAST} and on (instance) {info()})"


def most(selected: str) -> str:
    """A gauge's largest number in the steady phase."""
    return f"(max_over_time({selected}[{_RUN.place('steady')}s] @ {_LAST}) and on (instance) {info()})"


def total(selected: str) -> str:
    """What a counter came to, summed."""
    return f"sum({came_to(selected)})"


def quantile(q: float, buckets: str) -> str:
    """A quantile over the whole run; nothing where nothing was counted."""
    return f"histogram_quantile({q:g}, sum by (le) ({came_to(buckets)})) >= 0"


def named(labels: str, expression: str) -> str:
    """One number for each of these labels, with the run's id as a label."""
    return f"max by (run, {labels}) ({expression} * on (instance) group_left (run) {info()})"
