"""Following a log."""

from pathlib import Path

from deploy.native.follow import Follower


def test_whole_lines_after_the_beginning(tmp_path: Path) -> None:
    """Only what comes after the start is shown, a line when it is whole, through rotation, with nothing lost."""
    log = tmp_path / "receiver.log"
    log.write_text("old\n")
    follower = Follower(log)
    with log.open("a") as writer:
        writer.write("one\ntw")
        writer.flush()
        assert follower.lines() == ["one"]
        writer.write("o\nthree\n")
    log.rename(tmp_path / "receiver.log.1")
    log.write_text("four\n")
    assert follower.lines() == ["two", "three", "four"]
    assert follower.lines() == []
    follower.close()


def test_a_file_that_comes_later(tmp_path: Path) -> None:
    """A file that is not there yet is read from its beginning once it is."""
    follower = Follower(tmp_path / "later.log")
    assert follower.lines() == []
    (tmp_path / "later.log").write_text("one\n")
    assert follower.lines() == ["one"]
    follower.close()
