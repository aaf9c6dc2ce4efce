"""What is wrong with an operation that a user wrote: each fault as a sentence, before anything of it runs."""

import inspect
import math
from collections.abc import Iterator
from typing import Any

from steadyline.operation import Operation, Sized, Suite
from steadyline.target import BACKENDS

SHORTEST_CADENCE_SECONDS = 2.0
"""A run of 15 attempts then lasts six scrapes; in fewer the limits of the rules do not hold."""
LONGEST_CADENCE_SECONDS = 3600.0
"""The slow rule looks at 300 attempts, and the stack's Prometheus keeps a fortnight."""
_STEPS = {
    "body": ("client", "prepared"),
    "prepare": ("client",),
    "verify": ("client", "prepared", "result"),
    "cleanup": ("client", "prepared", "result"),
}
"""What each step is called with."""
_SIZED = ("client", "size")
"""What the prepare of a family is called with."""
_LEAST_COUNTS = {"items": 1, "concurrency": 1, "bytes_moved": 0, "size": 0}
_LIMITS = ("budget_seconds", "timeout_seconds")
_SWITCHES = ("writes", "asks_target")


def faults(operation: Operation) -> Iterator[str]:
    """Each fault, with what to do about it; none where the drivers, the rules and the write guard can rely on it."""
    if operation.backend not in BACKENDS:
        yield f"there is no backend {operation.backend}; the name's first part is one of {', '.join(BACKENDS)}"
    yield from _of_facts(operation)
    yield from _of_writing(operation)
    for step, given in _STEPS.items():
        function = getattr(operation, step)
        if isinstance(function, Sized):
            yield from _of_step(step, function.prepare, _SIZED)
        elif function is not None:
            yield from _of_step(step, function, given)


def _of_facts(operation: Operation) -> Iterator[str]:
    for fact, least in _LEAST_COUNTS.items():
        count = getattr(operation, fact)
        if type(count) is not int or count < least:
            yield f"{fact} is {count!r}; give a whole number, {least} or more"
    for fact in _LIMITS:
        if not _is_seconds(getattr(operation, fact)):
            yield f"{fact} is {getattr(operation, fact)!r}; give seconds, more than 0"
    for fact in _SWITCHES:
        if type(getattr(operation, fact)) is not bool:
            yield f"{fact} is {getattr(operation, fact)!r}; say True or False"
    yield from _of_schedule(operation)


def _of_schedule(operation: Operation) -> Iterator[str]:
    cadence = operation.probe_every_seconds
    suite: object = operation.suite
    if not isinstance(suite, Suite):
        yield f"suite is {suite!r}; give Suite.{', Suite.'.join(one.name for one in Suite)}"
    elif cadence is not None and suite is not Suite.PERFORMANCE:
        yield f"{suite} operations are not probed; say probe_every_seconds=None"
    if cadence is not None and not _is_cadence(cadence):
        bounds = f"{SHORTEST_CADENCE_SECONDS:g} to {LONGEST_CADENCE_SECONDS:g}"
        yield f"probe_every_seconds is {cadence!r}; give whole seconds, {bounds}, or None"


def _is_cadence(value: Any) -> bool:
    """Of whole seconds: a run is whole scrapes then."""
    return _is_seconds(value) and SHORTEST_CADENCE_SECONDS <= value <= LONGEST_CADENCE_SECONDS and value % 1 == 0


def _is_seconds(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value > 0


def _of_writing(operation: Operation) -> Iterator[str]:
    if operation.writes and operation.cleanup is None:
        yield (
            "it writes and has no cleanup; give one, or say cleanup=in_run_scope (of steadyline.operation) where all that "
            "it writes lies in the client's run-scoped project"
        )
    if operation.cleanup is not None and not operation.writes:
        yield "it has a cleanup, so it writes; say writes=True, or leave the cleanup out"


def _of_step(step: str, function: object, given: tuple[str, ...]) -> Iterator[str]:
    what = "the function" if step == "body" else step
    if not callable(function):
        yield f"{what} is {type(function).__name__}; give a function of ({', '.join(given)})"
        return
    if inspect.iscoroutinefunction(function):
        yield f"{what} is async, and nothing would await it; write a plain function"
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        yield f"{what} yields, and nothing would run it; write a plain function"
    try:
        inspect.signature(function).bind(*given)
    except TypeError:
        yield f"{what} is called with ({', '.join(given)}) and does not take that; give it these parameters"
    except ValueError:
        return  # written in C, without a signature to look at
