"""The native stack as a whole: start it in order, stop it in reverse order, say what of it runs."""

import getpass
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.native import configuration, layout, ports, record, socket_folder, supervisord_config
from deploy.native.program import Program
from deploy.native.readiness import Pace, await_ready, await_stopped, begin, ending, opened_at, settle
from deploy.native.record import Entry, Record
from deploy.native.supervisor_client import DOWN, Supervisor, SupervisorGoneError, connected
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Settings
from steadyline.state import State

Step = Callable[[str], AbstractContextManager[object]]
"""Shown around each step, with what it does."""
Shield = Callable[[], AbstractContextManager[object]]
"""Entered where an interruption must wait a moment."""

ORPHANED = "ORPHANED"
"""It runs, but the supervisor that started it is gone."""
_GRACE_SECONDS = 10
_PACE = Pace()


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """One program of a stack.

    Attributes:
        name: as in `settings.ports`.
        state: supervisord's word (RUNNING, STARTING, BACKOFF, FATAL, STOPPED …), or ORPHANED.
        pid: its process, where there is one.
        url: what to open.
        tells: what one sees there.
        log: its log file.
    """

    name: str
    state: str
    pid: int | None
    url: str
    tells: str
    log: Path


def running(settings: Settings) -> list[ProgramStatus]:
    """What of the native stack runs with this state folder, in the order in which it started; empty where nothing does."""
    known = record.read(settings.state)
    if known is None:
        return []
    try:
        with connected(Path(known.socket)) as supervisor:
            infos = {info.name: (str(info.state), info.pid) for info in supervisor.processes().values()}
    except SupervisorGoneError:
        infos = {name: (ORPHANED, found[0].pid) for name, found in record.leftovers(known).items()}
    return [
        ProgramStatus(entry.name, *infos[entry.name], entry.url, entry.tells, Path(entry.log))
        for entry in known.programs
        if entry.name in infos
    ]


def supervised(settings: Settings) -> bool:
    """Whether a supervisor runs with this state folder."""
    known = record.read(settings.state)
    return known is not None and known.alive


def stopped_within(settings: Settings, seconds: float) -> bool:
    """Whether the stack's record goes within that time: whoever stops it removes that last."""
    deadline = _PACE.now() + seconds
    while record.read(settings.state) is not None:
        if _PACE.now() > deadline:
            return False
        _PACE.sleep(0.05)
    return True


def start(
    settings: Settings,
    tools: Mapping[str, str],
    environ: Mapping[str, str],
    step: Step = nullcontext,
    shield: Shield = nullcontext,
) -> list[ProgramStatus]:
    """Start everything in order, each stage once the one before is ready; what a killed stack left is ended first.

    Args:
        settings: what the programs get too, by the same environment and working folder.
        tools: full paths by the names in `programs.NEEDS`.
        environ: the environment that the programs inherit.
        step: entered around each step.
        shield: entered where an interruption would lose track of a process.

    Raises:
        ConfigurationError: the stack runs already, ports are taken, or a configuration is refused; nothing was started.
        UnreachableError: a program ended or did not get ready; everything is stopped again.
    """
    state = settings.state
    supervisord_config.check_path(state.root)
    if supervised(settings):
        raise ConfigurationError(f"a stack runs already with {state.root}; `steadyline down` stops it")
    stop(settings, step)
    programs = layout.programs(settings, tools)
    ports.check_free(programs)
    with step("rules and configuration"):
        configuration.write(settings, programs, tools)
    try:
        _start_all(programs, settings, layout.environment(settings, programs, environ), step, shield)
    except BaseException:
        stop(settings, step)
        raise
    return running(settings)


def stop(settings: Settings, step: Step = nullcontext) -> bool:
    """Stop everything in reverse order; answer whether there was anything.

    Raises:
        UnreachableError: some processes cannot be stopped; the text names them.
    """
    known = record.read(settings.state)
    if known is None:
        return False
    with suppress(SupervisorGoneError):  # it was killed; what it left is ended below
        _stop_supervised(known, step)
    stubborn = _end_leftovers(known, step)
    if stubborn:
        raise UnreachableError(f"these cannot be stopped: {', '.join(stubborn)}; end them by hand, then run steadyline down")
    socket_folder.remove(Path(known.socket))
    record.path(settings.state).unlink(missing_ok=True)
    return True


