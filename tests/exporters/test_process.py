"""What processes use, read from real ones."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from exporters.process import Processes, Reading, Watched
from steadyline import vocabulary as names

MARK = "steadyline-watched-by-a-test"
SPAWNS = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()']); "
    "print('up', flush=True); sys.stdin.read(); child.wait()"
)


def values(processes: Processes, alias: str) -> dict[str, float]:
    """The alias's figures by metric name."""
    return {
        sample.name: sample.value
        for family in processes.collect()
        for sample in family.samples
        if sample.labels["process"] == alias
    }


@pytest.fixture
def parent() -> Iterator["subprocess.Popen[str]"]:
    """A process with one child; both end when their input does."""
    command = [sys.executable, "-c", SPAWNS, MARK]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        yield process
        assert process.stdin
        process.stdin.close()


def test_own_process() -> None:
    """The exporter itself is watched without being asked to."""
    processes = Processes("exporter")
    processes.sample()
    found = values(processes, "exporter")
    assert found[names.PROCESS_RESIDENT.name] > 1e6
    assert found[names.PROCESS_PEAK.name] >= found[names.PROCESS_RESIDENT.name]
    assert found[names.PROCESS_THREADS.name] >= 1
    assert found[names.PROCESS_FDS.name] > 0
    assert found[names.PROCESS_CPU.name] > 0


@pytest.mark.usefixtures("parent")
def test_named_process_with_its_children() -> None:
    """A part of the command line finds the process; its child counts with it."""
    processes = Processes("exporter")
    processes.watch({"watched": MARK})
    processes.sample()
    assert values(processes, "watched")[names.PROCESS_THREADS.name] == 2


def test_ended_process_leaves_peak_and_time(parent) -> None:
    """Without a process there is no memory series; what it reached stays."""
    processes = Processes("exporter")
    processes.watch({"watched": MARK})
    processes.sample()
    before = values(processes, "watched")
    parent.stdin.close()
    parent.wait()
    processes.sample()
    after = values(processes, "watched")
    assert set(after) == {names.PROCESS_PEAK.name, names.PROCESS_CPU.name}
    assert after[names.PROCESS_PEAK.name] == before[names.PROCESS_PEAK.name]


def test_alias_without_a_process() -> None:
    """An alias that nothing answers to has no memory series, and costs the others nothing."""
    processes = Processes("exporter")
    processes.watch({"nobody": "no-such-command-line-anywhere"})
    processes.sample()
    assert names.PROCESS_RESIDENT.name not in values(processes, "nobody")
    assert names.PROCESS_RESIDENT.name in values(processes, "exporter")


def reading(pid: int, created: float, cpu: float, resident: int = 10) -> Reading:
    """One process at one moment."""
    return Reading((pid, created), resident, cpu, 1, 1)


def test_reused_pid_is_another_process() -> None:
    """A new process under an old pid adds its time; the counter never falls."""
    watched = Watched()
    watched.take([reading(7, 100.0, 5.0)])
    watched.take([reading(7, 200.0, 1.0)])
    assert watched.cpu_seconds == 6.0


def test_time_of_an_ended_child_stays() -> None:
    """The counter keeps what a child used after it has gone; memory does not."""
    watched = Watched()
    watched.take([reading(1, 1.0, 2.0), reading(2, 1.0, 3.0)])
    watched.take([reading(1, 1.0, 2.5)])
    assert (watched.cpu_seconds, watched.resident_bytes, watched.peak_bytes) == (5.5, 10, 20)


def test_unreadable_for_a_sample() -> None:
    """A process that some samples could not read adds what it used meanwhile, not its whole life again."""
    watched = Watched(exists=lambda _pid: True)
    watched.take([reading(1, 1.0, 50.0), reading(2, 1.0, 100.0)])
    watched.take([])
    watched.take([reading(1, 1.0, 51.0)])
    watched.take([reading(1, 1.0, 51.5), reading(2, 1.0, 103.0)])
    assert watched.cpu_seconds == 51.5 + 103.0


def test_ended_processes_are_forgotten() -> None:
    """What is kept of processes does not grow with those that came and went."""
    watched = Watched(exists=lambda _pid: False)
    for pid in range(1000):
        watched.take([reading(pid, 1.0, 1.0)])
    assert (watched.cpu_seconds, len(watched._cpu)) == (1000.0, 1)


def test_overlapping_finds_count_once() -> None:
    """A child that matches by itself too is counted once."""
    watched = Watched()
    watched.take([reading(1, 1.0, 2.0), reading(1, 1.0, 2.0)])
    assert (watched.resident_bytes, watched.cpu_seconds) == (10, 2.0)
