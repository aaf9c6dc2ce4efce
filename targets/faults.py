"""Faults on demand: make the requests that carry a header take a given time in all, so that an alert can be seen to arrive.

Wraps any target. No metric is faked: the answer is computed as ever and held back until its time has come. Every fault
expires, so that a killed command cannot leave one behind.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTROL_PATH = "/-/faults"
"""Where faults are put, listed and ended; no name of a bucket or of an API begins so."""
MOST_FAULTS = 100
"""At most so many at once: each is looked at for every request."""
LONGEST_SECONDS = 86400.0
"""No fault lasts longer."""
_FINE_SECONDS = 0.003
"""The last part of a wait is spent yielding: the event loop's timers are only good to a millisecond or two."""

Clock = Callable[[], float]


class FaultRefusedError(Exception):
    """The control's request cannot be met: HTTP status and one sentence for the client."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        """Keep the status beside the message."""
        super().__init__(message)
        self.status = status


class Fault(BaseModel):
    """What to slow down: requests whose `header` is `value` take `takes_seconds`, for `expires_seconds` from now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")]
    value: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,200}$")]
    takes_seconds: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)]
    expires_seconds: Annotated[float, Field(gt=0, le=LONGEST_SECONDS, allow_inf_nan=False)]


@dataclass(slots=True)
class Effect:
    """A fault and what it did.

    Attributes:
        until: when it expires, by the clock.
        matched: requests that carried the header.
        stretched: those of them that were quicker than asked and so had to wait.
        own_seconds: what the stretched ones took by themselves, summed.
        stretched_seconds: what they took in all, summed.
    """

    fault: Fault
    until: float
    matched: int = 0
    stretched: int = 0
    own_seconds: float = 0.0
    stretched_seconds: float = 0.0

    def shown(self, name: str, at: float) -> dict[str, Any]:
        """The fault as JSON; means are null before the first stretched request."""
        return {
            "name": name,
            **self.fault.model_dump(),
            "remaining_seconds": max(0.0, self.until - at),
            "matched_requests": self.matched,
            "stretched_requests": self.stretched,
            "mean_own_seconds": self.own_seconds / self.stretched if self.stretched else None,
            "mean_stretched_seconds": self.stretched_seconds / self.stretched if self.stretched else None,
        }


