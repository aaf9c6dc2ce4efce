"""Each suite killed in the middle, with all that it started: its data is swept, its files are whole, the next run works."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import s3_system
import tams_system
import trace_tables_system
import vast_system
from fault_suites import Suites

from steadyline.backend import RUN_LIFETIME_SECONDS
from steadyline.errors import NoDataError
from steadyline.settings import Settings

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900)]

SYSTEMS = {**trace_tables_system.CASES, **s3_system.CASES, **vast_system.CASES, **tams_system.CASES}
ASKED = ("sqlite", "trace", "s3", "vast", "tams")
LONG_PAST = 2 * RUN_LIFETIME_SECONDS + 60
"""After that a crashed run's data is left data."""
KILLED = {
    "performance": ("run", "--rounds", "1000"),
    "stress": ("run", "--stress", "--rounds", "1000"),
    "scalability": ("run", "--scalability", "--rounds", "1000"),
    "baseline record": ("baseline", "record", "--rounds", "30", "--all"),
    "load": ("load", "TraceUser", "SqlUser", "S3User", "VastUser", "--users", "8", "--duration", "10m"),
}


@pytest.fixture(scope="module")
def tams() -> Iterator[tams_system.Servers]:
    """A TAMS API over VAST DB and S3."""
    with tams_system.tams_servers() as servers:
        yield servers


@pytest.fixture
def suites(request) -> Iterator[Suites]:
    """A folder, and one far end of every backend."""
    with ExitStack() as opened, tempfile.TemporaryDirectory() as folder:
        systems = [opened.enter_context(SYSTEMS[name].opened(request)) for name in ASKED]
        yield Suites(Path(folder), systems)


def test_every_suite_is_killed(suites, figures) -> None:
    """Nothing is left once a run's lifetime is over, no file of the state is torn, and the next run ends as ever."""
    for name, arguments in KILLED.items():
        with suites.begun(*arguments):
            pass
        _is_whole(suites.folder)
        figures.say(f"{name} killed", told=f"{suites.artefacts()} artefacts in the targets")
    assert suites.artefacts() > 0
    for system in suites.systems:
        system.pass_time(LONG_PAST)
        with closing(system.backend.connect(system.target())) as janitor:
            janitor.sweep()
            assert janitor.leaked() == 0, system.backend.name
    left = suites.artefacts()
    figures.say("all of them, swept", artefacts=left)
    assert left == 0
    done = suites.run("run", "--operation", "*.item_create", "--rounds", "1")
    assert done.returncode in (0, NoDataError.exit_code), done.stderr  # one round is too little to judge
    assert "FAILED" not in done.stdout
    assert suites.artefacts() == 0


def _is_whole(folder: Path) -> None:
    """Whatever state there is can be read."""
    state = Settings(state_dir=folder / ".steadyline").state
    for file in (state.results, state.baselines, *state.load_results.glob("*.json")):
        if file.exists():
            json.loads(file.read_text())
    if state.history.exists():
        with closing(sqlite3.connect(state.history)) as history:
            assert history.execute("pragma integrity_check").fetchall() == [("ok",)]
