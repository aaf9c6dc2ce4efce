"""What every target does with a request before its own work: read the body up to a limit, and say what is wrong with it."""

from typing import Any

from pydantic import ValidationError
from starlette.requests import Request

_MOST_FAULTS_TOLD = 5


class TooLargeError(Exception):
    """A request's body is over the limit; no more of it was read."""


async def read_body(request: Request, largest_bytes: int) -> bytes:
    """The whole body.

    Raises:
        TooLargeError: it is larger; the rest stays unread.
        ClientDisconnect: the client went away before it was whole.
    """
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > largest_bytes:
            raise TooLargeError
    return bytes(parts)


def sentence(error: ValidationError) -> str:
    """What a model refuses, field by field, without repeating the values; at most the first five."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(_clause(fault) for fault in faults[:_MOST_FAULTS_TOLD])


def _clause(fault: Any) -> str:
    parts = (str(part) for part in fault["loc"])
    place = ".".join(part for part in parts if "[" not in part)  # those name a type out of several that would do
    text = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {text}" if place else text
