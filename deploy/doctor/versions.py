"""Whether everything is of a version that does: Python, packages, Prometheus and Alertmanager, Docker, Grafana."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from deploy.compose import docker
from deploy.doctor import side_by_side
from deploy.doctor.alertmanager import Alertmanager
from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.lock import Difference, differences
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from deploy.native.machine import Machine
from deploy.native.packages import instruction
from deploy.native.programs import ALERTMANAGER, PROMETHEUS, Survey, dotted, survey
from steadyline.errors import SteadylineError
from steadyline.grafana import Grafana

PYTHON = (3, 11)
"""As pyproject.toml's requires-python."""
GRAFANA = (11, 6)
"""The boards are made with the SDK of this one, which older ones may not draw as meant."""
LOCK = Path(__file__).parents[2] / "requirements" / "runtime.txt"
"""Of a checkout; a wheel has none."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The versions found, as numbers; None of what was not there to be asked.

    Attributes:
        python: of this interpreter.
        ours: steadyline's own.
        locked: where what is installed differs from the lock; None without a lock.
        programs: Prometheus' and Alertmanager's on PATH.
        needed: whether these have to be here.
        instruction: how to get the missing ones.
        running: of the Prometheus, Alertmanager and Grafana that answer, by name.
        docker: the engine's version, or why there is none.
        docker_fault: what is wrong with an engine that answers.
    """

    python: tuple[int, ...]
    ours: str
    locked: tuple[Difference, ...] | None
    programs: Survey
    needed: bool
    instruction: str
    running: Mapping[str, tuple[int, ...]]
    docker: str
    docker_fault: str


def gather(scene: Scene) -> Facts:
    """Ask the programs and the servers side by side."""
    machine, seconds = Machine.of(scene.environ), scene.patience.of_an_answer
    questions: dict[str, Callable[[], Any]] = {
        "Prometheus": lambda: _asked(scene.prometheus.version),
        "Alertmanager": lambda: _asked(lambda: Alertmanager(scene.settings.alertmanager, seconds).version()),
        "Grafana": lambda: _asked(lambda: Grafana(scene.settings.grafana, timeout_seconds=seconds).version()),
        "programs": lambda: survey(machine),
        "docker": lambda: _docker(scene),
    }
    running = side_by_side.answers(questions, scene.patience.of_a_subject)
    found = running.pop("programs", Survey({}, (), {}))
    engine, wrong = running.pop("docker", ("an engine that does not answer in time", ""))
    return Facts(
        python=tuple(sys.version_info[:3]),
        ours=installed(),
        locked=differences(LOCK),
        programs=found,
        needed=scene.needs_programs or bool(scene.programs),
        instruction=instruction(found.packages, machine) if found.missing else "",
        running={name: numbers for name, numbers in running.items() if numbers},
        docker=engine,
        docker_fault=wrong,
    )


def _asked(ask: Callable[[], str]) -> tuple[int, ...]:
    """The version that a server tells; nothing where none answers, which is told among what can be reached."""
    try:
        return numbers(ask())
    except SteadylineError:
        return ()


def numbers(text: str) -> tuple[int, ...]:
    """The leading numbers of a version: 2.42.0+ds is (2, 42, 0)."""
    found = []
    for part in text.split("."):
        digits = part[: next((at for at, one in enumerate(part) if not one.isdigit()), len(part))]
        if not digits:
            break
        found.append(int(digits))
        if digits != part:
            break
    return tuple(found)


def installed() -> str:
    """The version of this command; nothing where it runs uninstalled."""
    try:
        return version("steadyline")
    except PackageNotFoundError:
        return ""


def _docker(scene: Scene) -> tuple[str, str]:
    if scene.docker is None:
        return scene.no_docker, ""
    try:
        return docker.check(scene.docker), ""
    except SteadylineError as error:
        return "", error.faults[0]


def python(facts: Facts) -> Iterator[Finding]:
    """A fault where Python is older than 3.11, or this package is not installed."""
    if facts.python < PYTHON:
        yield fault(
            f"Python {dotted(facts.python)} is older than {dotted(PYTHON)}", "make .venv with a newer one: make install"
        )
    elif not facts.ours:
        yield fault("the package steadyline is not installed in this Python", "make install, or pip install steadyline")
    else:
        yield ok(f"Python {dotted(facts.python)}, steadyline {facts.ours}")


def packages(facts: Facts) -> Iterator[Finding]:
    """A fault for each locked package that is missing, a warning for each of another version than is locked."""
    if facts.locked is None:
        yield unknown("no lock lies beside this installation: it is a wheel's, whose versions pip chose")
        return
    missing = [one.name for one in facts.locked if one.installed is None]
    others = [f"{one.name} {one.installed} for {one.locked}" for one in facts.locked if one.installed]
    if missing:
        yield fault(f"{len(missing)} locked packages are missing: {several(missing)}", "make install")
    if others:
        yield warning(
            f"{len(others)} packages are not as locked: {several(others)}", "make install puts the tested ones there"
        )
    if not facts.locked:
        yield ok("installed is what is locked")


def programs(facts: Facts) -> Iterator[Finding]:
    """A fault where Prometheus, promtool, Alertmanager or amtool is missing on PATH or too old for the native stack."""
    if not facts.needed:
        yield ok("not needed here: the Prometheus of the settings runs elsewhere")
        return
    for each in facts.programs.unfit.values():
        found, _, cure = each.partition(": put ")
        yield fault(found, f"put {cure}")
    if facts.programs.missing:
        names = several([need.name for need in facts.programs.missing])
        yield fault(f"not on PATH: {names}", facts.instruction)
    if facts.programs.good and not facts.programs.unfit and not facts.programs.missing:
        told = (f"{name} {dotted(one.version or ())}" for name, one in facts.programs.good.items())
        yield ok(", ".join(told))
    if not (facts.programs.good or facts.programs.unfit or facts.programs.missing):
        yield unknown(
            "the programs on PATH did not say their versions in time", "see what they wait for: prometheus --version"
        )


def running(facts: Facts) -> Iterator[Finding]:
    """A fault where the Prometheus or Alertmanager that answers is too old; a warning where Grafana is."""
    for name, oldest in (("Prometheus", PROMETHEUS), ("Alertmanager", ALERTMANAGER)):
        there = facts.running.get(name)
        if there and there < oldest:
            cure = f"run {dotted(oldest)} or newer: older ones do not know what the rules and the configuration say"
            yield fault(f"{name} {dotted(there)} answers", cure)
    grafana = facts.running.get("Grafana")
    if grafana and grafana < GRAFANA:
        yield warning(f"Grafana {dotted(grafana)} answers", f"run {dotted(GRAFANA)} or newer: the boards are made for it")
    if facts.running:
        yield ok("answering: " + ", ".join(f"{name} {dotted(numbers)}" for name, numbers in facts.running.items()))
    else:
        yield unknown("neither Prometheus, Alertmanager nor Grafana answers")


def docker_engine(facts: Facts) -> Iterator[Finding]:
    """A warning where an engine answers that is too old for the stack's compose file, or has no fit compose plugin."""
    if facts.docker_fault:
        found, _, cure = facts.docker_fault.partition("; ")
        yield warning(found, cure or docker.NATIVE)
    elif facts.docker and facts.docker[0].isdigit():
        yield ok(f"Docker {facts.docker}, its compose plugin with it")
    else:
        yield ok(f"not used: {facts.docker}")


SUBJECT = Subject("versions", gather, (python, packages, programs, running, docker_engine))
