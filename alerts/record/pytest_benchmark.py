"""pytest-benchmark's JSON files as the gate's runs: one file is one run of each benchmark in it; pure but for `read`.

The samples of one file come from one process after another, so that they spread less than runs do: they are never cut into
several runs.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from steadyline.baseline_format import refused
from steadyline.baselines import refuse_device
from steadyline.errors import ConfigurationError
from steadyline.named_file import content_of
from steadyline.provenance import UNKNOWN

_DIRTY = "-dirty"
_SHOWN_DIGITS = 12
Key = tuple[str, str]
"""(operation, target)"""


class _Read(BaseModel):
    """What else such a file holds is no business of ours."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class _Stats(_Read):
    mean: float = Field(gt=0)
    rounds: int = Field(ge=1)
    data: list[float] = []


class _Benchmark(_Read):
    name: str
    stats: _Stats
    extra_info: dict[str, Any] = {}


class _Machine(_Read):
    host: str = ""
    node: str = ""
    machine: str = UNKNOWN
    system: str = UNKNOWN
    release: str = ""
    cpu: dict[str, Any] = {}


class _Commit(_Read):
    id: str | None = None
    dirty: bool | None = False


class _File(_Read):
    machine_info: _Machine = _Machine()
    commit_info: _Commit = _Commit()
    benchmarks: list[_Benchmark]
    datetime: str = ""


@dataclass(frozen=True, slots=True)
class Benched:
    """One operation on one target in one file.

    Attributes:
        mean_seconds: of one call.
        samples: how many calls.
        seconds: each call's; none where the file was saved without its data.
    """

    mean_seconds: float
    samples: int
    seconds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One file.

    Attributes:
        path: the file.
        at: when, ISO 8601; empty where it does not say.
        host: the fingerprint, which the tests of tests/performance tell; empty where the file is of other ones.
        node: the machine's name, which other files tell: where it is this one's, this is the host.
        machine: what is told of the machine, for people.
        revision: git revision, or "unknown".
        measured: by operation and target.
        unmapped: names of benchmarks that no operation is known for.
    """

    path: Path
    at: str
    host: str
    node: str
    machine: str
    revision: str
    measured: Mapping[Key, Benched]
    unmapped: tuple[str, ...]


def read(path: Path, operation_of: Callable[[str, Mapping[str, Any]], str | None], target: str) -> Session:
    """One file's run.

    Args:
        path: the file.
        operation_of: the operation that a benchmark measures, by its name and its extra_info; None where none is known.
        target: of what says none itself.

    Raises:
        ConfigurationError: it cannot be read, is none of pytest-benchmark's, or measures one operation twice.
    """
    file = _file(path)
    measured: dict[Key, Benched] = {}
    unmapped = []
    for one in file.benchmarks:
        operation = operation_of(one.name, one.extra_info)
        if operation is None:
            unmapped.append(one.name)
            continue
        key = (operation, str(one.extra_info.get("target") or target))
        if key in measured:
            raise ConfigurationError(f"{path}: {one.name} measures {key[0]} on {key[1]}, as another benchmark does; keep one")
        measured[key] = Benched(one.stats.mean, one.stats.rounds, tuple(one.stats.data))
    machine = file.machine_info
    revision = _revision(file.commit_info)
    return Session(path, file.datetime, machine.host, machine.node, _told(machine), revision, measured, tuple(unmapped))


def _file(path: Path) -> _File:
    refuse_device(path)
    try:
        document = json.loads(content_of(path).decode("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{path}: not JSON ({error})") from None
    except RecursionError:
        raise ConfigurationError(f"{path}: not JSON (nested too deeply)") from None
    except ValueError:
        raise ConfigurationError(f"{path}: a number has thousands of digits") from None
    if not isinstance(document, dict) or "benchmarks" not in document:
        raise ConfigurationError(f"{path}: not a file of pytest-benchmark; pytest --benchmark-json={path} writes one")
    try:
        return _File.model_validate(document)
    except ValidationError as error:
        raise refused(path, error) from None


def _told(machine: _Machine) -> str:
    """As much of a host fingerprint as such a file knows; it is never equal to one that we take."""
    cores = machine.cpu.get("count")
    told = (
        machine.cpu.get("brand_raw") or UNKNOWN,
        f"{cores} cores" if cores else "",
        f"{machine.system} {machine.release}".strip(),
        machine.machine,
    )
    return ", ".join(str(part) for part in told if part)


def _revision(commit: _Commit) -> str:
    if not commit.id or commit.id == UNKNOWN:
        return UNKNOWN
    return commit.id[:_SHOWN_DIGITS] + (_DIRTY if commit.dirty else "")


def runs_of(sessions: Iterable[Session]) -> Mapping[Key, list[Benched]]:
    """Each operation's runs, one a file that has it."""
    found: dict[Key, list[Benched]] = {}
    for session in sessions:
        for key, one in session.measured.items():
            found.setdefault(key, []).append(one)
    return found


def samples_of(runs: Iterable[Benched]) -> list[float]:
    """Every call's seconds; none where a file was saved without them, for the rest would not be all."""
    every = list(runs)
    if not all(one.seconds for one in every):
        return []
    return [seconds for one in every for seconds in one.seconds if math.isfinite(seconds)]
