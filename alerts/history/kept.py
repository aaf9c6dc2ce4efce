"""What the history keeps: a run with its circumstances, and what each of its operations came to."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from steadyline.baseline import ANY, LoadShape


class Kind(StrEnum):
    """Which command made a run."""

    RUN = "run"
    COMPARE = "compare"
    RECORD = "record"
    AB = "ab"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class KeptResult:
    """One operation on one target; times in seconds, None where there is no such number.

    Attributes:
        operation: its full name.
        target: the target's alias.
        operation_version: changes when what it does changes; None where it was not known.
        n: attempts that succeeded.
        run_means: the mean of each round or window, in their order; what is judged.
        p50: median of all samples.
        p95: likewise.
        p99: likewise.
        failures: how many attempts failed, by reason.
        verdict: what it was judged, at that time; None where no baseline was there.
        ratio: R at that time.
    """

    operation: str
    target: str
    n: int
    run_means: tuple[float, ...]
    operation_version: str | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    failures: Mapping[str, int] = field(default_factory=dict)
    verdict: str | None = None
    ratio: float | None = None

    @property
    def mean_seconds(self) -> float | None:
        """The exponential of the run means' mean logarithm, as a baseline keeps it; None without a run above 0."""
        means = self.run_means
        return statistics.geometric_mean(means) if means and min(means) > 0 else None


@dataclass(frozen=True, slots=True)
class KeptRun:
    """One run, or one side of a comparison of two.

    Attributes:
        id: of the run; both sides of a comparison have the same.
        kind: which command made it.
        driver: probe, load or bench.
        started: Unix time.
        ended: Unix time.
        host: coarse host fingerprint.
        revision: git revision, or "unknown".
        results: of its operations.
        side: `a` or `b` of a comparison of two; empty for all else.
        profile: load profile, or `*`.
        load: how much load there was; None for the other drivers.
        cadence_seconds: a probe's.
        versions: version by component.
        seed: of the order's dice.
        interrupted: whether it was ended early.
    """

    id: str
    kind: Kind
    driver: str
    started: float
    ended: float
    host: str
    revision: str
    results: tuple[KeptResult, ...] = ()
    side: str = ""
    profile: str = ANY
    load: LoadShape | None = None
    cadence_seconds: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    interrupted: bool = False
