"""Which operations are slower in one run than in the other, and by how much."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, table

from dashboards import colours, links
from dashboards.colours import words_for
from dashboards.measures import NOTHING_IN_BOTH, comparable, failed, mean, p95, per_second, ratio, ratio_of_rates
from dashboards.panel import COLUMNS, now, number, value
from dashboards.queries import DRIVER, OPERATION, TARGET
from dashboards.runs import SIDES, THIS, Side
from dashboards.table import Column, of
from dashboards.words import NO_TWO_RUNS
from steadyline.boards import Board
from steadyline.severity import CRITICAL_DEGRADATION, STALE_IMPROVEMENT, WARNING_DEGRADATION, Severity
from steadyline.vocabulary import Driver

_NO_VERDICT = (
    "The colours are those of a regression, but one run each is an estimate and no verdict: chance alone moves it. For a "
    "verdict record baselines (`steadyline load --profile low --record`) and run again."
)
_NONE = words_for({str(NOTHING_IN_BOTH): ("none in both", colours.GREY)})
"""Two runs of which no operation can be compared: there is no ratio."""
_WIDTH = 84
"""Of a column of figures, in pixels: at 1280 all of them are in sight."""


def worst() -> stat.Panel:
    """The operation that is slowest beside the other run."""
    panel = number(
        "Worst ratio of the means",
        f"Mean service time of the run over that of the other, of the operation where it is largest. "
        f"None in both: no operation succeeded in both runs. {_NO_VERDICT}",
        span=6,
        empty=NO_TWO_RUNS,
    )
    worst_of_all = comparable(f"topk(1, {ratio(mean)})")
    return panel.with_target(now(worst_of_all, "{{operation}}")).thresholds(colours.ratios()).mappings(_NONE).decimals(2)


def slower() -> stat.Panel:
    """How many operations are slower, and how many quicker."""
    panel = number(
        "Operations slower, and faster",
        f"By the ratio of the means: slower from {1 + WARNING_DEGRADATION:g}, critical beyond {1 + CRITICAL_DEGRADATION:g}, "
        f"faster below {STALE_IMPROVEMENT:g}. Many at once point at what they share, or at chance. None in both: no operation "
        "succeeded in both runs.",
        span=6,
        empty=NO_TWO_RUNS,
    )
    counted = {
        "slower": (f"> {1 + WARNING_DEGRADATION:g}", colours.none_wanted()),
        "critical": (f"> {1 + CRITICAL_DEGRADATION:g}", colours.none_wanted(Severity.CRITICAL)),
        "faster": (f"< {STALE_IMPROVEMENT:g}", colours.plain()),
    }
    for ref, (name, (level, steps)) in zip("ABC", counted.items(), strict=True):
        counts = comparable(f"sum({ratio(mean)} {level.replace(' ', ' bool ', 1)})")
        panel = panel.with_target(now(counts, name, ref)).override_by_name(name, [value("thresholds", steps.build())])
    return panel.mappings(_NONE)


def operations() -> table.Panel:
    """Each operation of both runs, and the ratios of the one to the other."""
    return of(
        "Operations of both runs, worst first",
        "In brackets the other run. Of the steady phase; of a run that never was steady, all of it. Mean and 95th percentile "
        "of the service time, successes per second, failed share without what the end cut short. A ratio above 1 is worse: "
        "the run over the other, for the rate the other over the run; in a closed model users that wait longer ask less. "
        f"{_NO_VERDICT}",
        [*_ratios(), *_figures()],
        labels=(OPERATION, TARGET),
        empty=NO_TWO_RUNS,
        worst_first=("ratio",),
        links={OPERATION: _to_operation()},
        span=COLUMNS,
        height=12,
    )


def _ratios() -> Iterator[Column]:
    found = {"ratio": ratio(mean), "ratio p95": ratio(p95), "ratio rate": ratio_of_rates()}
    for name, expression in found.items():
        yield Column(name, expression, colours=colours.ratios, width=_WIDTH, empty="not in both")


def _figures() -> Iterator[Column]:
    """Those of both runs beside each other."""
    for name, measure, unit, decimals, steps in (
        ("mean", mean, "s", None, None),
        ("p95", p95, "s", None, None),
        ("per s", per_second, "none", 2, None),
        ("failed", failed, "percentunit", 1, colours.failing),
    ):
        for side in SIDES:
            yield Column(_called(name, side), measure(side), unit, decimals, steps, width=_WIDTH)


def _to_operation() -> links.DataLink:
    """To its figures in the newer run."""
    chosen = {label: f"${{__data.fields.{label}}}" for label in (OPERATION, TARGET)} | {DRIVER: Driver.LOAD}
    shown = links.between(*(f"{THIS.place(name)}000" for name in ("start", "end")))
    return links.to(Board.OPERATION, "Figures of this operation in the run", chosen, shown)


def _called(name: str, side: Side) -> str:
    """A column's name: the other run's stands in brackets."""
    return name if side is THIS else f"({name})"
