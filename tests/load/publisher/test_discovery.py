"""The files in which Prometheus finds load runs."""

from pathlib import Path

from load.publisher.discovery import TargetFile, stale


def test_files_of_the_dead_are_told_and_stay(tmp_path: Path) -> None:
    """A page that lives is none of them; nothing is removed by asking."""
    living = TargetFile(tmp_path, "127.0.0.1", 1)
    dead = tmp_path / "2.json"
    dead.write_text("[]")
    try:
        assert stale(tmp_path) == [dead]
        assert dead.exists()
    finally:
        living.remove()
    assert stale(tmp_path / "none") == []
