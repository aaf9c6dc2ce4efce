"""Run as a program: reads calls as lines of JSON, makes them with our HTTP session or with FastHttpUser's, says what came.

Importing locust patches the process, so no test may do it in its own; and it takes a second, so one program serves many.
"""

import locust  # isort: skip  # first: it patches
import json
import random
import ssl
import sys
from collections import Counter
from types import SimpleNamespace
from typing import Any

import gevent
from locust.contrib.fasthttp import FastHttpSession
from locust.event import EventHook

from load.quick.connection import Waits
from load.quick.session import QuickSession

_SHOWN_EVENT = ("request_type", "name", "response_length", "context", "url")
_sessions: dict[str, Any] = {}
_events: list[dict[str, Any]] = []
_event = EventHook()
_event.add_listener(lambda **fields: _events.append(fields))


def _session(call: dict[str, Any]) -> Any:
    name = f"{call['kind']} {call['session']}"
    if name not in _sessions:
        user = SimpleNamespace(context=lambda: {"of": "the user"})
        if call["kind"] == "fast":
            seconds = call["waits"][1]
            _sessions[name] = FastHttpSession(call["base"], _event, user, network_timeout=seconds)  # type: ignore[arg-type]
        else:
            trusted = call.get("trusted")
            context = ssl.create_default_context(cafile=trusted) if trusted or call.get("verified") else None
            _sessions[name] = QuickSession(call["base"], _event, user, waits=Waits(*call["waits"]), context=context)  # type: ignore[arg-type]
    return _sessions[name]


def _error(error: BaseException | None) -> dict[str, Any] | None:
    return error and {"kinds": [kind.__name__ for kind in type(error).__mro__], "text": str(error)}


def _exchange(session: QuickSession, call: dict[str, Any]) -> dict[str, Any]:
    body = call["body"]
    try:
        found = session.exchange(call["method"], call["url"], None if body is None else body.encode(), call["headers"])
    except Exception as error:  # noqa: BLE001 - which one it is, is what the test asks
        return {"error": _error(error)}
    return {
        "status": found.status,
        "content": found.content.decode("latin-1"),
        "headers": dict(found.headers.items()),
        "connected": found.connect_seconds is not None,
    }


def _request(session: Any, call: dict[str, Any]) -> dict[str, Any]:
    _events.clear()
    judged = call.get("judged")
    try:
        with gevent.Timeout(call.get("within")):
            found = session.request(call["method"], call["url"], catch_response=judged is not None, **call["options"])
        if judged is not None:
            with found:
                if judged == "success":
                    found.success()
                elif judged:
                    found.failure(judged)
    except Exception as error:  # noqa: BLE001 - as above
        return {"error": _error(error), "events": len(_events)}
    fired = _events[0]
    return {
        "status": found.status_code,
        "ok": found.ok,
        "content": found.content and found.content.decode("latin-1"),
        "text": found.text,
        "error": _error(getattr(found, "error", None)),
        "headers": found.headers and sorted((name.lower(), value) for name, value in found.headers.items()),
        "url": found.url,
        "events": len(_events),
        "event": {name: fired[name] for name in _SHOWN_EVENT},
        "event_keys": sorted(fired),
        "exception": _error(fired["exception"]),
        "timed": 0 < fired["response_time"] < 60_000 and fired["start_time"] > 1_700_000_000,
        "fired_status": fired["response"].status_code,
    }


def _killed(session: QuickSession, call: dict[str, Any]) -> dict[str, Any]:
    """A greenlet killed while it waits for the answer to the call."""
    asking = gevent.spawn(_exchange, session, call)
    gevent.sleep(call["after"])
    asking.kill()
    return {"killed": isinstance(asking.value, gevent.GreenletExit)}


def _together(session: QuickSession, call: dict[str, Any]) -> dict[str, Any]:
    """The call several times at once, in greenlets that share the session."""
    asking = [gevent.spawn(_exchange, session, {**call, "url": url}) for url in call["urls"]]
    gevent.joinall(asking)
    return {"answers": [greenlet.value for greenlet in asking]}


def _storm(session: QuickSession, call: dict[str, Any]) -> dict[str, Any]:
    """Greenlets that ask one thing after the other in one session, some of them killed at any moment."""
    dice, wrong, counts = random.Random(call["seed"]), [], Counter()

    def asking(greenlet: int) -> None:
        for number in range(call["each"]):
            path = f"/{greenlet}/{number}"
            try:
                found = session.exchange("GET", path, None, {})
            except OSError as error:
                counts[type(error).__name__] += 1
            else:
                counts["answered"] += 1
                if found.content.decode() != path:
                    wrong.append((path, found.content.decode("latin-1")))

    greenlets = [gevent.spawn(asking, number) for number in range(call["greenlets"])]
    for greenlet in greenlets[::2]:
        gevent.sleep(dice.random() * 0.02)
        greenlet.kill()
    gevent.joinall(greenlets)
    return {"wrong": wrong, "counts": counts}


_DO = {"storm": _storm, "exchange": _exchange, "killed": _killed, "together": _together, "request": _request}


def main() -> None:
    """Until the end of the input."""
    assert locust
    for line in sys.stdin:
        call = json.loads(line)
        try:
            said = _DO[call["do"]](_session(call), call)
        except Exception as error:  # noqa: BLE001 - as above
            said = {"error": _error(error)}
        print(json.dumps(said, default=repr), flush=True)


main()
