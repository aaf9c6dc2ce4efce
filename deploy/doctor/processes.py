"""What of the stack runs, what of it should and does not, and what a killed one has left behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.compose.project import Container
from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from deploy.native import record, socket_folder
from deploy.native.layout import STACK_OPTION
from deploy.native.stack import ORPHANED, ProgramStatus
from deploy.native.supervisor_client import ProgramState
from load.publisher import discovery
from steadyline.errors import ConfigurationError
from steadyline.state import State

DOWN = "run steadyline down, then steadyline up"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is there.

    Attributes:
        state: the state folder.
        programs: of the native stack.
        halted: names of those that are stopped (SIGSTOP) and do nothing.
        services: containers of docker compose's stack.
        elsewhere: a Prometheus of the user's own, or one in another container, is asked: nothing has to run here.
        stale: the record of a stack of which nothing runs any more.
        strays: processes of native stacks whose state folder knows nothing of them: name and pid.
        sockets: folders of supervisors' sockets at which nobody listens.
        load_pages: files that name pages of load runs to Prometheus, whose runs are over.
    """

    state: Path
    programs: tuple[ProgramStatus, ...] = ()
    halted: tuple[str, ...] = ()
    services: tuple[Container, ...] = ()
    elsewhere: bool = False
    stale: bool = False
    strays: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    load_pages: tuple[str, ...] = ()


def gather(scene: Scene) -> Facts:
    """Look at the record, the processes and the files."""
    state = scene.settings.state
    try:
        known = record.read(state)
    except ConfigurationError:
        known = None  # told among the settings' faults
    return Facts(
        state=state.root,
        programs=tuple(scene.programs),
        halted=tuple(one.name for one in scene.programs if one.pid and _is_halted(one.pid)),
        services=tuple(scene.services),
        elsewhere=scene.settings.prometheus_url is not None or scene.in_container,
        stale=known is not None and not scene.programs,
        strays=tuple(strays()),
        sockets=tuple(str(folder) for folder in socket_folder.stale(socket_folder.candidates(scene.environ))),
        load_pages=tuple(path.name for path in discovery.stale(state.load_targets)),
    )


def _is_halted(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def strays() -> Iterator[str]:
    """Programs of native stacks that no `steadyline down` will find: their folder's record is gone, or of another stack."""
    for process in psutil.process_iter(["pid", "name", "cmdline"]):
        mark = next((word for word in process.info["cmdline"] or () if word.startswith(f"{STACK_OPTION}=")), None)
        if mark and not record.path(State(Path(mark.partition("=")[2]))).is_file():
            yield f"{process.info['name']} (pid {process.info['pid']}) of {mark.partition('=')[2]}"


def programs(facts: Facts) -> Iterator[Finding]:
    """A fault for each program of the native stack that does not run; a warning where nothing runs at all."""
    if not facts.programs and not facts.services:
        yield (
            unknown(f"nothing runs with {facts.state}; another Prometheus is asked")
            if facts.elsewhere
            else warning(f"nothing runs with {facts.state}", "start it: steadyline up")
        )
    bad = [one for one in facts.programs if one.state != ProgramState.RUNNING]
    for one in facts.programs:
        if one.name in facts.halted:
            yield fault(f"{one.name} is stopped, and does nothing", f"let it go on: kill -CONT {one.pid}")
    if facts.programs and not bad and not facts.halted:
        yield ok(f"{len(facts.programs)} programs run")
    for one in bad:
        yield _bad(one)


def _bad(one: ProgramStatus) -> Finding:
    if one.state == ORPHANED:
        return fault(f"{one.name} (pid {one.pid}) runs without the supervisor that started it", DOWN)
    if one.state == ProgramState.STARTING:
        return warning(f"{one.name} is starting", "ask again in a moment")
    return fault(f"{one.name} is {one.state}", f"its log says why: {one.log}; then {DOWN}")


def containers(facts: Facts) -> Iterator[Finding]:
    """A fault for each container of docker compose's stack that is not well."""
    bad = [one for one in facts.services if not one.good]
    if facts.services and not bad:
        yield ok(f"{len(facts.services)} containers of docker compose are well")
    for one in bad:
        yield fault(f"container {one.service} is {one.told}", f"its log says why: docker compose logs {one.service}")


def leftovers(facts: Facts) -> Iterator[Finding]:
    """A warning for what a killed stack or load run has left: a record, sockets, stray programs, pages to scrape."""
    if facts.stale:
        yield warning(f"{facts.state} has the record of a stack that is gone", "tidy up: steadyline down")
    if facts.strays:
        cure = "end these processes by their ids; the folder from which one would stop them is gone"
        yield warning(f"{len(facts.strays)} programs of stacks without a record: {several(list(facts.strays))}", cure)
    if facts.sockets:
        told = several(list(facts.sockets))
        yield warning(f"sockets of supervisors that are gone: {told}", f"rm -r {' '.join(facts.sockets)}")
    if facts.load_pages:
        pages = several(list(facts.load_pages))
        yield warning(f"load runs that were killed are still scraped: {pages}", "the next load run removes these files")
    if not (facts.stale or facts.strays or facts.sockets or facts.load_pages):
        yield ok("nothing is left of stacks or load runs that were killed")


SUBJECT = Subject("processes", gather, (programs, containers, leftovers))
