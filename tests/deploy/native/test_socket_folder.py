"""The folder of the supervisor's socket."""

import socket
import tempfile
from pathlib import Path

import pytest

from deploy.native import socket_folder
from steadyline.errors import ConfigurationError


def test_runtime_folder_comes_first() -> None:
    """The user's own runtime folder is preferred to those shared with others."""
    assert socket_folder.candidates({"XDG_RUNTIME_DIR": "/run/user/7"})[0] == Path("/run/user/7")
    assert socket_folder.candidates({})[-2:] == (Path("/tmp"), Path("/var/tmp"))


def test_long_folders_are_passed_over(tmp_path: Path) -> None:
    """A folder whose socket would be over the limit is not taken; the one that is taken is private."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    made = socket_folder.make([long, Path("/tmp")])
    try:
        assert made.parent.parent == Path("/tmp")
        assert made.parent.stat().st_mode & 0o777 == 0o700
        assert len(str(made)) <= socket_folder.LONGEST_BYTES
    finally:
        socket_folder.remove(made)
    assert not made.parent.exists()


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    """Where no folder serves, the message says what to set."""
    with pytest.raises(ConfigurationError, match="set TMPDIR to a short one"):
        socket_folder.make([tmp_path / "not there"])


def test_a_socket_at_which_nobody_listens_is_stale() -> None:
    """One whose supervisor was killed stays behind; a live one, and a folder without a socket, are none."""
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as dead, socket.socket(socket.AF_UNIX) as live:
        folder = Path(name)
        paths = {which: socket_folder.make([folder]) for which in ("dead", "live", "none")}
        dead.bind(str(paths["dead"]))
        live.bind(str(paths["live"]))
        live.listen()
        assert socket_folder.stale([folder]) == [paths["dead"].parent]
