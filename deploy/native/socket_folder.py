"""A short private folder for the supervisor's socket: a socket's path may have 108 bytes, a state folder's may be longer."""

import os
import socket
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from steadyline.errors import ConfigurationError

LONGEST_BYTES = 90
"""Linux allows 107 and macOS 103 bytes; the supervisor first makes the socket under its name with a pid after it."""
SOCKET_NAME = "supervisor.sock"
_PREFIX = "steadyline-"


def candidates(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Folders for it, the most private one first."""
    runtime = environ.get("XDG_RUNTIME_DIR")
    return (*((Path(runtime),) if runtime else ()), Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))  # noqa: S108


def make(folders: Iterable[Path]) -> Path:
    """Make a new folder only we may enter, in the first of these that serves; answer the socket's path in it.

    Raises:
        ConfigurationError: none of them can be written to, or all are too long.
    """
    tried = []
    for folder in folders:
        tried.append(str(folder))
        longest = folder / f"{_PREFIX}{'x' * 8}" / SOCKET_NAME
        if len(os.fsencode(longest)) > LONGEST_BYTES or not os.access(folder, os.W_OK | os.X_OK):
            continue
        return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder)) / SOCKET_NAME
    raise ConfigurationError(
        f"no folder for the supervisor's socket: {', '.join(tried)} cannot be written to or are too long"
        f" (over {LONGEST_BYTES} bytes); set TMPDIR to a short one"
    )


def stale(folders: Iterable[Path]) -> list[Path]:
    """Our folders of those whose socket nobody listens at any more: their supervisor was killed."""
    sockets = {path for folder in folders for path in folder.glob(f"{_PREFIX}*/{SOCKET_NAME}")}
    return sorted(path.parent for path in sockets if _is_deaf(path))


def _is_deaf(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:  # gone meanwhile, or another user's
            return False
    return False


def remove(socket_path: Path) -> None:
    """Remove the socket and its folder, if they are there."""
    if socket_path.parent.is_dir():
        for left in socket_path.parent.iterdir():
            left.unlink(missing_ok=True)
        socket_path.parent.rmdir()
