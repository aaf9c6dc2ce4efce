"""What a run came to, one row an operation: measured, judged, and as exit code; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from alerts.judgement.gate import ALONE, UNSETTLED, Family, Judgement, judge
from alerts.judgement.verdict import RENEW
from runner.choice import Chosen
from runner.measured import Measured
from steadyline.baseline import Baseline
from steadyline.errors import NoDataError, UnreachableError
from steadyline.operation import MEMORY_BUDGET_BYTES
from steadyline.operation_version import version_of
from steadyline.outcome import Reason
from steadyline.severity import Severity, Verdict

REGRESSION = 1
"""Exit code: a regression at or above `--fail-on`, a broken budget, or an operation that fails."""
_LEVELS = {Severity.INFO: 1, Severity.WARNING: 2, Severity.CRITICAL: 3}
_OPEN = UNSETTLED | {Verdict.NO_DATA}
_MILDER = (Verdict.SUSPECT, Verdict.INCONCLUSIVE, Verdict.NO_DATA, Verdict.IMPROVED, Verdict.OK, None)
"""What is no alarm, worst first; no baseline at all is last."""


@dataclass(frozen=True, slots=True)
class Row:
    """One operation on one target; times in seconds, memory in bytes, None where there is no such number.

    Attributes:
        operation: its full name.
        target: the target's alias.
        suite: performance, stress or scalability.
        items: how many one call handles.
        n: attempts that succeeded.
        run_means: the mean of each run, in order; what is judged.
        mean: exponential of their mean logarithm.
        p50: median of all samples.
        p95: None under 20 samples.
        p99: None under 100 samples.
        slowest: of any attempt, a failed one too.
        items_per_second: items over the mean.
        peak_memory: highest resident memory of the runner's process meanwhile.
        memory_growth: the most that it grew by in one run, the warm-up included.
        allocated: peak of Python's allocations in one attempt, where that was asked.
        failures: how many attempts failed, by reason.
        detail: the last failure's cause.
        budget: its absolute limit.
        broken: the absolute limits that it broke, in words.
        baseline: what it is held to, per call.
        tolerance: a fraction.
        source: where the baseline is from.
        baseline_runs: k; None for a sourced number.
        ratio: R, above 1 worse.
        lower99: it is surely above this, at the level that detects.
        lower90: likewise, at the level that grades.
        upper90: it is surely below this.
        verdict: of the table; None where no baseline fits.
        reason: of the verdict.
        operation_version: of what was measured; None where it is not known.
    """

    operation: str
    target: str
    suite: str
    items: int
    n: int
    run_means: tuple[float, ...]
    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    slowest: float
    items_per_second: float | None
    peak_memory: int | None
    memory_growth: int | None
    allocated: int | None
    failures: Mapping[str, int]
    detail: str
    budget: float
    broken: tuple[str, ...]
    baseline: float | None = None
    tolerance: float | None = None
    source: str = "none"
    baseline_runs: int | None = None
    ratio: float | None = None
    lower99: float | None = None
    lower90: float | None = None
    upper90: float | None = None
    verdict: Verdict | None = None
    reason: str = ""
    operation_version: str | None = None

    @property
    def severity(self) -> Severity | None:
        """How bad it is: a broken budget or a failure is critical; None where it is no alarm."""
        if self.broken or self.failures:
            return Severity.CRITICAL
        return Severity(self.verdict.lower()) if self.verdict in (Verdict.CRITICAL, Verdict.WARNING, Verdict.INFO) else None

    def fails(self, fail_on: Severity) -> bool:
        """Whether it is at or above that severity."""
        return self.severity is not None and _LEVELS[self.severity] >= _LEVELS[fail_on]

    @property
    def is_open(self) -> bool:
        """Whether nothing can be said of it: too few runs, or not settled."""
        return not self.n or self.verdict in _OPEN

    @property
    def state(self) -> str:
        """One word or a few for the table's last column."""
        if self.failures:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.failures.items())
            return f"FAILED {reasons}"
        if self.broken:
            return f"CRITICAL {', '.join(self.broken)}"
        if not self.n:
            return "not measured"
        return self.verdict.value if self.verdict else self.unjudged

    @property
    def unjudged(self) -> str:
        """Why it has no verdict, in a word or two: a baseline that is shown and does not judge is of elsewhere."""
        return "not comparable" if self.baseline else "no baseline"


