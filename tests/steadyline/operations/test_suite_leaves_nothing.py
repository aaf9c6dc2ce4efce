"""The whole suite on targets that are looked at from outside: what a run leaves when it ends, and when it is killed."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tenacity
from system import naming

from steadyline.backend import RUN_LIFETIME_SECONDS

STEADYLINE = Path(sys.executable).with_name("steadyline")
ASKED = ("sqlite", "trace", "s3", "vast", "tams")
SECONDS = 900
"""A machine that does other things, too, takes minutes for all operations."""
LONG_PAST = 2 * RUN_LIFETIME_SECONDS + 60
"""After that a crashed run's data is left data."""


@pytest.fixture
def systems(open_system):
    """One far end of every backend."""
    return [open_system(name) for name in ASKED]


@pytest.fixture
def begin(systems, tmp_path):
    """`begin(*arguments)` starts a run on them."""
    started = []
    environ = naming(systems)

    def start(*arguments):
        command = [STEADYLINE, "run", *arguments]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def artefacts(systems):
    """How many things lie in each far end."""
    return {system.backend.name: sum(system.artefacts().values()) for system in systems}


@pytest.mark.stack
@pytest.mark.timeout(SECONDS)
def test_whole_suite_leaves_nothing(systems, begin, tmp_path):
    """After `--all` nothing of the run is in any target, counted from outside, and nothing failed."""
    process = begin("--all", "--rounds", "1", "--json", tmp_path / "results.json")
    out, err = process.communicate(timeout=SECONDS)
    rows = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["operations"]
    assert [row["operation"] for row in rows if row["failures"]] == []
    broken = [words for row in rows for words in row["broken"]]
    assert [words for words in broken if "memory" in words] == []  # what all hold together is no operation's
    is_over = bool(broken)  # of time, on a busy machine
    assert process.returncode == (1 if is_over else 3), (out, err)  # one round is too little to judge
    assert artefacts(systems) == dict.fromkeys(artefacts(systems), 0)


@pytest.mark.stack
@pytest.mark.timeout(SECONDS)
def test_killed_in_the_middle(systems, begin):
    """What a killed run leaves is found and deleted by the janitors when its time is over: nothing is left."""
    process = begin("--all", "--rounds", "1000")
    _stop_once_it_is_everywhere(process, systems)
    process.kill()
    process.wait()
    assert all(artefacts(systems).values()), artefacts(systems)
    for system in systems:
        system.pass_time(LONG_PAST)
        janitor = system.client()
        assert janitor.leaked() > 0
        janitor.sweep()
        assert janitor.leaked() == 0
        janitor.close()
    assert artefacts(systems) == dict.fromkeys(artefacts(systems), 0)


def _stop_once_it_is_everywhere(process, systems):
    """Stop it when there is something of it in every target; a round to its end would take several times as long."""
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(SECONDS / 2), wait=tenacity.wait_fixed(1), reraise=True)
    for attempt in waiting:
        with attempt:
            assert process.poll() is None
            found = {"nothing": 0}
            process.send_signal(signal.SIGSTOP)  # nothing comes or goes while it is looked at
            try:
                found = artefacts(systems)  # SQLite may be locked by what is stopped: then it is looked at later
                assert all(found.values()), found
            finally:
                if not all(found.values()):
                    process.send_signal(signal.SIGCONT)
