"""`steadyline baseline list`: every operation on every target, what judges it, and what that can see."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from alerts.judgement.judged import budget_z
from alerts.judgement.limits import Limits, Rule, limits_of
from steadyline import catalogue
from steadyline.baseline import ANY, Baseline, most_specific
from steadyline.cli import cells
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import Driver

BUDGET_ONLY = "budget only"
TOLERANCE = "±: the tolerance, which is no uncertainty of the mean; * our default"
SHOWS = f"shows: the smallest slowdown of the baseline that is a warning, at once and over {LIVE.slow_runs} runs; {TOLERANCE}"
LEGEND = f"{SHOWS}; blind below: this system is so much faster that slowdowns of it are not shown below this"
MOST_SHOWN = 1000
"""A slowdown beyond it is told as that: the digits of such a one say nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One operation on one target, as `--json` prints it; None where only the budget judges.

    Attributes:
        operation: its full name.
        target: the target's alias.
        profile: of load runs; `*` for the other drivers.
        load: how much load that is, in words.
        held: recorded, sourced or budget only.
        baseline_seconds: per call.
        tolerance: a fraction.
        tolerance_is_default: the source gave none.
        runs: k; None for a sourced number, too.
        spread: between runs, as measured; assumed for a sourced number.
        fast_warning_ratio: the smallest ratio to the baseline that the fast rule calls a warning.
        slow_warning_ratio: likewise the slow rule.
        present_seconds: what it takes now, where Prometheus knows.
        blind_below_factor: slowdowns of what it takes now are not shown below this.
        id: of the baseline.
        source: where it is from.
    """

    operation: str
    target: str
    held: str
    baseline_seconds: float | None = None
    tolerance: float | None = None
    tolerance_is_default: bool = False
    runs: int | None = None
    spread: float | None = None
    fast_warning_ratio: float | None = None
    slow_warning_ratio: float | None = None
    present_seconds: float | None = None
    blind_below_factor: float | None = None
    id: str | None = None
    source: str = "none"
    profile: str = ANY
    load: str = ""


def rows(
    settings: Settings, baselines: Iterable[Baseline], present: Mapping[tuple[str, str], float], driver: str = Driver.PROBE
) -> list[Row]:
    """The catalogue over the settings' targets; `present` is the mean of now by operation and target.

    What a baseline can show is told where the rules judge by constants, the schedule's and a load profile's. The gate takes
    both sides' runs.
    """
    operations = catalogue.operations()
    known, z = list(baselines), budget_z(operations, settings)
    return [
        _row(operation, alias, most_specific(known, name, alias, driver), present.get((name, alias)), z)
        for backend in catalogue.backends()
        for alias in settings.targets_of(backend)
        for name, operation in operations.items()
        if operation.backend == backend
    ]


def load_rows(settings: Settings, baselines: Iterable[Baseline], profile: str | None = None) -> list[Row]:
    """The recorded baselines of load profiles, or of one: what else is asked under load is held to nothing."""
    operations = catalogue.operations()
    z = budget_z(operations, settings)
    chosen = [one for one in baselines if one.driver == Driver.LOAD and one.recorded and profile in (None, one.profile)]
    return [
        _row(operations[one.operation], one.target, one, None, z)
        for one in sorted(chosen, key=lambda one: (one.profile, one.operation, one.target))
    ]


def elsewhere(baselines: Iterable[Baseline], driver: str) -> Iterator[str]:
    """A sentence for each other driver that something was recorded of."""
    counts = Counter(one.driver for one in baselines if one.recorded and one.driver != driver)
    for other, count in sorted(counts.items()):
        yield f"{count} recorded of another driver: steadyline baseline list --driver {other}"


def _row(operation: Operation, target: str, baseline: Baseline | None, present: float | None, z: float) -> Row:
    if baseline is None:
        return Row(operation.name, target, BUDGET_ONLY, present_seconds=present)
    limits = limits_of(baseline, z) if baseline.driver != Driver.BENCH else None
    seconds = baseline.seconds_per_call(operation.items)
    return Row(
        operation=operation.name,
        target=target,
        held="sourced" if baseline.is_sourced else "recorded",
        baseline_seconds=seconds,
        tolerance=baseline.tolerance,
        tolerance_is_default=baseline.tolerance_is_default,
        runs=baseline.runs,
        spread=baseline.spread,
        fast_warning_ratio=limits.threshold(Severity.WARNING, Rule.FAST) if limits else None,
        slow_warning_ratio=limits.threshold(Severity.WARNING, Rule.SLOW) if limits else None,
        present_seconds=present,
        blind_below_factor=limits.blind_factor(present / seconds) if limits and present else None,
        id=baseline.id,
        source=baseline.source,
        profile=baseline.profile,
        load=baseline.recorded.load.words if baseline.recorded and baseline.recorded.load else "",
    )


def as_json(found: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows for programs."""
    return [asdict(row) for row in found]


