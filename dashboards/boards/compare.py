"""The board "compare runs": two load runs side by side, each from its start, and the ratio of each operation's times."""

from collections.abc import Callable, Iterator
from functools import partial

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards import annotations, colours, links, queries, runs
from dashboards.board import empty, numbered
from dashboards.colours import words_for
from dashboards.panel import COLUMNS, graph, line, now, number, over_time, value
from dashboards.queries import DRIVER, OPERATION, TARGET, select
from dashboards.runs import AGAINST, COMPARED, LOAD, OTHER, RUN, SIDES, THIS, Side
from dashboards.table import Column, of
from dashboards.variables import ALL, Variable, asked, datasource, worked_out
from steadyline.boards import Board
from steadyline.load_vocabulary import LOAD_ARRIVAL_RATE, LOAD_SATURATED, LOAD_TARGET_USERS, LOAD_USERS, RUN_END, RUN_STEADY
from steadyline.severity import CRITICAL_DEGRADATION, STALE_IMPROVEMENT, WARNING_DEGRADATION, Severity
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, Driver, Metric

_BAD, _ODD = colours.COLOURS[Severity.CRITICAL], colours.COLOURS[Severity.WARNING]
_MILLISECONDS = 1000
_LONGEST_PAUSE_SECONDS = 60
"""A run without an end whose last sample is older than this is under way no more."""
_CHOSEN = (LOAD, *queries.chosen(OPERATION))
_ROW = f"{OPERATION}, {TARGET}"
_TWO = "Needs two load runs that this Prometheus still has."
_ALIGNED = "Each run begins at the left edge: a longer time shown shows more of it, whenever it was."
_NO_VERDICT = (
    "The colours are those of a regression, but one run each is an estimate and no verdict: chance alone moves it. For a "
    "verdict record baselines (`steadyline load --profile low --record`) and run again."
)
_UNDER_WAY, _ENDED, _CUT = 2, 1, 0
_WIDTH, _WORD_WIDTH, _DATE_WIDTH = 84, 110, 160
"""Of a table's columns, in pixels: at 1280 all of them are in sight."""


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.COMPARE,
        "Two load runs, each from its start: is the newer one slower, where, and may the two be compared at all?",
        _variables(),
        since="now-10m",
    )
    made = made.refresh("").annotations([*_steady_marks()])
    for panel in (same, worst, slower, trusted):
        made = made.with_panel(panel())
    made = made.with_panel(operations()).with_panel(facts())
    for graphs in (users, requests, latency, failures):
        made = made.with_panel(graphs())
    return numbered(made.build())


def _variables() -> Iterator[Variable]:
    """Two runs, where each of them lies, and the operations of both."""
    yield datasource()
    yield asked(COMPARED, "Run", runs.newest_first(runs.HORIZON), runs.NAMED)
    yield asked(AGAINST, "Against", runs.newest_first(runs.HORIZON, f'run!="${COMPARED}"'), runs.NAMED)
    for side in SIDES:
        for name, expression in side.places.items():
            yield worked_out(f"{side.variable}_{name}", expression)
    operation = asked(OPERATION, "Operation", runs.operations(), r'/operation="([^"]+)"/')
    yield operation.sort(models.VariableSort.ALPHABETICAL_ASC).multi(True).include_all(True).all_value(".*").current(ALL)


def _steady_marks() -> Iterator[annotations.Mark]:
    """Where each was steady; the moments themselves lie elsewhere than the lines, and so do alerts."""
    for side, colour in zip(SIDES, (colours.QUIET, colours.GREY), strict=True):
        moment = f"{side.moment(RUN_STEADY)} + {side.place('shift')}"
        yield annotations.moments(f"{side.word} is steady", moment, colour, f"{side.word} is steady")


def same() -> stat.Panel:
    """Whether both were asked for the same."""
    panel = number(
        "Is the load the same?",
        "Profile, shape, users of each class, and in the open model the arrival rate. Where they differ, a ratio tells of the "
        "load and not of the system: compare runs that were started alike. The table of both runs says what differs.",
        span=6,
        empty=_TWO,
    )
    asked_for = " or ".join(_of_info(side, f"round({side.most(metric.name)}, 0.001)") for side in SIDES for metric in _LOADS)
    alike = f'min(count_values by (profile, shape, user_class) ("asked", {asked_for}))'
    both = " and ".join(f"on () {side.info}" for side in SIDES)
    words = {"2": ("same load", colours.QUIET), "1": ("different load: do not compare", _BAD)}
    return panel.with_target(now(f"{alike} and {both}", "load")).mappings(words_for(words)).thresholds(colours.plain())


_LOADS = (LOAD_USERS, LOAD_ARRIVAL_RATE)


def _of_info(side: Side, expression: str) -> str:
    """With the run, its profile and its shape as labels; without the first, two runs of one instance are one series."""
    return f"{expression} * on (instance) group_left (run, profile, shape) {side.info}"


