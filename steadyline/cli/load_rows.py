"""What a load run came to, one row an operation: measured, held to its profile's baselines, and as exit code; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alerts.judgement.gate import UNSETTLED, Family, Judgement, judge
from steadyline.baseline import GATE_RUNS, Baseline, LoadShape, most_specific
from steadyline.cli.load_result import MEAN, Counted, Result
from steadyline.cli.run_rows import REGRESSION
from steadyline.errors import NoDataError
from steadyline.operation import Operation
from steadyline.outcome import Reason
from steadyline.severity import Severity, Verdict
from steadyline.vocabulary import Driver

_FAILS = (Verdict.WARNING, Verdict.CRITICAL)
_OPEN = UNSETTLED | {Verdict.NO_DATA}
_ORDER = (Verdict.CRITICAL, Verdict.WARNING, Verdict.SUSPECT, Verdict.INCONCLUSIVE, Verdict.INFO)


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One operation on one target; times in seconds, None where there is no such number.

    Attributes:
        operation: its full name.
        target: the target's alias.
        attempts: that have an outcome.
        failures: by reason, those that the end cut short too.
        rate: attempts per second over the whole run.
        mean: service time of the successes.
        p50: likewise.
        p95: likewise.
        p99: likewise.
        response_p95: from the moment they were meant to start; in the open model.
        windows: of the steady phase; what is judged.
        baseline: what it is held to, per call.
        tolerance: a fraction.
        source: where the baseline is from.
        ratio: R, above 1 worse.
        lower90: it is surely above this, at the level that grades.
        upper90: it is surely below this.
        verdict: of the table; None where no baseline fits.
        reason: of the verdict.
    """

    operation: str
    target: str
    attempts: int
    failures: Mapping[str, int]
    rate: float
    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    response_p95: float | None
    windows: int
    baseline: float | None = None
    tolerance: float | None = None
    source: str = "none"
    ratio: float | None = None
    lower90: float | None = None
    upper90: float | None = None
    verdict: Verdict | None = None
    reason: str = ""

    @property
    def failed(self) -> int:
        """Without those that the end cut short."""
        return sum(count for reason, count in self.failures.items() if reason != Reason.CANCELLED)

    @property
    def severity(self) -> Severity | None:
        """Of the verdict; None where it is no alarm."""
        return Severity(self.verdict.lower()) if self.verdict in (*_FAILS, Verdict.INFO) else None

    @property
    def state(self) -> str:
        """A few words for the table's last column."""
        failed = {reason: count for reason, count in self.failures.items() if reason != Reason.CANCELLED}
        told = [f"{count} {reason}" for reason, count in failed.items()]
        if self.verdict is Verdict.NO_DATA:
            told.append(f"not judged: {self.windows} of {GATE_RUNS} windows")
        elif self.verdict is not None:
            told.append(self.severity.upper() if self.severity else self.verdict)
        return ", ".join(told)


@dataclass(frozen=True, slots=True)
class Judged:
    """All rows, worst first.

    Attributes:
        rows: of operations, flows and names.
        refused: why the baselines of the profile judge nothing here; empty where they do, or there are none.
    """

    rows: tuple[LoadRow, ...]
    refused: str = ""

    @property
    def held(self) -> list[LoadRow]:
        """Those that a baseline judges."""
        return [row for row in self.rows if row.verdict is not None]

    def exit_code(self, locust: int) -> int:
        """Locust's own where that is not 0; else whether something got slower, or nothing can be said of it.

        One operation that is inconclusive or had too few windows is told, and fails nothing; all of them do.
        """
        if locust or not self.held:
            return locust
        verdicts = [row.verdict for row in self.held]
        if any(verdict in _FAILS for verdict in verdicts):
            return REGRESSION
        is_open = Verdict.SUSPECT in verdicts or all(verdict in _OPEN for verdict in verdicts)
        return NoDataError.exit_code if is_open else 0


def judged(result: Result, baselines: Iterable[Baseline], operations: Mapping[str, Operation]) -> Judged:
    """Hold a run to the recorded baselines of its profile.

    Args:
        result: of the run.
        baselines: all that are known.
        operations: the catalogue, by name.
    """
    known = [one for one in baselines if one.driver == Driver.LOAD and one.profile == result.profile and one.recorded]
    refused = _refused(result, known)
    fitting = [] if refused else [one for one in known if one.recorded and one.recorded.load == result.load]
    together = Family(len(fitting))
    rows = [_row(one, result, fitting, operations, together) for one in result.operations]
    return Judged(tuple(sorted(rows, key=_badness)), refused)


def _refused(result: Result, known: Sequence[Baseline]) -> str:
    measured = {(one.operation, one.target) for one in result.operations}
    held = [one for one in known if (one.operation, one.target) in measured]
    if not result.profile or not held:
        return ""
    if not result.has_one_level:
        return f"not judged: the shape {result.shape} holds several levels of load, and a baseline is of one"
    loads: set[LoadShape] = {one.recorded.load for one in held if one.recorded and one.recorded.load}
    if result.load not in loads:
        told = ", ".join(sorted(load.words for load in loads))
        return f"not judged: the baselines of {result.profile} are of {told}, and this run was of {result.load.words}"
    return ""


def _row(
    one: Counted, result: Result, baselines: Sequence[Baseline], operations: Mapping[str, Operation], together: Family
) -> LoadRow:
    service, response = one.service or {}, one.response or {}
    windows = result.windows_of(one.operation, one.target)
    operation = operations.get(one.operation)
    baseline = most_specific(baselines, one.operation, one.target, Driver.LOAD, result.profile) if operation else None
    found: Judgement | None = None
    if operation and baseline:
        found = judge([mean for mean, _ in windows], baseline, operation.items, together)
    return LoadRow(
        operation=one.operation,
        target=one.target,
        attempts=one.attempts,
        failures=one.failures,
        rate=one.rate_per_second,
        mean=service.get(MEAN),
        p50=service.get("0.5"),
        p95=service.get("0.95"),
        p99=service.get("0.99"),
        response_p95=response.get("0.95"),
        windows=len(windows),
        baseline=baseline.seconds_per_call(operation.items) if baseline and operation else None,
        tolerance=baseline.tolerance if baseline else None,
        source=baseline.source if baseline else "none",
        ratio=found.ratio if found else None,
        lower90=found.estimate.lower90 if found and found.estimate else None,
        upper90=found.estimate.upper90 if found and found.estimate else None,
        verdict=found.verdict if found else None,
        reason=found.reason if found else "",
    )


def _badness(row: LoadRow) -> tuple[int, int, float, str]:
    """Failures first, then by verdict and ratio; the rest by name."""
    verdict = _ORDER.index(row.verdict) if row.verdict in _ORDER else len(_ORDER)
    return (0 if row.failed else 1, verdict, -(row.ratio or 0.0), row.operation)


def plain(row: LoadRow) -> dict[str, Any]:
    """The row for programs."""
    return {**asdict(row), "severity": row.severity}
