"""From what was asked of `steadyline load` to Locust's own command line; pure, but for a look into a locustfile."""

import difflib
import math
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import load
from load.options import expectations
from load.profiles import PROFILES, Size, size
from load.shapes import SHAPES
from steadyline import catalogue, durations
from steadyline.addresses import LOOPBACK, web_url
from steadyline.cli.run_options import command
from steadyline.errors import ConfigurationError
from steadyline.target import EMBEDDED_BACKENDS

LOCUSTFILE = Path(load.__path__[0]) / "locustfile.py"
USERS: Mapping[str, str] = {f"{backend.capitalize()}User": backend for backend in EMBEDDED_BACKENDS}
"""Each user class of that locustfile, and the backend that it asks."""
DEFAULT_USER = "TraceUser"
DEFAULT_PROFILE = "low"
CONSTANT = "constant"
SPAWN_SECONDS = 10.0
"""Without a rate and a profile all users are there after so long."""
WEB_PORT = 8089
"""Locust's own."""
TAKES_HOST = "TraceUser"
"""The class that `--host` is for."""
_WORKERS_HERE = "--processes starts workers here, --workers waits for them; give one of them"


@dataclass(frozen=True, slots=True)
class Asked:
    """A load run as it was asked for; None and empty where nothing was said.

    Attributes:
        words: user classes, and from the first word with a dash on what goes to Locust as it is.
        host: what TraceUser asks.
        profile: low, medium, high.
        shape: of the load.
        users: at full load.
        spawn_rate: users started per second.
        duration: such as `5m`.
        arrival_rate: starts per second of the open model.
        expect: criteria.
        operation: names or globs of operations.
        allow_writes: the host may be written to.
        silence: the alerts of the probes meanwhile.
        processes: worker processes here; -1 is one for each core.
        workers: of other machines, or started by hand, that the run waits for.
        web: Locust's own page instead of a run that begins at once.
        web_port: where.
        metrics_port: where the run's page is served.
        locustfile: the user's own.
        record: the run's windows become baselines.
    """

    words: tuple[str, ...] = ()
    host: str | None = None
    profile: str | None = None
    shape: str | None = None
    users: int | None = None
    spawn_rate: float | None = None
    duration: str | None = None
    arrival_rate: float | None = None
    expect: tuple[str, ...] = ()
    operation: tuple[str, ...] = ()
    allow_writes: bool = False
    silence: bool = False
    processes: int | None = None
    workers: int | None = None
    web: bool = False
    web_port: int = WEB_PORT
    metrics_port: int | None = None
    locustfile: Path | None = None
    record: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """A load run that can be started.

    Attributes:
        asked: what was asked for.
        classes: user classes that will run; empty where the user's own locustfile decides.
        backends: what they ask, as far as it is not `--host`.
        size: how many users, how long.
        rest: what goes to Locust as it is.
    """

    asked: Asked
    classes: tuple[str, ...]
    backends: tuple[str, ...]
    size: Size
    rest: tuple[str, ...]

    @property
    def has_end(self) -> bool:
        """Whether the run ends by itself."""
        return not self.asked.web and math.isfinite(self.size.duration_seconds)

    def command(self, result: Path, metrics_port: int, master_port: int) -> list[str]:
        """What runs it, as arguments of `python -m locust`.

        Args:
            result: the file for the result.
            metrics_port: where the run's page is served.
            master_port: where workers of `--processes` find their master: no other run's, and on this machine alone.
        """
        asked = self.asked
        own_workers = (
            ("--processes", asked.processes),
            ("--master-bind-host", LOOPBACK),
            ("--master-bind-port", master_port),
            ("--master-port", master_port),
        )
        said = [
            ("--host", asked.host),
            ("--profile", self.size.profile),
            ("--shape", asked.shape),
            ("--users", _users(asked)),
            ("--spawn-rate", _spawn_rate(asked)),
            ("--run-time", None if asked.duration is None else f"{math.ceil(durations.parse(asked.duration))}s"),
            ("--arrival-rate", asked.arrival_rate),
            *(("--expect", text) for text in asked.expect),
            *(("--operation", pattern) for pattern in asked.operation),
            *(own_workers if asked.processes is not None else ()),
            ("--expect-workers", asked.workers),
            ("--metrics-port", metrics_port),
            ("--result", result.absolute()),
            *((("--web-host", LOOPBACK), ("--web-port", asked.web_port)) if asked.web else ()),
        ]
        flags = {
            "--allow-writes": asked.allow_writes,
            "--silence": asked.silence,
            "--master": asked.workers is not None,
            "--headless": not asked.web,
        }
        return [
            "-f",
            str(asked.locustfile or LOCUSTFILE),
            *(f"{name}={value}" for name, value in said if value is not None),
            *(flag for flag, is_set in flags.items() if is_set),
            *self.rest,
            *self.classes,
        ]


