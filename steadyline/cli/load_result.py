"""The result files of load runs, as Locust's side writes them, read with a sentence for each that is none."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from load.result import QUANTILES, VERSION
from load.shapes import SHAPES, shape
from steadyline.baseline import LoadShape
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.named_file import content_of
from steadyline.outcome import Reason

MEAN = "mean"
Times = Mapping[str, float]
"""Seconds: the mean, and each quantile by its name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One name on one target; `load.result` says what each is."""

    operation: str
    backend: str
    target: str
    attempts: int
    successes: int
    failures: Mapping[str, int]
    items: int
    rate_per_second: float
    service: Times | None
    response: Times | None
    edges: tuple[float, ...]
    histogram: tuple[int, ...] = ()

    @property
    def failed(self) -> int:
        """What the end cut short is no failure of the target."""
        return sum(count for reason, count in self.failures.items() if reason != Reason.CANCELLED)


@dataclass(frozen=True, slots=True)
class Windowed:
    """The windows of one name on one target: mean seconds, and how many successes."""

    operation: str
    backend: str
    target: str
    runs: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Stood:
    """How a criterion stood in the end."""

    criterion: str
    operation: str
    statistic: str
    limit: float
    value: float | None
    met: int | None


@dataclass(frozen=True, slots=True)
class Point:
    """The run at one moment, since the one before; `load.course` says what each is."""

    seconds: float
    users: int
    per_second: float
    failed_per_second: float
    p50: float | None
    p95: float | None
    p99: float | None
    target_users: int | None = None
    wanted_per_second: float | None = None
    dropped_per_second: float | None = None
    response_p95: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One load run; `load.result` says what each is. What older files do not say is empty.

    Attributes:
        host: coarse fingerprint of the master's.
        versions: version by component.
        command: what repeats it; `steadyline load` notes it, Locust alone does not.
    """

    version: int
    run: str
    start: float
    steady: float | None
    end: float
    profile: str
    shape: str
    users: int
    arrival_rate: float | None
    revision: str
    operations: tuple[Counted, ...]
    windows: tuple[Windowed, ...]
    dropped: int
    criteria: tuple[Stood, ...]
    knee: str | None
    saturated: tuple[str, ...]
    exit_code: int | None
    reasons: tuple[str, ...]
    course: tuple[Point, ...] = ()
    host: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""

    @property
    def load(self) -> LoadShape:
        """How much load there was."""
        return LoadShape(self.users, self.arrival_rate)

    @property
    def has_one_level(self) -> bool:
        """Whether all windows were under the same load: not those of a shape that holds several levels for a while."""
        if self.shape not in SHAPES:
            return False
        pieces = shape(self.shape, SHAPES[self.shape].usual_seconds or 1.0).pieces
        return all(piece.first == 1 for piece in pieces if piece.steady)

    def windows_of(self, operation: str, target: str) -> tuple[tuple[float, int], ...]:
        """The means and successes of its windows."""
        return next((one.runs for one in self.windows if (one.operation, one.target) == (operation, target)), ())


_RESULT = TypeAdapter(Result)


def read(path: Path) -> Result:
    """The result in a file.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        document: Any = json.loads(content_of(path).decode("utf-8"))
        if document["version"] > VERSION:
            raise ConfigurationError(f"{path}: version {document['version']} is newer than {VERSION}; use a newer steadyline")
        found: Result = _RESULT.validate_python(document)
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no such file") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        raise ConfigurationError(f"{path}: not the result of a load run; steadyline load writes them") from None
    return found


def is_one(text: str) -> bool:
    """Whether a file's text means to be the result of a load run, rather than one of the suite runner's."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "windows" in document


def latest(folder: Path, profile: str) -> Path:
    """The file of the last run of a profile.

    Raises:
        NoDataError: there is none.
    """
    runs = []
    for path in folder.glob("*.json"):
        try:
            found = read(path)
        except ConfigurationError:  # of a run that was ended while it wrote, or of an older version
            continue
        if found.profile == profile:
            runs.append((found.start, path))
    if not runs:
        raise NoDataError(
            f"no load run of the profile {profile} was made here yet; steadyline load --profile {profile} makes one"
        )
    return max(runs)[1]


def alike(results: Iterable[Result]) -> Result:
    """The last of them, where all are of one profile and under one load.

    Raises:
        ConfigurationError: they are not.
    """
    found = sorted(results, key=lambda one: one.start)
    last = found[-1]
    for one in found:
        if (one.profile, one.load) != (last.profile, last.load):
            raise ConfigurationError(
                f"run {one.run} was of profile {one.profile or 'none'}, {one.load.words}, and run {last.run} of "
                f"{last.profile or 'none'}, {last.load.words}: a baseline is of one load"
            )
    return last


def quantiles(times: Times | None) -> dict[str, float]:
    """The quantiles alone."""
    return {name: times[name] for name in QUANTILES if name in times} if times else {}
