"""Waiting for what a target does after its answer: asked again and again, ever more rarely, and not for ever."""

from collections.abc import Callable

from steadyline.operation import OPERATION_BUDGET_SECONDS

FIRST_SECONDS = 0.02
LONGEST_SECONDS = 1.0


def comes_true(is_so: Callable[[], bool], pause: Callable[[float], None]) -> bool:
    """Ask until it is so, with pauses that double; False when they have come to an operation's budget.

    Args:
        is_so: asks once.
        pause: waits so many seconds.
    """
    waited, next_pause = 0.0, FIRST_SECONDS
    while not is_so():
        if waited >= OPERATION_BUDGET_SECONDS:
            return False
        pause(next_pause)
        waited += next_pause
        next_pause = min(2 * next_pause, LONGEST_SECONDS)
    return True
