"""A state folder with one recorded baseline, and `steadyline baseline` over it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from baseline_files import READ, Steadyline
from typer.testing import CliRunner, Result

from steadyline.baselines import save_recorded
from steadyline.cli.main import build
from steadyline.state import State


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """A state folder that holds the baseline of one operation."""
    monkeypatch.chdir(tmp_path)
    found = State(tmp_path / "state")
    save_recorded(found.baselines, [READ])
    return found


@pytest.fixture
def steadyline(state: State, free_port: Callable[[], int]) -> Steadyline:
    """`steadyline baseline …` in this process; nothing listens."""
    ports = {f"STEADYLINE_PORTS_{name}": str(free_port()) for name in ("PROMETHEUS", "EXPORTER")}
    environment = {"STEADYLINE_STATE_DIR": str(state.root), "COLUMNS": "250"} | ports

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(build(["baseline"]), ["baseline", *arguments], env=environment)

    return run
