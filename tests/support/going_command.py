"""A command that goes on until it is stopped, in a terminal of its own, as who reads a page sees it."""

import contextlib
import os
import pty
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import native_stack
import tenacity
from forked_command_line import Said

READY_SECONDS = 120


class Going:
    """A command that goes on, in a terminal, until it is stopped.

    Args:
        words: with the program.
        folder: where.
        environ: with what.
    """

    def __init__(self, words: list[str], folder: Path, environ: Mapping[str, str]) -> None:
        """Begin it."""
        self._shown, terminal = pty.openpty()
        os.set_blocking(self._shown, False)
        size = {"COLUMNS": "200", "LINES": "60", "TERM": "xterm"}
        self.process = subprocess.Popen(
            [native_stack.STEADYLINE, *words],
            cwd=folder,
            env={**environ, **size},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        self._drawn = bytearray()

    @property
    def text(self) -> str:
        """What it has said until now."""
        with contextlib.suppress(OSError):  # nothing new, or the other end is closed
            while more := os.read(self._shown, 1_000_000):
                self._drawn += more
        return self._drawn.decode(errors="replace").replace("\r\n", "\n")

    def until(self, ready: str) -> None:
        """Wait until it has said this."""
        waiting = tenacity.Retrying(
            stop=tenacity.stop_after_delay(READY_SECONDS),
            wait=tenacity.wait_fixed(0.1),
            retry=tenacity.retry_if_result(lambda is_there: not is_there),
        )
        waiting(lambda: ready in self.text or self.process.poll() is not None)
        assert ready in self.text, self.text

    def stop(self) -> Said:
        """By Ctrl-C; how it ended, and what it said."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> Said:
        """How it ended, and what it said; read meanwhile, for a terminal that nobody reads holds up who writes to it."""
        end = time.monotonic() + READY_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.1)
            _ = self.text
        self.process.kill()
        self.process.wait()
        return Said(self.process.returncode, self.text)
