"""Processes, judged over facts."""

from pathlib import Path

import pytest

from deploy.compose.project import Container
from deploy.doctor import processes
from deploy.doctor.finding import Health
from deploy.doctor.processes import Facts
from deploy.native.stack import ProgramStatus

HERE = Path("/here/.steadyline")


def program(state: str) -> ProgramStatus:
    """One of the native stack."""
    return ProgramStatus("exporter", state, 7, "http://x", "tells", HERE / "exporter.log")


def container(state: str, code: int = 0) -> Container:
    """One of docker compose's."""
    return Container("exporter", state, "", code)


GOOD = {
    "native": (Facts(HERE, programs=(program("RUNNING"),)), processes.programs),
    "compose": (Facts(HERE, services=(container("running"), container("exited"))), processes.containers),
    "tidy": (Facts(HERE), processes.leftovers),
}
BAD = {
    "nothing runs": (Facts(HERE), processes.programs, Health.WARNING, "steadyline up"),
    "another Prometheus": (Facts(HERE, elsewhere=True), processes.programs, Health.UNKNOWN, ""),
    "fatal": (Facts(HERE, programs=(program("FATAL"),)), processes.programs, Health.FAULT, "exporter.log"),
    "halted": (
        Facts(HERE, programs=(program("RUNNING"),), halted=("exporter",)),
        processes.programs,
        Health.FAULT,
        "kill -CONT 7",
    ),
    "orphaned": (Facts(HERE, programs=(program("ORPHANED"),)), processes.programs, Health.FAULT, "steadyline down"),
    "starting": (Facts(HERE, programs=(program("STARTING"),)), processes.programs, Health.WARNING, "again"),
    "container": (Facts(HERE, services=(container("exited", 3),)), processes.containers, Health.FAULT, "docker compose logs"),
    "stale record": (Facts(HERE, stale=True), processes.leftovers, Health.WARNING, "steadyline down"),
    "strays": (Facts(HERE, strays=("python (pid 7) of /gone",)), processes.leftovers, Health.WARNING, "by their ids"),
    "sockets": (Facts(HERE, sockets=("/tmp/steadyline-x",)), processes.leftovers, Health.WARNING, "rm -r /tmp/steadyline-x"),
    "load pages": (Facts(HERE, load_pages=("9646.json",)), processes.leftovers, Health.WARNING, "next load run"),
}


@pytest.mark.parametrize(("facts", "check"), GOOD.values(), ids=GOOD)
def test_what_runs_is_well(facts, check):
    """Programs that run, containers that are well or have done their work, and nothing left behind."""
    assert [finding.health for finding in check(facts)] == [Health.OK]


@pytest.mark.parametrize(("facts", "check", "health", "cure"), BAD.values(), ids=BAD)
def test_what_does_not_run_or_was_left_is_told_with_its_cure(facts, check, health, cure):
    """Each says what to do."""
    (finding,) = check(facts)
    assert finding.health is health
    assert cure in finding.cure
