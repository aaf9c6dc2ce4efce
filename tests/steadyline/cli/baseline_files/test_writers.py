"""Who writes recorded baselines: turns are taken, and a full disk loses none."""

from dataclasses import replace
from pathlib import Path

import pytest
from baseline_files import CREATE, MEANS, READ, Steadyline, benched, refused, written
from full_disk import files_up_to

from steadyline import file_lock
from steadyline.baselines import load_recorded, save_recorded
from steadyline.cli.baseline_place import place
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.state import State


def test_a_full_disk_loses_no_baseline(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """One message; the file that judged is whole, and no part of another lies about."""
    file, before = written(tmp_path / "new.json", replace(READ, value=0.003)), state.baselines.read_text()
    with files_up_to(100):
        done = steadyline("promote", str(file))
    assert refused(done, ConfigurationError) == [
        f"{state.baselines}.previous: cannot be written: File too large; nothing was changed"
    ]
    assert state.baselines.read_text() == before
    assert [one.name for one in state.root.iterdir()] == ["baselines.json"]


def test_what_another_recorded_meanwhile_stays(steadyline: Steadyline, state: State) -> None:
    """The file is looked at before a measurement that may take hours, and read again when it is written."""
    kept = place(Settings(state_dir=state.root), None)
    assert steadyline("remove", "sql.item_read", "--driver", "bench").exit_code == 0
    save_recorded(state.baselines, [replace(READ, value=0.009), CREATE])
    kept.keep([replace(READ, value=0.003), replace(READ, operation="sql.item_update")])
    assert {one.operation: one.value for one in load_recorded(state.baselines)} == {
        "sql.item_create": CREATE.value,
        "sql.item_read": 0.003,
        "sql.item_update": READ.value,
    }


WRITERS = {
    "remove": ("remove", "sql.item_read", "--driver", "bench"),
    "promote": ("promote", "new.json"),
    "import": ("import", *(f"{at}.json" for at in range(len(MEANS)))),
}


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_every_writer_waits_for_the_other(
    steadyline: Steadyline, state: State, tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the file is being written nobody changes it; who waits too long says so once."""
    for at, mean in enumerate(MEANS):
        benched(tmp_path / f"{at}.json", mean)
    written(tmp_path / "new.json", replace(READ, value=0.003))
    before = state.baselines.read_text()
    monkeypatch.setattr(file_lock, "WAIT_SECONDS", 0.1)
    with file_lock.locked(state.baselines):
        (fault,) = refused(steadyline(*command), ConfigurationError)
    assert fault.startswith(f"{state.baselines}: another steadyline has been writing it for ")
    assert state.baselines.read_text() == before


def test_what_was_measured_is_shown_where_there_is_no_room_to_keep_it(steadyline: Steadyline, tmp_path: Path) -> None:
    """The table first, then one message; nothing is said to have been written."""
    files = [benched(tmp_path / f"{at}.json", mean) for at, mean in enumerate(MEANS)]
    with files_up_to(100):
        done = steadyline("import", *files, "--out", str(tmp_path / "new.json"))
    assert refused(done, ConfigurationError) == [
        f"{tmp_path / 'new.json'}: cannot be written: File too large; nothing was changed"
    ]
    assert "sql.item_read  embedded" in done.stdout
    assert "Written to" not in done.stdout