def ordered(asked: Asked, expected: Iterable[str] = ()) -> Ordered:
    """Check all that can be checked before anything starts.

    Args:
        asked: what was said.
        expected: criteria of the settings.

    Raises:
        ConfigurationError: all that is wrong with it, at once.
    """
    faults: list[str] = []
    classes, rest = _parted(asked.words)
    if asked.locustfile is not None and not asked.locustfile.is_file():
        faults.append(f"{asked.locustfile}: no such file")
    if asked.locustfile is None:
        faults += _unknown("user class", classes, USERS)
        classes = classes or (DEFAULT_USER,)
    faults += _unknown("profile", [asked.profile] if asked.profile else [], PROFILES)
    faults += _unknown("shape", [asked.shape] if asked.shape else [], SHAPES)
    faults += _of_numbers(asked) + _of_host(asked, classes) + _of_operations(asked)
    try:
        expectations(asked.expect, tuple(expected))
    except ConfigurationError as error:
        faults += error.faults
    seconds = None
    try:
        seconds = float(math.ceil(durations.parse(asked.duration))) if asked.duration else None
    except ConfigurationError as error:
        faults += [f"--duration: {fault}" for fault in error.faults]
    if faults:
        raise ConfigurationError(faults)
    found = size(
        _profile(asked), asked.shape or CONSTANT, users=_users(asked), spawn_rate=_spawn_rate(asked), run_time=seconds
    )
    return Ordered(asked, classes, _backends(asked, classes), found, rest)


def _parted(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """User classes, and what is Locust's: only after `--` may a word with a dash stand among them."""
    at = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:at], words[at:]


def _profile(asked: Asked) -> str | None:
    """Who says nothing of the load gets the smallest profile; who says how much has said it."""
    if asked.profile or asked.web or asked.users is not None or asked.arrival_rate is not None:
        return asked.profile
    return DEFAULT_PROFILE


def _users(asked: Asked) -> int | None:
    """Where only a rate was said: as many as are busy at once when each start keeps one for a second."""
    if asked.users is None and asked.profile is None and asked.arrival_rate is not None:
        return math.ceil(asked.arrival_rate)
    return asked.users


def _spawn_rate(asked: Asked) -> float | None:
    """Locust's one per second keeps who said no rate waiting; the open model's pool only waits for its starts."""
    users = _users(asked)
    if asked.spawn_rate is not None or asked.profile is not None or users is None or asked.web:
        return asked.spawn_rate
    return float(users) if asked.arrival_rate is not None else max(1.0, users / SPAWN_SECONDS)


def _unknown(what: str, said: Iterable[str], known: Iterable[str]) -> list[str]:
    faults = []
    names = list(known)
    lower = {name.lower(): name for name in names}
    for one in said:
        if one not in names:
            near = difflib.get_close_matches(one.lower(), lower, n=1)
            hint = f"did you mean {lower[near[0]]}?" if near else f"there is {', '.join(names)}"
            faults.append(f"there is no {what} {one!r}; {hint}")
    return faults