@dataclass(slots=True)
class Faults:
    """The faults under way, by name; used from the event loop only.

    Attributes:
        clock: seconds, monotonic.
        anywhere: whether clients on other hosts may control them: in a container everybody is on another one.
        effects: the faults.
    """

    clock: Clock = time.perf_counter
    anywhere: bool = False
    effects: dict[str, Effect] = field(default_factory=dict)

    def put(self, name: str, fault: Fault) -> Effect:
        """Begin a fault, or begin it anew; 409 when there are too many."""
        self._expire()
        if name not in self.effects and len(self.effects) >= MOST_FAULTS:
            raise FaultRefusedError(HTTPStatus.CONFLICT, f"there are {MOST_FAULTS} faults already; delete one")
        effect = self.effects[name] = Effect(fault, self.clock() + fault.expires_seconds)
        return effect

    def end(self, name: str) -> Effect:
        """End a fault; 404 when there is none of that name, or it has expired."""
        self._expire()
        if name not in self.effects:
            raise FaultRefusedError(HTTPStatus.NOT_FOUND, f"no fault {name}")
        return self.effects.pop(name)

    def under_way(self) -> Mapping[str, Effect]:
        """Those that have not expired."""
        self._expire()
        return self.effects

    def matching(self, headers: list[tuple[bytes, bytes]]) -> Effect | None:
        """The fault for a request's headers, the longest where several match."""
        sent = {(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers}
        hits = [effect for effect in self.under_way().values() if (effect.fault.header.lower(), effect.fault.value) in sent]
        return max(hits, key=lambda effect: effect.fault.takes_seconds, default=None)

    def _expire(self) -> None:
        at = self.clock()
        for name in [name for name, effect in self.effects.items() if effect.until <= at]:
            del self.effects[name]


@dataclass(slots=True)
class Stretched:
    """ASGI middleware: holds the answers of matching requests back until the asked time has passed, and serves the control.

    The control is PUT, GET and DELETE of /-/faults/{name}, and GET of /-/faults; for this host only unless
    `Faults` says otherwise.

    Attributes:
        app: the target.
        faults: those under way, or None where faults are not allowed: the control then says so.
    """

    app: ASGIApp
    faults: Faults | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, stretch it, or control the faults."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].startswith(CONTROL_PATH):
            answer = await _controlled(Request(scope, receive), self.faults)
            await answer(scope, receive, send)
        elif self.faults is None or not self.faults.effects:  # as nearly always: what is measured pays for nothing else
            await self.app(scope, receive, send)
        else:
            await self._stretch(self.faults, scope, receive, send)

    async def _stretch(self, faults: Faults, scope: Scope, receive: Receive, send: Send) -> None:
        start = faults.clock()
        effect = faults.matching(scope["headers"])
        if effect is None:
            await self.app(scope, receive, send)
            return

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                await _hold(effect, start, faults.clock)
            await send(message)

        await self.app(scope, receive, held)


async def _hold(effect: Effect, start: float, clock: Clock) -> None:
    deadline = start + effect.fault.takes_seconds
    own = clock() - start
    effect.matched += 1
    if clock() >= deadline:
        return
    await _until(deadline, clock)
    effect.stretched += 1
    effect.own_seconds += own
    effect.stretched_seconds += clock() - start


async def _until(deadline: float, clock: Clock) -> None:
    """Wait to within 0.1 ms without ever keeping the loop from other requests."""
    coarse = deadline - clock() - _FINE_SECONDS
    if coarse > 0:
        await asyncio.sleep(coarse)
    while clock() < deadline:  # noqa: ASYNC110 - nothing signals the time; yielding is the point
        await asyncio.sleep(0)


async def _controlled(request: Request, faults: Faults | None) -> Response:
    """The control's answer; whatever is wrong with the request is one sentence in `error`."""
    try:
        return JSONResponse(await _control(request, faults))
    except FaultRefusedError as refused:
        return JSONResponse({"error": str(refused)}, refused.status)
    except ValidationError as invalid:
        return JSONResponse({"error": "; ".join(map(_sentence, invalid.errors()[:5]))}, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ClientDisconnect:
        return JSONResponse({"error": "the client went away before its request was whole"}, HTTPStatus.BAD_REQUEST)


async def _control(request: Request, faults: Faults | None) -> Any:
    if faults is None:
        raise FaultRefusedError(HTTPStatus.NOT_FOUND, "fault control is off; start the target with --allow-faults")
    if not faults.anywhere and not _is_from_this_host(request):
        raise FaultRefusedError(
            HTTPStatus.FORBIDDEN,
            "faults are controlled from this host only; in containers start the target with --faults-from-anywhere",
        )
    name = request.scope["path"].removeprefix(CONTROL_PATH)
    match request.method, name:
        case "GET", "":
            return {"faults": [effect.shown(one, faults.clock()) for one, effect in faults.under_way().items()]}
        case "PUT", _ if _is_name(name):
            fault = Fault.model_validate_json(await request.body())
            return faults.put(name[1:], fault).shown(name[1:], faults.clock())
        case "DELETE", _ if _is_name(name):
            return faults.end(name[1:]).shown(name[1:], faults.clock())
    raise FaultRefusedError(
        HTTPStatus.METHOD_NOT_ALLOWED, f"there is GET {CONTROL_PATH}, and PUT and DELETE {CONTROL_PATH}/{{name}}"
    )


def _is_name(rest: str) -> bool:
    return rest.startswith("/") and len(rest) > 1 and "/" not in rest[1:]


def _is_from_this_host(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _sentence(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]
