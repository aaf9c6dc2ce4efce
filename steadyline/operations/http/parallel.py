"""Requests side by side within one timed body: each thread meters its own call, and the body's call gets the sum."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from steadyline.outcome import Call, current_call

Result = TypeVar("Result")


def side_by_side(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run each work on a thread of its own; answer their results in order once all have ended.

    Their bytes are added up. Their phases are not: side by side they would come to more than the body took. Only the first
    one's request is marked, so that a fault holds the body back once.

    Raises:
        Exception: the first one's that failed, after all have ended.
    """
    whole = current_call.get()
    calls = [_part_of(whole, first=number == 0) for number in range(len(works))]
    with ThreadPoolExecutor(len(works)) as threads:
        running = [threads.submit(_within, call, work) for call, work in zip(calls, works, strict=True)]
    for call in calls:
        if whole is not None and call is not None:
            whole.bytes_sent += call.bytes_sent
            whole.bytes_received += call.bytes_received
    return [work.result() for work in running]


def _part_of(whole: Call | None, *, first: bool) -> Call | None:
    """A call of a thread's own; it is marked exactly when the body's first request is still to come."""
    if whole is None:
        return None
    part = Call(whole.operation)
    if not (first and whole.mark()):
        part.mark()
    return part


def _within(call: Call | None, work: Callable[[], Result]) -> Result:
    current_call.set(call)  # a new thread has a context of its own
    return work()