def _of_numbers(asked: Asked) -> list[str]:
    faults = []
    for option, value in (("--spawn-rate", asked.spawn_rate), ("--arrival-rate", asked.arrival_rate)):
        if value is not None and not 0 < value < math.inf:
            faults.append(f"{option} {value:g}: give a number per second, above 0")
    if asked.processes is not None and (asked.processes == 0 or asked.processes < -1):
        faults.append(f"--processes {asked.processes}: give how many workers, or -1 for one on each core")
    if asked.processes is not None and asked.workers is not None:
        faults.append(_WORKERS_HERE)
    if asked.record and (asked.web or not (asked.profile or _profile(asked))):
        faults.append(f"--record keeps a profile's baselines: name one (--profile {'|'.join(PROFILES)}), and leave out --web")
    return faults


def _of_host(asked: Asked, classes: tuple[str, ...]) -> list[str]:
    if asked.host is None:
        return []
    try:
        web_url(asked.host)
    except ValueError as error:
        return [f"--host: {error}"]
    idle = asked.locustfile is None and TAKES_HOST not in classes and bool(set(classes) & set(USERS))
    return [f"--host is for {TAKES_HOST}; the others take their target from the settings"] if idle else []


def _of_operations(asked: Asked) -> list[str]:
    if asked.locustfile is not None:
        return []
    known = catalogue.operations()
    return [
        f"--operation {pattern!r} fits nothing; steadyline operations lists them"
        for pattern in asked.operation
        if not any(fnmatchcase(name, pattern) for name in known)
    ]


def _backends(asked: Asked, classes: tuple[str, ...]) -> tuple[str, ...]:
    """What the users ask that no host says: their targets may have to be served."""
    named = [name for name in classes if name in USERS]
    if asked.locustfile is not None and not named:
        text = asked.locustfile.read_text(encoding="utf-8", errors="replace")
        named = [name for name in USERS if re.search(rf"\b{name}\b", text)]
    hosted = {TAKES_HOST} if asked.host else set()
    return tuple(dict.fromkeys(USERS[name] for name in named if name not in hosted))


def again(asked: Asked) -> str:
    """What asks the same again, as it is typed.

    It goes into files that are shown around: in place of the host, and of what Locust's own options are given, which may be
    an address or a secret, stand HOST and VALUE.
    """
    classes, rest = _parted(asked.words)
    return command(
        "load",
        *classes,
        *(["--", *map(_bare, rest)] if rest else []),
        host="HOST" if asked.host else None,
        profile=asked.profile,
        shape=asked.shape,
        users=asked.users,
        spawn_rate=asked.spawn_rate,
        duration=asked.duration,
        arrival_rate=asked.arrival_rate,
        expect=asked.expect,
        operation=asked.operation,
        allow_writes=asked.allow_writes,
        silence=asked.silence,
        processes=asked.processes,
        workers=asked.workers,
        web=asked.web,
        locustfile=None if asked.locustfile is None else str(asked.locustfile),
    )


def _bare(word: str) -> str:
    """An option's name without what it is given."""
    if not word.startswith("-"):
        return "VALUE"
    if word.startswith("--"):
        name, given, _ = word.partition("=")
        return f"{name}=VALUE" if given else name
    return word if len(word) <= len("-x") else f"{word[: len('-x')]}VALUE"


def worker_command(asked: Asked, master: str) -> list[str]:
    """The whole command of a worker of a master elsewhere.

    Args:
        asked: user classes, the locustfile, and Locust's own options.
        master: its host, or host:port.
    """
    host, _, port = master.partition(":")
    classes, rest = _parted(asked.words)
    place = [f"--master-host={host}", *([f"--master-port={port}"] if port else [])]
    return [
        *(sys.executable, "-P", "-m", "locust", "-f", str(asked.locustfile or LOCUSTFILE), "--worker"),
        *place,
        *(f"--processes={asked.processes}" for _ in range(asked.processes is not None)),
        *rest,
        *classes,
    ]
