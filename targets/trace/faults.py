"""Faults on demand: make the requests that carry a header take a given time in all, so that an alert can be seen to arrive.

No metric is faked: the answer is computed as ever and held back until its time has come. Every fault expires, so that
a killed command cannot leave one behind.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from targets.trace.endpoint import Refusal

MOST_FAULTS = 100
"""At most so many at once: each is looked at for every request."""
LONGEST_SECONDS = 86400.0
"""No fault lasts longer."""
_FINE_SECONDS = 0.003
"""The last part of a wait is spent yielding: the event loop's timers are only good to a millisecond or two."""

Clock = Callable[[], float]


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
    """The faults under way, by name; used from the event loop only."""

    clock: Clock = time.perf_counter
    effects: dict[str, Effect] = field(default_factory=dict)

    def put(self, name: str, fault: Fault) -> Effect:
        """Begin a fault, or begin it anew; 409 when there are too many."""
        self._expire()
        if name not in self.effects and len(self.effects) >= MOST_FAULTS:
            raise Refusal(409, f"there are {MOST_FAULTS} faults already; delete one")
        effect = self.effects[name] = Effect(fault, self.clock() + fault.expires_seconds)
        return effect

    def end(self, name: str) -> Effect:
        """End a fault; 404 when there is none of that name, or it has expired."""
        self._expire()
        if name not in self.effects:
            raise Refusal(404, f"no fault {name}")
        return self.effects.pop(name)

    def under_way(self) -> Mapping[str, Effect]:
        """Those that have not expired."""
        self._expire()
        return self.effects

    def matching(self, headers: list[tuple[bytes, bytes]]) -> Effect | None:
        """The fault for a request's headers, the longest where several match."""
        if not self.effects:
            return None
        sent = {(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers}
        hits = [effect for effect in self.under_way().values() if (effect.fault.header.lower(), effect.fault.value) in sent]
        return max(hits, key=lambda effect: effect.fault.takes_seconds, default=None)

    def _expire(self) -> None:
        at = self.clock()
        for name in [name for name, effect in self.effects.items() if effect.until <= at]:
            del self.effects[name]


@dataclass(slots=True)
class Stretched:
    """ASGI middleware: holds the answers of matching requests back until the asked time has passed."""

    app: ASGIApp
    faults: Faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or stretch it."""
        start = self.faults.clock()
        effect = self.faults.matching(scope["headers"]) if scope["type"] == "http" else None
        if effect is None:
            await self.app(scope, receive, send)
            return

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._hold(effect, start)
            await send(message)

        await self.app(scope, receive, held)

    async def _hold(self, effect: Effect, start: float) -> None:
        clock = self.faults.clock
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


def _from_this_host(request: Request) -> None:
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Refusal(403, "faults are controlled from this host only")


async def put(request: Request) -> Response:
    """PUT /faults/{name}."""
    _from_this_host(request)
    fault = Fault.model_validate_json(await request.body())
    faults: Faults = request.app.state.faults
    name = request.path_params["name"]
    return JSONResponse(faults.put(name, fault).shown(name, faults.clock()))


async def listed(request: Request) -> Response:
    """GET /faults."""
    _from_this_host(request)
    faults: Faults = request.app.state.faults
    return JSONResponse({"faults": [effect.shown(name, faults.clock()) for name, effect in faults.under_way().items()]})


async def ended(request: Request) -> Response:
    """DELETE /faults/{name}: ends it and answers what it did."""
    _from_this_host(request)
    faults: Faults = request.app.state.faults
    name = request.path_params["name"]
    return JSONResponse(faults.end(name).shown(name, faults.clock()))