def worst() -> stat.Panel:
    """The operation that is slowest beside the other run."""
    panel = number(
        "Worst ratio of the means",
        f"Mean service time of the run over that of the other, of the operation where it is largest. {_NO_VERDICT}",
        span=6,
        empty=_TWO,
    )
    return panel.with_target(now(f"topk(1, {_ratio(_mean)})", "{{operation}}")).thresholds(colours.ratios()).decimals(2)


def slower() -> stat.Panel:
    """How many operations are slower, and how many quicker."""
    panel = number(
        "Operations slower, and faster",
        f"By the ratio of the means: slower from {1 + WARNING_DEGRADATION:g}, critical beyond {1 + CRITICAL_DEGRADATION:g}, "
        f"faster below {STALE_IMPROVEMENT:g}. Many at once point at what they share, or at chance.",
        span=6,
        empty=_TWO,
    )
    counted = {
        "slower": (f"> {1 + WARNING_DEGRADATION:g}", colours.none_wanted()),
        "critical": (f"> {1 + CRITICAL_DEGRADATION:g}", colours.none_wanted(Severity.CRITICAL)),
        "faster": (f"< {STALE_IMPROVEMENT:g}", colours.plain()),
    }
    for ref, (name, (level, steps)) in zip("ABC", counted.items(), strict=True):
        counts = f"sum({_ratio(_mean)} {level.replace(' ', ' bool ', 1)})"
        panel = panel.with_target(now(counts, name, ref)).override_by_name(name, [value("thresholds", steps.build())])
    return panel


def trusted() -> stat.Panel:
    """Whether a generator was its own bottleneck."""
    panel = number(
        "Was a generator saturated?",
        "Whether a worker of the run was the bottleneck itself in its steady phase: then its latencies are its own. Repeat "
        "that run with more workers (`--processes`) before comparing it.",
        span=6,
        empty=_TWO,
    )
    words = words_for({"0": ("no", colours.QUIET), "1": ("yes: do not trust", _BAD)})
    for ref, side in zip("AB", SIDES, strict=True):
        panel = panel.with_target(now(f"max({side.most(LOAD_SATURATED.name)})", side.word, ref))
    return panel.mappings(words).thresholds(colours.plain())


def operations() -> table.Panel:
    """Each operation of both runs, and the ratios of the one to the other."""
    rates = f"{_per_second(OTHER)} / ({_per_second(THIS)} > 0)"
    columns = [
        Column(name, expression, colours=colours.ratios, width=_WIDTH)
        for name, expression in (("ratio", _ratio(_mean)), ("ratio p95", _ratio(_p95)), ("ratio rate", rates))
    ]
    for name, measure, unit, decimals in (
        ("mean", _mean, "s", None),
        ("p95", _p95, "s", None),
        ("per s", _per_second, "none", 2),
    ):
        columns += [Column(_called(name, side), measure(side), unit, decimals, width=_WIDTH) for side in SIDES]
    columns += [
        Column(_called("failed", side), _failed(side), "percentunit", 1, colours.failing, width=_WIDTH) for side in SIDES
    ]
    return of(
        "Operations of both runs, worst first",
        "In brackets the other run. Of the steady phase; of a run that never was steady, all of it. Mean and 95th percentile "
        "of the service time, successes per second, failed share without what the end cut short. A ratio above 1 is worse: "
        "the run over the other, for the rate the other over the run; in a closed model users that wait longer ask less. "
        f"{_NO_VERDICT}",
        columns,
        labels=(OPERATION, TARGET),
        empty=_TWO,
        worst_first=("ratio",),
        links={OPERATION: _to_operation()},
        span=COLUMNS,
        height=12,
    )


def _to_operation() -> links.DataLink:
    """To its figures in the newer run."""
    chosen = {label: f"${{__data.fields.{label}}}" for label in (OPERATION, TARGET)} | {DRIVER: Driver.LOAD}
    shown = links.between(*(f"{THIS.place(name)}000" for name in ("start", "end")))
    return links.to(Board.OPERATION, "Figures of this operation in the run", chosen, shown)


def _called(name: str, side: Side) -> str:
    """A column's name: the other run's stands in brackets."""
    return name if side is THIS else f"({name})"


