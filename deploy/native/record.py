"""What is known of a started stack between commands: its supervisor, its socket, its programs; and what a killed one left."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from deploy.native import process_identity
from deploy.native.process_identity import has_ended
from steadyline.errors import ConfigurationError
from steadyline.state import State

_OUR_SOCKET = "SUPERVISOR_SERVER_URL"
_OUR_NAME = "SUPERVISOR_PROCESS_NAME"
"""supervisord gives both to each program it starts; the socket's folder is new for each stack, so they name ours surely."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A program as it was started: the settings may have changed since."""

    name: str
    url: str
    tells: str
    log: str
    stop_seconds: int


@dataclass(frozen=True, slots=True)
class Record:
    """A stack.

    Attributes:
        socket: where the supervisor listens.
        programs: in the order in which they were started.
        pid: the supervisor's process id; None while it is being started.
        began: when that process began, seconds after the machine did: a pid alone may be another process by now.
        created: the same moment as Unix time, by the clock as it was set then.
    """

    socket: str
    programs: tuple[Entry, ...]
    pid: int | None = None
    began: float | None = None
    created: float | None = None

    def of(self, pid: int) -> "Record":
        """The same with its supervisor."""
        process = psutil.Process(pid)
        return replace(self, pid=pid, began=process_identity.since_boot(process), created=process.create_time())

    def supervisor(self) -> list[psutil.Process]:
        """The supervisor's process, where it is still there."""
        process = process_identity.find(self.pid, self.began) if self.pid and self.began is not None else None
        return [process] if process else []

    @property
    def alive(self) -> bool:
        """Whether the supervisor runs."""
        return bool(self.supervisor())


def path(state: State) -> Path:
    """Where the record is kept."""
    return state.root / "supervisor.json"


def write(record: Record, state: State) -> None:
    """Keep it; whole or not at all."""
    draft = path(state).with_suffix(".draft")
    draft.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    draft.replace(path(state))


def read(state: State) -> Record | None:
    """The record, or None where no stack was started.

    Raises:
        ConfigurationError: the file is not one of ours.
    """
    try:
        facts = json.loads(path(state).read_text(encoding="utf-8"))
        programs = tuple(Entry(**entry) for entry in facts["programs"])
        return Record(facts["socket"], programs, facts["pid"], facts.get("began"), facts["created"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path(state)}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{path(state)}: not what `steadyline up` wrote; delete it if nothing runs") from None


def leftovers(record: Record) -> dict[str, list[psutil.Process]]:
    """Programs of this stack that run, by name, whoever their parent is now."""
    found: dict[str, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        try:
            environ = process.environ()
            if environ.get(_OUR_SOCKET) == f"unix://{record.socket}" and not has_ended(process):
                found.setdefault(environ.get(_OUR_NAME, "?"), []).append(process)
        except (psutil.Error, OSError):
            continue  # another user's, or gone meanwhile
    return found


def end(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Terminate, kill what has not ended by then; answer those that are still there."""
    left = list(processes)
    for send in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            try:
                send(process)
            except psutil.Error:
                continue
        _, left = psutil.wait_procs([process for process in left if not has_ended(process)], timeout=seconds)
        left = [process for process in left if not has_ended(process)]
    return left
