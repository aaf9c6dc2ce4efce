"""The lock of a file that several processes change."""

import threading
from pathlib import Path

import pytest

from steadyline.errors import ConfigurationError
from steadyline.file_lock import locked

WRITERS, TIMES = 4, 25


def test_nobody_writes_while_another_does(tmp_path: Path) -> None:
    """Each adds one to what is there, all at once: none is lost, and no lock is left."""
    file = tmp_path / "count"
    file.write_text("0", encoding="utf-8")

    def add() -> None:
        for _ in range(TIMES):
            with locked(file):
                file.write_text(str(int(file.read_text(encoding="utf-8")) + 1), encoding="utf-8")

    writers = [threading.Thread(target=add) for _ in range(WRITERS)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert file.read_text(encoding="utf-8") == str(WRITERS * TIMES)
    assert list(tmp_path.iterdir()) == [file]


def test_who_holds_it_for_long_is_not_waited_for(tmp_path: Path) -> None:
    """One message, which names the file; the lock stays with its holder."""
    file = tmp_path / "kept.json"
    with locked(file):
        with pytest.raises(ConfigurationError) as caught, locked(file, wait_seconds=0):
            pytest.fail("held twice")
        with pytest.raises(ConfigurationError), locked(file, wait_seconds=0):
            pytest.fail("held twice")
    assert caught.value.faults == [
        f"{file}: another steadyline has been writing it for 0 s; nothing was changed; end that one, then try again"
    ]
    with locked(file, wait_seconds=0):
        pass


def test_where_no_lock_can_be_made(tmp_path: Path) -> None:
    """The file beside which it would lie is named, with the system's reason."""
    (tmp_path / "folder").write_text("", encoding="utf-8")
    with (
        pytest.raises(ConfigurationError, match="cannot be written: File exists; nothing was changed"),
        locked(tmp_path / "folder" / "kept.json"),
    ):
        pytest.fail("no such folder")
