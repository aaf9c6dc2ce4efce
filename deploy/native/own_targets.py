"""The embedded targets of one run, where no stack runs: on free ports, in a folder of their own, gone when the run is."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from deploy.native import layout, leash, process_identity, stack
from deploy.native.program import HOST, Program
from deploy.native.readiness import ANSWER_SECONDS, POLL_SECONDS, READY_SECONDS, ending
from steadyline.addresses import LOOPBACK
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Ports, Settings

_MODULE = "-m"


@dataclass(frozen=True, slots=True)
class _Served:
    """A target that was started."""

    program: Program
    process: "subprocess.Popen[bytes]"
    log: Path


@contextmanager
def served(settings: Settings, backends: Iterable[str]) -> Iterator[Settings]:
    """The settings by which the backends' targets are reached; the embedded ones are served where no stack serves them.

    With a stack up on this state folder they are the stack's. Else they are this run's own: nothing else asks them, and what
    they hold is empty at the start, so that runs are alike. They end with this process, however it ends.

    Raises:
        UnreachableError: one did not start; the text shows its log's last lines.
        ConfigurationError: the state folder cannot be written.
    """
    wanted = list(backends)
    if not any(target.embedded for backend in wanted for target in settings.targets_of(backend).values()) or is_stack_up(
        settings
    ):
        yield settings
        return
    with own_folder(settings) as folder, serving(settings, wanted, folder) as own:
        yield own


@contextmanager
def own_folder(settings: Settings) -> Iterator[Path]:
    """A folder for what this process alone needs; gone at the end, and at the next one's start where this one was killed.

    Raises:
        ConfigurationError: the state folder cannot be written.
    """
    folder = _own_folder(settings.state.runs)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(settings: Settings, backends: Iterable[str], folder: Path, sources: Path | None = None) -> Iterator[Settings]:
    """Serve the backends' embedded targets on free ports; they end with this process, however it ends.

    Args:
        settings: of which ports and state folder are replaced.
        backends: whose.
        folder: for their data and logs.
        sources: the checkout whose targets they are; where not given, those that are installed.

    Raises:
        UnreachableError: one did not start; the text shows its log's last lines.
    """
    own = settings.model_copy(update={"state_dir": folder, "ports": _free_ports(settings.ports)})
    with ExitStack() as until_end:
        for stage in _stages(layout.targets(own, backends)):
            started = [until_end.enter_context(_running(program, own, sources)) for program in stage]
            for one in started:
                _await_ready(one)
        yield own


def is_stack_up(settings: Settings) -> bool:
    """Whether a stack's targets are asked: a native one runs on this state folder, or they have other hosts, in containers."""
    return settings.hosts.trace != LOOPBACK or any(program.state == "RUNNING" for program in stack.running(settings))


def _own_folder(runs: Path) -> Path:
    """A folder that tells whose it is; those of runs that were killed go."""
    try:
        runs.mkdir(parents=True, exist_ok=True)
        for left in runs.iterdir():
            if not process_identity.find_named(left.name):
                shutil.rmtree(left, ignore_errors=True)
        folder = runs / process_identity.name(psutil.Process())
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{runs}: cannot be written: {error.strerror}; set state_dir to a folder that can") from None
    return folder


def _free_ports(ports: Ports) -> Ports:
    """A free port for each; all are held until the last one is found, so that none is found twice."""
    with ExitStack() as holding:
        found = {}
        for name in Ports.model_fields:
            probe = holding.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            probe.bind((HOST, 0))
            found[name] = probe.getsockname()[1]
    return ports.model_copy(update=found)


def _stages(programs: Iterable[Program]) -> list[list[Program]]:
    """Programs of one stage start side by side."""
    found: dict[int, list[Program]] = {}
    for program in programs:
        found.setdefault(program.stage, []).append(program)
    return [found[stage] for stage in sorted(found)]


def _leashed(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command with the leash before its module; by its path, for other sources may have none."""
    at = command.index(_MODULE)
    return (*command[:at], leash.__file__, *command[at + 1 :])


def _environment(settings: Settings, sources: Path | None) -> dict[str, str]:
    """Other sources come before what is installed, and before what stands in PYTHONPATH."""
    inherited = layout.of_targets(settings, os.environ)
    if sources is None:
        return inherited
    paths = [str(sources), *filter(None, [inherited.get("PYTHONPATH")])]
    return {**inherited, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def _running(program: Program, settings: Settings, sources: Path | None) -> Iterator[_Served]:
    log = settings.state.root / f"{program.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own modules
            _leashed(program.command),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(settings, sources),
            start_new_session=True,  # Ctrl-C is for the run, which still has to clean up with them
        )
    try:
        yield _Served(program, process, log)
    finally:
        process.terminate()
        try:
            process.wait(program.stop_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()


def _await_ready(one: _Served) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with httpx.Client(trust_env=False, timeout=ANSWER_SECONDS) as http:
        while not _answers(http, one.program.ready_url):
            if one.process.poll() is not None:
                raise UnreachableError(f"the embedded {one.program.name} target ended while it started; {ending(one.log)}")
            if time.monotonic() > deadline:
                raise UnreachableError(
                    f"the embedded {one.program.name} target was not ready within {READY_SECONDS} s; {ending(one.log)}"
                )
            time.sleep(POLL_SECONDS)


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
