"""What the publisher asks of other systems: in turn, off the event loop, and a failure is one line, never the run's."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from steadyline.errors import SteadylineError

WITHOUT = "the run goes on without"
"""Ends the line that tells a failure."""
END_SECONDS = 10.0
"""How long the end waits for what is under way: a connection and an answer that both take their whole time."""


class Errands:
    """Calls to one system, run after run.

    Args:
        name: of the thread that makes them.
        say: tells the user one line.
    """

    def __init__(self, name: str, say: Callable[[str], None]) -> None:
        """Nothing to do yet."""
        self._thread = ThreadPoolExecutor(1, name)
        self._say = say
        self._told = False
        self._under_way: set[asyncio.Task[None]] = set()

    def new_run(self) -> None:
        """From now on a failure is news again."""
        self._told = False

    def run(self, call: Callable[[], object]) -> None:
        """Make the call after those before it; the first that fails is told, the others are not."""
        task = asyncio.get_running_loop().create_task(self._run(call))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _run(self, call: Callable[[], object]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except SteadylineError as error:
            if not self._told:
                self._told = True
                self._say(f"{error}; {WITHOUT}")

    async def done(self) -> None:
        """Wait for all of them, for a bounded time; no more is asked after it."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=END_SECONDS)
        self._thread.shutdown(wait=False, cancel_futures=True)
