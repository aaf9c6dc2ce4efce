"""Standard output that nobody reads any more, or that is full: one message and an exit code that no regression has.

Typer and rich would end such a command with 1, and the interpreter, which writes the rest at its exit, with 120.
"""

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

from steadyline.errors import ConfigurationError

READER_LEFT = 128 + signal.SIGPIPE
"""Exit code of what writes into a pipe that nobody reads, as shells have it."""


class Watched(TextIOWrapper):
    """A stream that knows why it could not be written.

    Args:
        stream: what it writes into; that one's own settings hold.
    """

    def __init__(self, stream: TextIO) -> None:
        """Nothing was written yet."""
        line_buffering, write_through = getattr(stream, "line_buffering", False), getattr(stream, "write_through", False)
        super().__init__(
            stream.buffer, stream.encoding, stream.errors, line_buffering=line_buffering, write_through=write_through
        )
        self.fault: OSError | None = None

    def write(self, text: str) -> int:
        """As any stream does, and keep what went wrong."""
        with self._noting():
            return super().write(text)

    def flush(self) -> None:
        """As any stream does, and keep what went wrong."""
        with self._noting():
            super().flush()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            self.fault = fault
            raise

    def ended(self, error: BaseException | None) -> bool:
        """Whether that error came of this stream, or what is left of it cannot be written."""
        while error is not None:
            if error is self.fault:
                return True
            error = error.__context__
        try:
            if not self.closed:
                self.flush()
        except OSError:
            return True
        return False

    def drop(self) -> None:
        """Throw away what is left, so that the interpreter's own writing of it succeeds."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        self.flush()


@contextmanager
def watched() -> Iterator[None]:
    """Run a command to its end; what is then still unwritten is written.

    Raises:
        SystemExit: in place of what the command ended with, where that was because it could not write.
    """
    streams = {"standard output": _watch("stdout"), "standard error": _watch("stderr")}
    error: BaseException | None = None
    try:
        yield
    except BaseException as ending:  # noqa: BLE001 - raised again below
        error = ending
    broken = {name: stream for name, stream in streams.items() if stream and stream.ended(error)}
    for stream in broken.values():
        stream.drop()
    if broken:
        raise SystemExit(_told(*next(iter(broken.items())))) from None
    if error is not None:
        raise error


def _told(name: str, stream: Watched) -> int:
    """Say why it could not be written, where that can be said; the exit code."""
    left = stream.fault is not None and stream.fault.errno == errno.EPIPE
    why = "nobody reads it any more" if left else f"cannot be written: {stream.fault and stream.fault.strerror}"
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"steadyline: {name}: {why}; the rest of it is lost\n")
    return READER_LEFT if left else ConfigurationError.exit_code


def _watch(name: str) -> Watched | None:
    """Put a watched stream in place of that of `sys`; None where there is none, or one that holds no bytes."""
    stream = getattr(sys, name)
    if not hasattr(stream, "buffer"):
        return None
    found = Watched(stream)
    setattr(sys, name, found)
    return found
