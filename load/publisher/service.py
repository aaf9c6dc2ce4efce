"""Running the publisher: frames of the load run come on stdin, answers go to stdout, the page is served on loopback."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from load.frames import Frames, framed
from load.publisher.discovery import TargetFile
from load.publisher.facts import Facts
from load.publisher.kinds import KIND, Frame, Kind
from load.publisher.port import taken
from load.publisher.publisher import Publisher
from load.publisher.web import application
from steadyline.errors import SteadylineError
from steadyline.web.serving import server

ANSWER_SECONDS = 1
"""For answers under way when it ends."""
PIECE_BYTES = 1 << 16
Say = Callable[[Frame], None]


def main() -> int:
    """Serve one load run's page until the run is gone; answer the exit code."""
    # What else prints in this process must not end up among the answers.
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(frame: Frame) -> None:
        with contextlib.suppress(BrokenPipeError):  # the load run is gone; what it left is still to be ended
            os.write(answers, framed(frame))

    try:
        asyncio.run(_serve(say))
    except SteadylineError as error:
        say({KIND: Kind.ERROR, "text": str(error), "code": error.exit_code})
        return error.exit_code
    return 0


async def _serve(say: Say) -> None:
    frames = await _frames()
    opened = await anext(frames, None)
    if opened is None:
        return
    facts = Facts(**{key: value for key, value in opened.items() if key != KIND})
    exposure = facts.exposure
    listener = await asyncio.to_thread(taken, facts)
    facts = facts.at(listener.getsockname()[1])
    publisher = Publisher(facts, say)
    page = server(application(publisher.render, publisher.state), exposure, ANSWER_SECONDS)
    serving = asyncio.create_task(page.serve(sockets=[listener]))
    try:
        with _found_by_prometheus(facts, say):
            say({KIND: Kind.READY, "url": facts.url})
            await _follow(frames, publisher)
    finally:
        page.should_exit = True
        await serving


async def _follow(frames: AsyncIterator[Frame], publisher: Publisher) -> None:
    """Do what the load run says until it is gone; SIGTERM ends this at once."""

    async def follow() -> None:
        async for frame in frames:
            publisher.take(frame)
        await publisher.leave()

    following = asyncio.create_task(follow())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, following.cancel)
    try:
        await following
    except asyncio.CancelledError:
        await publisher.stop()


async def _frames() -> AsyncIterator[Frame]:
    """The frames that come on stdin, until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)

    async def read() -> AsyncIterator[Frame]:
        unpacker = Frames()
        while piece := await reader.read(PIECE_BYTES):
            for frame in unpacker.feed(piece):
                yield frame

    return read()


@contextlib.contextmanager
def _found_by_prometheus(facts: Facts, say: Say) -> Iterator[None]:
    """The stack's Prometheus finds the page meanwhile; where the file cannot be written it is served all the same."""
    try:
        file = TargetFile(Path(facts.targets_folder), facts.host, facts.port)
    except OSError as error:
        text = (
            f"{facts.targets_folder}: cannot be written ({error.strerror}): the stack's Prometheus does not find {facts.url}"
        )
        say({KIND: Kind.NOTE, "text": text})
        yield
        return
    try:
        yield
    finally:
        file.remove()