def _baseline(row: Row) -> str:
    if row.baseline_seconds is None or row.tolerance is None:
        return row.held
    return f"{cells.seconds(row.baseline_seconds)} ±{row.tolerance:.0%}{'*' if row.tolerance_is_default else ''} {row.held}"


def _spread(row: Row) -> str:
    if row.spread is None:
        return cells.NOTHING
    return f"{row.spread:.1%}" + ("" if row.runs else " assumed")


def _blind(factor: float | None) -> str:
    """Only where it is far: below that the two steps tell more."""
    return cells.multiple(factor) if factor and factor > LIVE.blind_factor else cells.NOTHING


def steps(fast: float | None, slow: float | None) -> str:
    """The smallest slowdowns of the baseline that give a warning: `+41% / +18%`, `3.2x` where percents tell less."""
    if fast is None or slow is None:
        return cells.NOTHING
    return " / ".join(map(_step, (fast, slow)))


def _step(ratio: float) -> str:
    if ratio > MOST_SHOWN:
        return f"over {MOST_SHOWN}x"
    return f"{ratio:.1f}x" if ratio >= LIVE.blind_factor else f"+{ratio - 1:.0%}"


def limits_steps(limits: Limits) -> str:
    """Likewise of limits."""
    return steps(*(limits.threshold(Severity.WARNING, rule) for rule in (Rule.FAST, Rule.SLOW)))


_PROFILE: tuple[str, Callable[[Row], str], int] = ("profile", lambda row: row.profile, 0)
_PRESENT: tuple[tuple[str, Callable[[Row], str], int], ...] = (
    ("now", lambda row: cells.seconds(row.present_seconds), 80),
    ("blind below", lambda row: _blind(row.blind_below_factor), 90),
)
_LOAD: tuple[str, Callable[[Row], str], int] = ("load", lambda row: row.load, 100)
COLUMNS: tuple[tuple[str, Callable[[Row], str], int], ...] = (
    ("operation", lambda row: row.operation, 0),
    ("target", lambda row: row.target, 100),
    _PROFILE,
    _LOAD,
    ("baseline", _baseline, 0),
    ("runs", lambda row: str(row.runs or cells.NOTHING), 110),
    ("spread", _spread, 120),
    ("shows (fast / slow)", lambda row: steps(row.fast_warning_ratio, row.slow_warning_ratio), 0),
    *_PRESENT,
)
"""Heading, cell, and from which terminal width on it is shown."""


def table(found: Iterable[Row], width: int) -> Table:
    """The rows for people, in as many columns as the terminal has room for; those of profiles where there are such."""
    rows = list(found)
    of_load = any(row.load for row in rows)
    left_out = _PRESENT if of_load else (_PROFILE, _LOAD)
    shown = [column[:2] for column in COLUMNS if width >= column[2] and column not in left_out]
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading, _ in shown:
        drawn.add_column(heading, no_wrap=True)
    for row in rows:
        drawn.add_row(*(cell(row) for _, cell in shown))
    return drawn
