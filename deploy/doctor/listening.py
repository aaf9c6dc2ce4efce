"""Whether each part of the stack has its port: free to be taken, or held by the part itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from deploy.compose.project import Container
from deploy.doctor.finding import Finding, fault, ok, several, unknown
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from deploy.native import layout, ports, record
from deploy.native.program import Program
from deploy.native.programs import NEEDS
from steadyline.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Port:
    """One port of the native stack.

    Attributes:
        name: the program's.
        number: where it listens, or would.
        free: nobody listens there.
        ours: it is held by that program of this stack.
        holder: who holds it, in words.
        cure: which setting moves it.
    """

    name: str
    number: int
    free: bool
    ours: bool
    holder: str
    cure: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The ports.

    Attributes:
        native: those of the native stack.
        running: names of its programs that run.
        published: those of docker compose's containers.
        elsewhere: the stack's parts are in containers beside this one.
    """

    native: tuple[Port, ...] = ()
    running: tuple[str, ...] = ()
    published: tuple[Container, ...] = ()
    elsewhere: bool = False


def gather(scene: Scene) -> Facts:
    """Try each port; where it is taken, look for who holds it."""
    if not scene.is_native:
        return Facts(published=tuple(scene.services), elsewhere=scene.in_container)
    programs = layout.programs(scene.settings, {need.name: need.name for need in NEEDS})
    own, listeners = _own_pids(scene), _listeners()
    return Facts(tuple(_port(program, own, listeners) for program in programs), tuple(one.name for one in scene.programs))


def _own_pids(scene: Scene) -> dict[int, str]:
    try:
        known = record.read(scene.settings.state)
    except ConfigurationError:
        known = None
    found = record.leftovers(known) if known else {}
    return {process.pid: name for name, processes in found.items() for process in processes}


def _port(program: Program, own: dict[int, str], listeners: dict[int, int]) -> Port:
    refused = ports.refused(program.port)
    pid = listeners.get(program.port)
    return Port(
        name=program.name,
        number=program.port,
        free=refused is None,
        ours=pid is not None and own.get(pid) == program.name,
        holder=ports.described(pid) if refused else "",
        cure=ports.cure(program),
    )


def _listeners() -> dict[int, int]:
    try:
        return ports.listeners()
    except psutil.Error:
        return {}


def port(facts: Facts) -> Iterator[Finding]:
    """A fault for each port that another program holds, or at which a program of ours that runs does not listen."""
    if facts.published:
        yield ok(f"{sum(len(one.ports) for one in facts.published)} ports are published by docker compose")
    elif facts.elsewhere:
        yield unknown("the stack's other parts are in containers of their own, whose ports are not seen from here")
    for one in facts.native:
        if one.free and one.name in facts.running:
            yield fault(f"{one.name} runs, and does not listen on port {one.number}", "steadyline down, then steadyline up")
        elif not one.free and not one.ours:
            yield fault(f"port {one.number} ({one.name}) is taken by {one.holder}", f"stop that, or {one.cure}")
    good = [one for one in facts.native if one.ours or (one.free and one.name not in facts.running)]
    if facts.native and len(good) == len(facts.native):
        held = [str(one.number) for one in good if one.ours]
        free = [str(one.number) for one in good if one.free]
        told = [f"held by this stack: {several(held, 9)}"] if held else []
        yield ok("; ".join([*told, *([f"free: {several(free, 9)}"] if free else [])]))


SUBJECT = Subject("ports", gather, (port,))
