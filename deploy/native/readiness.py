"""Waiting for a program: ready, or one message that names it, its log and the log's last lines."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.native.program import Program
from deploy.native.supervisor_client import DEAD, DOWN, Supervisor
from steadyline.errors import UnreachableError
from steadyline.redaction import redact

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


def await_ready(program: Program, supervisor: Supervisor, log: Path, pace: Pace) -> None:
    """Return once the program answers at its ready URL.

    Raises:
        UnreachableError: it ended, or did not get ready in time.
    """
    deadline = pace.now() + READY_SECONDS
    first_pid = None
    with httpx.Client(trust_env=False, timeout=ANSWER_SECONDS) as http:
        while not _answers(http, program.ready_url):
            info = supervisor.process(program.name)
            first_pid = first_pid or info.pid
            if info.state in DEAD or info.pid != first_pid:
                raise UnreachableError(f"{program.name} ended while it started ({info.described}); {ending(log)}")
            if pace.now() > deadline:
                raise UnreachableError(
                    f"{program.name} was not ready within {READY_SECONDS} s at {program.ready_url}; {ending(log)}"
                )
            pace.sleep(POLL_SECONDS)


def await_stopped(name: str, seconds: float, supervisor: Supervisor, pace: Pace) -> bool:
    """Whether a program that was asked to stop did within that time."""
    deadline = pace.now() + seconds
    while supervisor.process(name).state not in DOWN:
        if pace.now() > deadline:
            return False
        pace.sleep(POLL_SECONDS)
    return True


def ending(log: Path) -> str:
    """Where the log is, and its last lines."""
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            last = list(deque((line.rstrip() for line in lines if line.strip()), maxlen=TAIL_LINES))
    except OSError:
        last = []
    said = "\n  ".join(["its last lines:", *last]) if last else "it says nothing"
    return f"its log is {log}; {redact(said)}"


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
