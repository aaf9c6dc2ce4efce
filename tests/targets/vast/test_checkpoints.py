"""Checkpoints and journals: together they are the whole database, whatever a crash left unfinished."""

from pathlib import Path

import pytest
from vast_changes import applied, described, history

from targets.serving import CannotStart
from targets.vast.catalogue import Catalogue
from targets.vast.changes import Change
from targets.vast.checkpoints import MAGIC, checkpoint_path, journal_path, locked, restored, write_checkpoint
from targets.vast.records import encoded, framed

COMMITS = history()


def write_journal(directory: Path, number: int, commits: list[list[Change]]) -> Path:
    """A journal of these commits."""
    path = journal_path(directory, number)
    path.write_bytes(MAGIC + b"".join(framed(encoded(commit)) for commit in commits))
    return path


def test_empty_directory(tmp_path: Path) -> None:
    """A directory without files holds an empty database."""
    assert restored(tmp_path) == (Catalogue(), 0)


def test_checkpoint_and_journals_after_it(tmp_path: Path) -> None:
    """A checkpoint holds what led to it, replaces it, and the journals from its number on continue it."""
    write_journal(tmp_path, 0, COMMITS[:5])
    write_checkpoint(tmp_path, 1, applied(COMMITS[:5]))
    write_journal(tmp_path, 1, COMMITS[5:8])
    write_journal(tmp_path, 2, COMMITS[8:])
    assert not journal_path(tmp_path, 0).exists()
    catalogue, number = restored(tmp_path)
    assert number == 2
    assert described(catalogue) == described(applied(COMMITS))


def test_checkpoint_of_everything(tmp_path: Path) -> None:
    """A checkpoint alone brings back every property of every table, and replaces the one before."""
    write_checkpoint(tmp_path, 1, applied(COMMITS[:5]))
    write_checkpoint(tmp_path, 2, applied(COMMITS))
    assert not checkpoint_path(tmp_path, 1).exists()
    catalogue, _ = restored(tmp_path)
    assert described(catalogue) == described(applied(COMMITS))


def test_crash_between_journal_and_checkpoint(tmp_path: Path) -> None:
    """A checkpoint that was being written does not count; the journals before and after its beginning do."""
    write_journal(tmp_path, 0, COMMITS[:5])
    write_journal(tmp_path, 1, COMMITS[5:])
    (tmp_path / "checkpoint-00000001.unfinished").write_bytes(MAGIC + b"half")
    catalogue, number = restored(tmp_path)
    assert number == 1
    assert described(catalogue) == described(applied(COMMITS))
    assert list(tmp_path.glob("*.unfinished")) == []


def test_torn_tail_is_cut_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What remains of a commit that was being written in a crash is cut off, wherever it ended, and said."""
    whole = write_journal(tmp_path, 0, COMMITS[:-1]).read_bytes()
    complete = write_journal(tmp_path, 0, COMMITS).read_bytes()
    for length in (len(whole) + 1, len(whole) + 20, len(complete) - 1):
        journal_path(tmp_path, 0).write_bytes(complete[:length])
        catalogue, _ = restored(tmp_path)
        assert described(catalogue) == described(applied(COMMITS[:-1]))
        assert journal_path(tmp_path, 0).read_bytes() == whole
    assert "never answered" in caplog.text


def test_tail_of_zeros_is_cut_off(tmp_path: Path) -> None:
    """A file system may leave zeros where a crash kept the last bytes from the disk, also in a journal that was begun then."""
    whole = write_journal(tmp_path, 0, COMMITS).read_bytes()
    journal_path(tmp_path, 0).write_bytes(whole + bytes(100))
    assert described(restored(tmp_path)[0]) == described(applied(COMMITS))
    assert journal_path(tmp_path, 0).read_bytes() == whole
    journal_path(tmp_path, 1).write_bytes(bytes(len(MAGIC)))
    assert described(restored(tmp_path)[0]) == described(applied(COMMITS))


@pytest.mark.parametrize("content", [MAGIC + framed(b"of a later version"), b"VASTLATE" + framed(b"record")])
def test_journal_of_another_version_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """What this version cannot read is no torn tail: nothing of it is cut off."""
    journal_path(tmp_path, 0).write_bytes(content)
    with pytest.raises(CannotStart, match="another version"):
        restored(tmp_path)
    assert journal_path(tmp_path, 0).read_bytes() == content


@pytest.mark.parametrize("name", ["journal-00000000", "checkpoint-00000001"])
def test_damage_elsewhere_is_told(tmp_path: Path, name: str) -> None:
    """Damage that is no torn tail is refused by name, and the file stays as it is."""
    write_checkpoint(tmp_path, 1, applied(COMMITS[:5]))
    if name.startswith("journal"):
        checkpoint_path(tmp_path, 1).unlink()
        write_journal(tmp_path, 0, COMMITS[:5])
    write_journal(tmp_path, 1, COMMITS[5:])
    damaged = (tmp_path / name).read_bytes()[:-10]
    (tmp_path / name).write_bytes(damaged)
    with pytest.raises(CannotStart, match=f"{name} is damaged"):
        restored(tmp_path)
    assert (tmp_path / name).read_bytes() == damaged


def test_files_that_do_not_belong_together(tmp_path: Path) -> None:
    """A journal whose beginning is missing is refused in a sentence."""
    write_journal(tmp_path, 3, COMMITS[5:])
    with pytest.raises(CannotStart, match="do not belong together"):
        restored(tmp_path)


def test_second_process_is_kept_out(tmp_path: Path) -> None:
    """One directory, one process, until it ends."""
    directory = tmp_path / "new" / "kept"
    with locked(directory), pytest.raises(CannotStart, match="another process uses it"):
        locked(directory)
    locked(directory).close()


def test_directory_that_is_none(tmp_path: Path) -> None:
    """A file in the place of the directory is told."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be used"):
        locked(tmp_path / "file")