def _start_all(
    programs: Sequence[Program], settings: Settings, environ: Mapping[str, str], step: Step, shield: Shield
) -> None:
    state = settings.state
    socket = socket_folder.make(socket_folder.candidates(environ))
    known = Record(str(socket), tuple(_entry(program, program.urls[0], state) for program in programs))
    record.write(known, state)
    try:
        with connected(socket) as supervisor:
            with step("supervisor"), shield():
                known = known.of(_launch(programs, state, socket, environ, supervisor))
                record.write(known, state)
            for stage in sorted({program.stage for program in programs}):
                _start_stage([program for program in programs if program.stage == stage], state, supervisor, step)
            settle(programs, supervisor, state, _PACE)
        known = replace(known, programs=tuple(_entry(program, opened_at(program), state) for program in programs))
        record.write(known, state)
    except SupervisorGoneError:
        log = supervisord_config.log_file(state, "supervisor")
        raise UnreachableError(f"the supervisor ended; {ending(log)}") from None


def _start_stage(programs: Iterable[Program], state: State, supervisor: Supervisor, step: Step) -> None:
    """Start programs side by side, and return once all are ready."""
    starting = [begin(program, supervisor, supervisord_config.log_file(state, program.name)) for program in programs]
    for one in starting:
        with step(one.program.name):
            await_ready(one, supervisor, _PACE)


def _entry(program: Program, url: str, state: State) -> Entry:
    log = supervisord_config.log_file(state, program.name)
    return Entry(program.name, url, program.tells, str(log), program.stop_seconds)


def _launch(
    programs: Sequence[Program], state: State, socket: Path, environ: Mapping[str, str], supervisor: Supervisor
) -> int:
    """Start supervisord, which goes to the background once it listens; answer its process id."""
    user = getpass.getuser() if os.geteuid() == 0 else None
    config = state.generated / "supervisord.conf"
    config.write_text(supervisord_config.render(programs, state, socket, user), encoding="utf-8")
    command = [sys.executable, "-P", "-m", "supervisor.supervisord", "-c", str(config)]
    done = subprocess.run(command, env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise UnreachableError(
            f"supervisord did not start: {(done.stderr or done.stdout).strip()} (its configuration is {config})"
        )
    deadline = _PACE.now() + _GRACE_SECONDS
    while True:
        try:
            return supervisor.pid()
        except SupervisorGoneError as error:
            if _PACE.now() > deadline:
                log = supervisord_config.log_file(state, "supervisor")
                raise UnreachableError(f"supervisord does not answer at {socket} ({error}); {ending(log)}") from None
            _PACE.sleep(0.05)


def _stop_supervised(known: Record, step: Step) -> None:
    with connected(Path(known.socket)) as supervisor:
        states = supervisor.processes()
        for entry in reversed(known.programs):
            if states[entry.name].state not in DOWN:
                with step(f"stop {entry.name}"):
                    supervisor.stop(entry.name)
                    await_stopped(entry.name, entry.stop_seconds + _GRACE_SECONDS, supervisor, _PACE)
        supervisor.shutdown()
    deadline = _PACE.now() + _GRACE_SECONDS
    while known.alive and _PACE.now() < deadline:
        _PACE.sleep(0.05)


def _end_leftovers(known: Record, step: Step) -> list[str]:
    """End what a killed supervisor, or a killed program of ours, left; answer what would not go."""
    stubborn = [f"supervisord (pid {process.pid})" for process in record.end(known.supervisor(), _GRACE_SECONDS)]
    left = record.leftovers(known)
    for entry in reversed(known.programs):
        if entry.name in left:
            with step(f"stop {entry.name}, left by a supervisor that was killed"):
                still = record.end(left[entry.name], entry.stop_seconds)
                stubborn += [f"{entry.name} (pid {process.pid})" for process in still]
    return stubborn
