"""A folder of one who has used Steadyline: recorded baselines, a history, a run's results, notifications."""

import shutil
from pathlib import Path

import kept_runs
import pytest
from baseline_files import CREATE, READ, written

from alerts.history.store import History
from steadyline.settings import Settings

pytest.register_assert_rewrite("bad_input")  # what was said is then shown beside what should have been
from bad_input import Place  # noqa: E402


@pytest.fixture(scope="session")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, and copied for each case."""
    folder = tmp_path_factory.mktemp("used")
    settings = Settings(state_dir=folder / ".steadyline")
    state = settings.state
    state.root.mkdir()
    written(state.baselines, READ, CREATE)
    History(settings).keep(kept_runs.run(kept_runs.result("sql.item_read")))
    state.notifications.write_text("{}\n")
    return folder


@pytest.fixture
def place(forgotten_operations: None, used: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:  # noqa: ARG001
    """Where a case's command runs; what it takes into the catalogue is forgotten."""
    shutil.copytree(used, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path, monkeypatch)
