"""Threads that an operation's body divides its work among, as an application's own would."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


def on_threads(threads: int, work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """Do the work for each part on as many threads; answer the results in order once all have ended.

    Raises:
        Exception: the first one's that failed, after all have ended.
    """
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(copy_context().run, work, part) for part in parts]
    return [done.result() for done in running]
