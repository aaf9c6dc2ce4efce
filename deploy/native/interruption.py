"""Asked to stop: the first SIGINT, SIGTERM or SIGHUP becomes one KeyboardInterrupt, and cleaning up is never interrupted."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 128 + signal.SIGINT
"""Exit code when stopped before the end, as shells have it."""


class Interruption:
    """Whether we were asked to stop, and by which signal."""

    def __init__(self, hung_up: Callable[[], None]) -> None:
        """Nobody has asked yet."""
        self.signal: int | None = None
        self._hung_up = hung_up
        self._held = 0

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Raise at the first signal, or at the end of what is held; later signals change nothing."""
        if self.signal is None:
            self.signal = number
            if number == signal.SIGHUP:
                self._hung_up()
            if not self._held:
                raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let a few lines run to their end; the request is raised after them."""
        before = self.signal
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self.signal is not None and before is None:
            raise KeyboardInterrupt


@contextmanager
def interruptible(hung_up: Callable[[], None] = lambda: None) -> Iterator[Interruption]:
    """Listen for requests to stop; the handlers of before come back at the end.

    Args:
        hung_up: called first when the terminal has gone: what is printed from then on would fail.
    """
    asked = Interruption(hung_up)
    before = {number: signal.signal(number, asked.on_signal) for number in SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
