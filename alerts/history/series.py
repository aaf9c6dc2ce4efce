"""Series out of kept runs: what may be put on one line, and what has to be told apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from alerts.history.kept import KeptResult, KeptRun, Kind
from steadyline.baseline import ANY, LoadShape


@dataclass(frozen=True, slots=True)
class Key:
    """Runs that differ in any of it have no number in common.

    Attributes:
        operation: its full name.
        target: the target's alias.
        driver: probe, load or bench.
        host: coarse host fingerprint.
        profile: load profile, or `*`.
        load: how much load there was; None where there was none beside the operation's own.
        cadence_seconds: a probe's.
        operation_version: None where it was not known.
    """

    operation: str
    target: str
    driver: str
    host: str
    profile: str = ANY
    load: LoadShape | None = None
    cadence_seconds: float | None = None
    operation_version: str | None = None

    def differences(self, other: "Key") -> str:
        """What tells it from the other one, in words."""
        differing = (one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name))
        return ", ".join(f"{name.replace('_', ' ')} {self._words(name)}" for name in differing)

    def _words(self, name: str) -> str:
        value = getattr(self, name)
        if value is None:
            return "none" if name == "load" else "unknown"
        return value.words if isinstance(value, LoadShape) else str(value)


@dataclass(frozen=True, slots=True)
class Point:
    """One run in a series.

    Attributes:
        at: when it started, Unix time.
        revision: git revision, or "unknown".
        seconds: the exponential of its run means' mean logarithm.
    """

    at: float
    revision: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Series:
    """Runs of one key.

    Attributes:
        key: what they have in common.
        points: oldest first; at least one.
    """

    key: Key
    points: tuple[Point, ...]

    @property
    def seconds(self) -> list[float]:
        """Their times."""
        return [point.seconds for point in self.points]

    @property
    def latest(self) -> Point:
        """The last run."""
        return self.points[-1]


def series_of(runs: Iterable[KeptRun]) -> list[Series]:
    """One series for each key, in the order of their last runs; read once, run by run.

    A comparison of two is left out: both sides shared the machine with the other one.
    """
    found: dict[Key, list[Point]] = {}
    for run in runs:
        if run.kind is not Kind.AB:
            for result in run.results:
                seconds = result.mean_seconds
                if seconds is not None:
                    point = Point(run.started, run.revision, seconds)
                    found.setdefault(_key(run, result), []).append(point)
    made = [Series(key, tuple(sorted(points, key=lambda point: point.at))) for key, points in found.items()]
    return sorted(made, key=lambda one: one.latest.at)


def _key(run: KeptRun, result: KeptResult) -> Key:
    return Key(
        operation=result.operation,
        target=result.target,
        driver=run.driver,
        host=run.host,
        profile=run.profile,
        load=run.load,
        cadence_seconds=run.cadence_seconds,
        operation_version=result.operation_version,
    )


def current(found: Sequence[Series]) -> dict[Series, list[Series]]:
    """The series with the last run of each operation, target and driver, by name; and those that are told apart from it."""
    by_name: dict[tuple[str, str, str], list[Series]] = {}
    for one in found:
        by_name.setdefault((one.key.operation, one.key.target, one.key.driver), []).append(one)
    return {group[-1]: group[:-1] for _, group in sorted(by_name.items())}
