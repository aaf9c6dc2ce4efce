"""Questions asked side by side, none of which can hold up the answer: what is late is left behind."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

K = TypeVar("K")
T = TypeVar("T")


def answers(questions: Mapping[K, Callable[[], T]], seconds: float) -> dict[K, T]:
    """The answers that came in time, in the order of the questions; an exception is raised, the first one's.

    Args:
        questions: each is asked in a daemon thread of its own, which an executor's are not: the process ends without them.
        seconds: for all together.
    """
    asked = {key: _asked(question) for key, question in questions.items()}
    deadline = time.monotonic() + seconds
    found: dict[K, T] = {}
    for key, answer in asked.items():
        done, _ = wait([answer], timeout=max(0.0, deadline - time.monotonic()))
        if done:
            found[key] = answer.result()
    return found


def _asked(question: Callable[[], T]) -> "Future[T]":
    answer: Future[T] = Future()

    def ask() -> None:
        try:
            answer.set_result(question())
        except BaseException as error:  # noqa: BLE001 - handed to whoever reads the answer
            answer.set_exception(error)

    Thread(target=ask, name="doctor", daemon=True).start()
    return answer
