"""Waiting for a program: ready, or one message that names it, its log and the log's last lines."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.native.program import Program
from deploy.native.supervisor_client import DEAD, DOWN, ProgramState, Supervisor
from deploy.native.supervisord_config import log_file
from steadyline.errors import UnreachableError
from steadyline.redaction import redact
from steadyline.state import State

READY_SECONDS = 60
"""Prometheus replays its log after a crash before it is ready; the others need a second or two."""
ANSWER_SECONDS = 2
POLL_SECONDS = 0.1
TAIL_LINES = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """The clock that waiting goes by."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Starting:
    """A program that was told to start.

    Attributes:
        program: which.
        log: its log file.
        before: how long its log was.
    """

    program: Program
    log: Path
    before: int


def begin(program: Program, supervisor: Supervisor, log: Path) -> Starting:
    """Tell the supervisor to start a program."""
    before = log.stat().st_size if log.exists() else 0
    supervisor.start(program.name)
    return Starting(program, log, before)


def await_ready(starting: Starting, supervisor: Supervisor, pace: Pace) -> None:
    """Return once the program answers at its ready URL.

    Raises:
        UnreachableError: it ended, or did not get ready in time.
    """
    program, log, before = starting.program, starting.log, starting.before
    deadline = pace.now() + READY_SECONDS
    first_pid = None
    with httpx.Client(timeout=ANSWER_SECONDS, **program.web.asking()) as http:
        while not _answers(http, program.ready_url):
            info = supervisor.process(program.name)
            first_pid = first_pid or info.pid
            if info.state in DEAD or info.pid != first_pid:
                raise UnreachableError(f"{program.name} ended while it started ({info.described}); {ending(log, before)}")
            if pace.now() > deadline:
                raise UnreachableError(
                    f"{program.name} was not ready within {READY_SECONDS} s at {program.ready_url}; {ending(log, before)}"
                )
            pace.sleep(POLL_SECONDS)


def settle(programs: Iterable[Program], supervisor: Supervisor, state: State, pace: Pace) -> None:
    """Return once the supervisor, too, takes each of these ready programs for running: a second after it began.

    Raises:
        UnreachableError: one ended after all.
    """
    for program in programs:
        while (info := supervisor.process(program.name)).state is not ProgramState.RUNNING:
            if info.state in DEAD:
                raise UnreachableError(
                    f"{program.name} ended soon ({info.described}); {ending(log_file(state, program.name))}"
                )
            pace.sleep(POLL_SECONDS)


def opened_at(program: Program) -> str:
    """The first of its pages that is there."""
    with httpx.Client(timeout=ANSWER_SECONDS, **program.web.asking()) as http:
        return next((url for url in program.urls if _answers(http, url)), program.urls[0])


def await_stopped(name: str, seconds: float, supervisor: Supervisor, pace: Pace) -> bool:
    """Whether a program that was asked to stop did within that time."""
    deadline = pace.now() + seconds
    while supervisor.process(name).state not in DOWN:
        if pace.now() > deadline:
            return False
        pace.sleep(POLL_SECONDS)
    return True


def ending(log: Path, before: int = 0) -> str:
    """Where the log is, and its last lines after the first `before` bytes, without secrets."""
    said = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
    last = [line.rstrip() for line in said.splitlines() if line.strip()][-TAIL_LINES:]
    shown = "\n  ".join(["its last lines:", *last]) if last else "it says nothing"
    return f"its log is {log}; {redact(shown)}"


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
