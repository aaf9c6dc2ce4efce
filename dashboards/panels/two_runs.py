"""The two runs that are compared: whether they may be, what each was asked for, when it was, and how it ended."""

from collections.abc import Callable
from functools import partial

from grafana_foundation_sdk.builders import stat, table

from dashboards import colours, links, queries
from dashboards.colours import BAD, ODD, words_for
from dashboards.panel import COLUMNS, now, number
from dashboards.runs import LONGEST_PAUSE_SECONDS, RUN, SIDES, Side
from dashboards.table import Column, of
from dashboards.words import NO_TWO_RUNS
from steadyline.boards import Board
from steadyline.load_vocabulary import LOAD_ARRIVAL_RATE, LOAD_SATURATED, LOAD_TARGET_USERS, LOAD_USERS, RUN_END
from steadyline.vocabulary import Metric

_MILLISECONDS = 1000
_LOADS = (LOAD_USERS, LOAD_ARRIVAL_RATE)
_UNDER_WAY, _ENDED, _CUT = 2, 1, 0
_STATES = {
    str(_CUT): ("cut off", ODD),
    str(_ENDED): ("ended", colours.QUIET),
    str(_UNDER_WAY): ("under way", colours.BLUE),
}
"""As `_state` numbers them."""
_WIDTH, _WORD_WIDTH, _DATE_WIDTH = 84, 110, 160
"""Of a table's columns, in pixels: at 1280 all of them are in sight."""


def same() -> stat.Panel:
    """Whether both were asked for the same."""
    panel = number(
        "Is the load the same?",
        "Profile, shape, users of each class, and in the open model the arrival rate. Where they differ, a ratio tells of the "
        "load and not of the system: compare runs that were started alike. The table of both runs says what differs.",
        span=6,
        empty=NO_TWO_RUNS,
    )
    asked_for = " or ".join(_of_info(side, f"round({side.most(metric.name)}, 0.001)") for side in SIDES for metric in _LOADS)
    alike = f'min(count_values by (profile, shape, user_class) ("asked", {asked_for}))'
    both = " and ".join(f"on () {side.info}" for side in SIDES)
    words = {"2": ("same load", colours.QUIET), "1": ("different load: do not compare", BAD)}
    return panel.with_target(now(f"{alike} and {both}", "load")).mappings(words_for(words)).thresholds(colours.plain())


def _of_info(side: Side, expression: str) -> str:
    """With the run, its profile and its shape as labels; without the first, two runs of one instance are one series."""
    return f"{expression} * on (instance) group_left (run, profile, shape) {side.info}"


def trusted() -> stat.Panel:
    """Whether a generator was its own bottleneck."""
    panel = number(
        "Was a generator saturated?",
        "Whether a worker of the run was the bottleneck itself in its steady phase: then its latencies are its own. Repeat "
        "that run with more workers (`--processes`) before comparing it.",
        span=6,
        empty=NO_TWO_RUNS,
    )
    words = words_for({"0": ("no", colours.QUIET), "1": ("yes: do not trust", BAD)})
    for ref, side in zip("AB", SIDES, strict=True):
        panel = panel.with_target(now(f"max({side.most(LOAD_SATURATED.name)})", side.word, ref))
    return panel.mappings(words).thresholds(colours.plain())


def facts() -> table.Panel:
    """Both runs: how they were started, when, for how long, how they ended."""
    at_its_time = links.between("${__data.fields.started.numeric}", "${__data.fields.ended.numeric}")
    return of(
        "The two runs",
        "What each was asked for, when, and how it ended; its id leads to it at its own time. Another revision is what is to "
        "be compared; another profile, shape, number of users or rate is not. Cut off: it was killed, or Prometheus lost it, "
        "and its last sample is its end.",
        _columns(),
        labels=("which", RUN, "profile", "shape", "revision"),
        empty=NO_TWO_RUNS,
        worst_first=("which",),
        links={RUN: links.to(Board.LOAD, "This run at its own time", {RUN: "${__data.fields.run}"}, at_its_time)},
        span=COLUMNS,
        height=5,
    ).min_width(_WIDTH)


def _columns() -> tuple[Column, ...]:
    begun, ended = (_facts(partial(_milliseconds, name)) for name in ("start", "end"))
    return (
        Column("started", begun, "dateTimeAsIso", None, width=_DATE_WIDTH),
        Column("ended", ended, "dateTimeAsIso", None, width=_DATE_WIDTH),
        Column("compared for", _facts(lambda side: _joined(side, side.place("seconds"))), "s", None, width=_WORD_WIDTH),
        Column("users", _facts(lambda side: _most(side, LOAD_TARGET_USERS)), decimals=0, width=_WIDTH),
        Column("starts per s", _facts(lambda side: _most(side, LOAD_ARRIVAL_RATE)), decimals=1, width=_WORD_WIDTH),
        Column("state", _facts(_state), decimals=0, mappings=words_for(_STATES), width=_WORD_WIDTH),
    )


def _facts(of_side: Callable[[Side], str]) -> str:
    """A fact of each run, in a row of its own."""
    rows = (f'label_replace({of_side(side)}, "which", "{side.word}", "", "")' for side in SIDES)
    labels = "which, run, profile, shape, revision"
    return queries.by(labels, " or ".join(rows))


def _joined(side: Side, number: str) -> str:
    """A number with the run's facts as labels."""
    return f"{side.info} * {number}"


def _milliseconds(name: str, side: Side) -> str:
    return _joined(side, f"{side.place(name)} * {_MILLISECONDS}")


def _most(side: Side, metric: Metric) -> str:
    return f"max by (instance) ({side.most(metric.name)}) * on (instance) group_right () {side.info}"


def _state(side: Side) -> str:
    """Ended, under way, or neither."""
    ended = f"{_ENDED} * {side.info} and on () {side.moment(RUN_END)}"
    under_way = f"{_UNDER_WAY} * {side.info} and on () (time() - vector({side.place('end')}) < {LONGEST_PAUSE_SECONDS})"
    return f"({ended} or {under_way} or {_CUT} * {side.info})"
