"""Locust as a child of the command line, which never imports it: it changes the sockets of the process that does.

The first signal is passed on, and the run ends in order; the second kills it. When this process is gone, the child ends too.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from deploy.native.interruption import SIGNALS
from load.publisher.errands import WITHOUT
from steadyline.errors import ConfigurationError
from steadyline.redaction import redact

LOOK_SECONDS = 1.0
ENDING = "Ending in order: users finish, what they wrote is deleted, the last values are kept. Once more kills it."
_LOCUST = "locust"
_SITTER = 'cat >/dev/null; kill -TERM "$1"'
"""Waits for the end of its standard input, which is ours; a thread in Locust's own process would stop its patching."""


@dataclass(slots=True)
class Child:
    """One Locust.

    Attributes:
        process: it.
        log: where all that it says goes.
        said: told of a signal that was passed on.
        signal: by which the run was ended early.
    """

    process: "subprocess.Popen[bytes]"
    log: Path
    said: Callable[[str], None]
    signal: int | None = None
    _told: bool = False
    _read: int = 0

    def seconds(self) -> Iterator[float]:
        """The clock, once a second until it has ended."""
        while self.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(LOOK_SECONDS)
            self._tell()
            yield time.time()

    def _tell(self) -> None:
        """That a signal was passed on: not where it was heard, which may be in the middle of another line."""
        if self.signal is not None and not self._told:
            self._told = True
            if os.isatty(2) or self.signal != signal.SIGHUP:
                self.said(ENDING)

    def notes(self) -> Iterator[str]:
        """What the run had to go on without, as far as its log says so since this was asked last."""
        with self.log.open("rb") as file:
            file.seek(self._read)
            said = file.read()
        whole = said[: said.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            if line.endswith(WITHOUT):
                yield redact(line.partition(": ")[2])

    @property
    def code(self) -> int:
        """Its exit code; above 128 one that a signal ended, as shells have it."""
        code = self.process.returncode
        return 128 - code if code < 0 else code

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Pass the first one on; at the second nothing is waited for."""
        again, self.signal = self.signal is not None, self.signal or number
        if again:
            self.kill()
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """It and its workers."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@contextmanager
def started(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path, said: Callable[[str], None]
) -> Iterator[Child]:
    """A Locust that runs meanwhile.

    Args:
        arguments: Locust's.
        environment: its own.
        log: takes what it says.
        said: told of a signal that was passed on.

    Raises:
        ConfigurationError: the log cannot be written.
    """
    # -P: a folder of the same name where the user happens to stand must not be taken for ours.
    command = [sys.executable, "-P", "-m", _LOCUST, *arguments]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter; the arguments are no shell's
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # Ctrl-C comes here, and is passed on once
            )
    except OSError as error:
        raise ConfigurationError(f"{log}: cannot be written: {error.strerror}; set state_dir to a folder that can") from None
    child = Child(process, log, said)
    before = {number: signal.signal(number, child.on_signal) for number in SIGNALS}
    try:
        with _sitter(process.pid):
            yield child
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if process.poll() is None:
            child.kill()
            process.wait()


@contextmanager
def _sitter(pid: int) -> Iterator[None]:
    """Ends that process in order when this one is gone, even when it was killed."""
    sitter = subprocess.Popen(  # noqa: S603 - a fixed command
        ["/bin/sh", "-c", _SITTER, "sh", str(pid)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield
    finally:
        sitter.kill()
        sitter.communicate()
