"""A baseline: a number with a tolerance and a provenance, keyed by (operation, target, driver, profile)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

ANY = "*"
"""In a key: does not distinguish."""
GATE_RUNS = 5
"""The gate wants at least so many runs on either side (DESIGN.md, Degradation and severity)."""
GATE_BASELINE_RUNS = 10
"""What a baseline of the gate is recorded over, unless said otherwise: at 5 % between runs fewer show little."""
GATE_MOST_RUNS = 30
"""What is not settled after so many runs stays open."""


class Quantity(StrEnum):
    """What the value measures; R is time-like for both (above 1 is worse)."""

    DURATION = "duration_seconds"
    THROUGHPUT = "items_per_second"


@dataclass(frozen=True, slots=True)
class LoadShape:
    """How much load there was: runs under another load have no number in common.

    Attributes:
        users: at full load.
        arrival_rate: starts per second of the open model; None in the closed model.
    """

    users: int
    arrival_rate: float | None = None

    @property
    def words(self) -> str:
        """As people say it."""
        return f"{self.users} users" if self.arrival_rate is None else f"{self.arrival_rate:g} starts/s of {self.users} users"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recorded baseline keeps beside its number; a sourced one has none of it.

    Attributes:
        at: when, ISO 8601 UTC.
        host: coarse host fingerprint.
        revision: git revision, or "unknown".
        runs: k, the number of runs.
        samples: n, attempts over all runs.
        cadence_seconds: the load shape of a probe: one attempt each; None for the suite runner's, which asks without pause,
            and for a load's.
        quantiles: seconds by quantile ("0.5", "0.95", "0.99").
        edges: the histogram's edges while it was recorded, seconds.
        versions: version by component.
        load: the load shape of a load profile's; None for the other drivers'.
        operation_version: of what was measured (`operation_version.version_of`); None where an older file does not say it.
        histogram: how many successes were at or under each edge and above the one before, those above all edges last; empty
            where an older file does not say it.
        load_running: whether a load run was under way meanwhile; None where it cannot be told.
    """

    at: str
    host: str
    revision: str
    runs: int
    samples: int
    cadence_seconds: float | None
    quantiles: Mapping[str, float]
    edges: tuple[float, ...]
    versions: Mapping[str, str]
    load: LoadShape | None = None
    operation_version: str | None = None
    histogram: tuple[int, ...] = ()
    load_running: bool | None = None


NOT_JUDGING = ("operation_version", "histogram", "load_running")
"""What is kept of a recording and no rule depends on."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """One operation's line.

    Attributes:
        operation: `backend.name`.
        driver: probe, load or bench.
        target: alias, or `*`.
        profile: load profile, or `*`.
        quantity: seconds per call, or items per second.
        value: in the quantity's unit, above 0.
        tolerance: t, a fraction of the baseline.
        tolerance_is_default: the source gave none, so it is ours.
        spread: s, standard deviation of the log run means; assumed for a sourced number.
        source: where the number comes from, one line.
        recorded: how it was measured, or None for a sourced number.
    """

    operation: str
    driver: str
    quantity: Quantity
    value: float
    tolerance: float
    spread: float
    source: str
    target: str = ANY
    profile: str = ANY
    tolerance_is_default: bool = False
    recorded: Recorded | None = None

    @property
    def id(self) -> str:
        """Eight hex digits that change when anything that judges changes; rules and exporter compare them."""
        facts = asdict(self)
        for name in NOT_JUDGING if self.recorded else ():
            del facts["recorded"][name]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:8]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from all others of its kind: operation, target, driver, profile."""
        return (self.operation, self.target, self.driver, self.profile)

    @property
    def runs(self) -> int | None:
        """k, or None for a sourced constant, which has no sampling error of its own."""
        return self.recorded.runs if self.recorded else None

    @property
    def is_sourced(self) -> bool:
        """Whether the number was taken from a source, its spread being assumed."""
        return self.recorded is None

    def seconds_per_call(self, items: int) -> float:
        """The baseline as seconds per call of `items` items, whichever quantity it is kept in."""
        return self.value if self.quantity is Quantity.DURATION else items / self.value


def most_specific(
    baselines: Iterable[Baseline], operation: str, target: str, driver: str, profile: str = ANY
) -> Baseline | None:
    """The baseline that judges the key, or None where only the budget does.

    A recorded one is more specific than a sourced one of the same key; a target counts before a profile.
    """
    fitting = [
        b
        for b in baselines
        if b.operation == operation and b.driver == driver and b.target in (ANY, target) and b.profile in (ANY, profile)
    ]
    return max(fitting, key=lambda b: (b.target != ANY, b.profile != ANY, b.recorded is not None), default=None)