@dataclass(frozen=True, slots=True)
class Table:
    """All rows, worst first, and what was not measured.

    Attributes:
        rows: of what was asked.
        unreachable: one sentence for each target that did not answer.
    """

    rows: tuple[Row, ...]
    unreachable: tuple[str, ...] = ()

    def exit_code(self, fail_on: Severity) -> int:
        """By DESIGN.md: a regression before an unreachable target, and that before what nothing can be said of."""
        if any(row.fails(fail_on) for row in self.rows):
            return REGRESSION
        if self.unreachable:
            return UnreachableError.exit_code
        return NoDataError.exit_code if any(row.is_open for row in self.rows) else 0


def row(measured: Measured, baseline: Baseline | None, of: Family = ALONE, *, is_renewable: bool = True) -> Row:
    """One operation's row; `of` is what it is judged with, `is_renewable` whether the baseline can be recorded anew."""
    operation = measured.chosen.operation
    found = judge(measured.run_means, baseline, operation.items, of) if baseline else None
    estimate, memory = found.estimate if found else None, measured.memory
    return Row(
        operation=operation.name,
        target=measured.chosen.alias,
        suite=operation.suite.value,
        items=operation.items,
        n=len(measured.seconds),
        run_means=tuple(measured.run_means),
        mean=measured.mean_seconds,
        p50=measured.quantile(0.5),
        p95=measured.quantile(0.95),
        p99=measured.quantile(0.99),
        slowest=measured.slowest_seconds,
        items_per_second=measured.items_per_second,
        peak_memory=memory.peak_bytes if memory else None,
        memory_growth=memory.growth_bytes if memory else None,
        allocated=measured.allocated_bytes,
        failures={reason.value: count for reason, count in measured.failures.items()},
        detail=measured.detail,
        budget=operation.budget_seconds,
        broken=tuple(_broken(measured)),
        ratio=found.ratio if found else None,
        lower99=estimate.lower99 if estimate else None,
        lower90=estimate.lower90 if estimate else None,
        upper90=estimate.upper90 if estimate else None,
        verdict=found.verdict if found else None,
        reason=_reason(found) if is_renewable else _reason(found).removesuffix(RENEW),
        operation_version=version_of(operation),
        **_held(baseline, operation.items),
    )


def _reason(found: Judgement | None) -> str:
    return found.reason if found else "its budget alone judges"


def _held(baseline: Baseline | None, items: int) -> dict[str, Any]:
    if baseline is None:
        return {}
    return {
        "baseline": baseline.seconds_per_call(items),
        "tolerance": baseline.tolerance,
        "source": baseline.source,
        "baseline_runs": baseline.runs,
    }


def _broken(measured: Measured) -> Iterable[str]:
    """Absolute limits are judged apart from baselines; a timeout counts as over budget."""
    budget = measured.chosen.operation.budget_seconds
    if measured.slowest_seconds > budget or measured.failures[Reason.TIMEOUT]:
        yield f"over its budget of {budget:g} s"
    if measured.memory and measured.memory.breaks(MEMORY_BUDGET_BYTES):
        yield f"over {MEMORY_BUDGET_BYTES / 1e6:g} MB of memory"


def unmeasured(chosen: Chosen, baseline: Baseline, why: str) -> Row:
    """The row of one that was not measured, because what it would be held to says nothing of it."""
    return replace(row(Measured(chosen), baseline), reason=why)


def uncompared(measured: Measured, baseline: Baseline, why: str) -> Row:
    """The row of one that was measured, and that its baseline says nothing of."""
    found = row(measured, None)
    return replace(found, reason=f"{why}: held to its budget alone", **_held(baseline, found.items))


def worst_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Alarms by severity, then what is open, then the rest; what fails before what is slow, and that by its lower limit."""
    return tuple(sorted(rows, key=_badness))


def _badness(row: Row) -> tuple[int, bool, bool, float]:
    place = -_LEVELS[row.severity] if row.severity else 1 + _MILDER.index(row.verdict)
    return place, not row.failures, not row.broken, -(row.lower99 or row.ratio or 0)


def plain_row(found: Row) -> dict[str, Any]:
    """The row for programs."""
    return {**asdict(found), "severity": found.severity, "state": found.state}