def facts() -> table.Panel:
    """Both runs: how they were started, when, for how long, how they ended."""
    states = {
        str(_CUT): ("cut off", _ODD),
        str(_ENDED): ("ended", colours.QUIET),
        str(_UNDER_WAY): ("under way", colours.BLUE),
    }
    begun, ended = (_facts(partial(_milliseconds, name)) for name in ("start", "end"))
    columns = (
        Column("started", begun, "dateTimeAsIso", None, width=_DATE_WIDTH),
        Column("ended", ended, "dateTimeAsIso", None, width=_DATE_WIDTH),
        Column("compared for", _facts(lambda side: _joined(side, side.place("seconds"))), "s", None, width=_WORD_WIDTH),
        Column("users", _facts(lambda side: _most(side, LOAD_TARGET_USERS)), decimals=0, width=_WIDTH),
        Column("starts per s", _facts(lambda side: _most(side, LOAD_ARRIVAL_RATE)), decimals=1, width=_WORD_WIDTH),
        Column("state", _facts(_state), decimals=0, mappings=words_for(states), width=_WORD_WIDTH),
    )
    at_its_time = links.between("${__data.fields.started.numeric}", "${__data.fields.ended.numeric}")
    return of(
        "The two runs",
        "What each was asked for, when, and how it ended; its id leads to it at its own time. Another revision is what is to "
        "be compared; another profile, shape, number of users or rate is not. Cut off: it was killed, or Prometheus lost it, "
        "and its last sample is its end.",
        columns,
        labels=("which", RUN, "profile", "shape", "revision"),
        empty=_TWO,
        worst_first=("which",),
        links={RUN: links.to(Board.LOAD, "This run at its own time", {RUN: "${__data.fields.run}"}, at_its_time)},
        span=COLUMNS,
        height=5,
    ).min_width(_WIDTH)


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
    under_way = f"{_UNDER_WAY} * {side.info} and on () (time() - vector({side.place('end')}) < {_LONGEST_PAUSE_SECONDS})"
    return f"({ended} or {under_way} or {_CUT} * {side.info})"


def users() -> timeseries.Panel:
    """The users of both, aligned."""
    panel = graph(
        "Users, each run from its start",
        f"Active users of both runs. {_ALIGNED} Where they part, the load was not the same.",
        "none",
        empty=_TWO,
    )
    return _both(panel, lambda side: f"sum({side.level(LOAD_USERS.name)})").decimals(0)


def requests() -> timeseries.Panel:
    """The successes of both, aligned."""
    panel = graph(
        "Successes per second, from the start",
        f"Of all operations chosen together. {_ALIGNED} Fewer under the same load: each user, or each start, waits longer.",
        "reqps",
        empty=_TWO,
    )
    return _both(panel, lambda side: f"sum({side.rate(_count(OPERATION_DURATION, '_count'))})")


def latency() -> timeseries.Panel:
    """The 95th percentile of each operation in both, aligned."""
    panel = graph(
        "p95 of each operation, service time",
        f"Dashed, the other run. {_ALIGNED} Choose an operation on top where the lines are too many. Apart from the start on: "
        "another revision or place; apart from some moment on: see what happened then.",
        "s",
        empty=_TWO,
    )
    return _both(panel, lambda side: _quantile(f"{_ROW}, le", side.rate(_buckets())), "{{operation}} {{target}}")


def failures() -> timeseries.Panel:
    """The failures of both by reason, aligned."""
    panel = graph(
        "Failures per second, by reason",
        f"Of all operations chosen together, without what the end cut short. Dashed, the other run. {_ALIGNED} Failures are "
        "not in the latencies: a run that fails more may look faster.",
        "reqps",
        empty="No failures in either run.",
    )
    failed = _count(OPERATION_FAILURES, "", runs.FAILED)
    return _both(panel, lambda side: f"sum by (reason) ({side.rate(failed)}) > 0", "{{reason}}")


def _both(panel: timeseries.Panel, of_side: Callable[[Side], str], legend: str = "") -> timeseries.Panel:
    """A line of each run, the other's dashed."""
    for ref, side in zip("AB", SIDES, strict=True):
        panel = panel.with_target(over_time(of_side(side), f"{side.word} {legend}".strip(), ref))
    dashes = [line()[1]] if legend else line()
    return panel.override_by_regexp(f"/^{OTHER.word}/", dashes)


def _count(metric: Metric, suffix: str, *matchers: str) -> str:
    """What may be summed over operations."""
    return select(metric, *_CHOSEN, runs.WHOLE, *matchers, suffix=suffix)


def _buckets() -> str:
    return select(OPERATION_DURATION, *_CHOSEN, suffix="_bucket")


def _mean(side: Side) -> str:
    """Of the steady phase, by operation and target."""
    busy, count = (side.increase(_ROW, select(OPERATION_DURATION, *_CHOSEN, suffix=part)) for part in ("_sum", "_count"))
    return f"({busy} / ({count} > 0))"


def _p95(side: Side) -> str:
    return f"({_quantile_of(side.increase(f'{_ROW}, le', _buckets()))})"


def _quantile(by: str, rates: str) -> str:
    return _quantile_of(f"sum by ({by}) ({rates})")


def _quantile_of(buckets: str) -> str:
    """Nothing where nothing was counted."""
    return f"histogram_quantile(0.95, {buckets}) >= 0"


def _per_second(side: Side) -> str:
    successes = side.increase(_ROW, select(OPERATION_DURATION, *_CHOSEN, suffix="_count"))
    return f"({successes} / {side.place('seconds')})"


def _failed(side: Side) -> str:
    """The share of attempts."""
    failed = side.increase(_ROW, select(OPERATION_FAILURES, *_CHOSEN, runs.FAILED))
    successes = side.increase(_ROW, select(OPERATION_DURATION, *_CHOSEN, suffix="_count"))
    return f"{failed} / ({successes} + {failed} > 0)"


def _ratio(measure: Callable[[Side], str]) -> str:
    """The one over the other: above 1 is worse."""
    return f"({measure(THIS)} / ({measure(OTHER)} > 0))"
