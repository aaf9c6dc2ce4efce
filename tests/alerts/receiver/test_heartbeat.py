"""That alerting works is told by a watchdog; that it does not, by whoever misses it."""

import asyncio
import io
from pathlib import Path

import httpx
import pytest

from alerts.receiver.app import Receiver, application
from alerts.receiver.heartbeat import MISSED_SECONDS, Heartbeat


class Watch:
    """A clock that is set by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    """At 0."""
    return Watch()


@pytest.fixture
def receiver(watch: Watch, tmp_path: Path) -> Receiver:
    """Over that clock."""
    return Receiver(tmp_path / "notifications.jsonl", io.StringIO(), heartbeat=Heartbeat(elapsed=watch))


def asked(receiver: Receiver, method: str, path: str) -> str:
    """What it answers."""

    async def ask() -> str:
        transport = httpx.ASGITransport(application(receiver))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.request(method, path)).text

    return asyncio.run(ask())


def heard(receiver: Receiver, watch: Watch, *, after: float) -> str:
    """What it says within a second once some time is over."""
    watch.seconds += after
    receiver.out = said = io.StringIO()

    async def a_moment() -> None:
        listens = asyncio.create_task(receiver.listen())
        await asyncio.sleep(0)
        listens.cancel()

    asyncio.run(a_moment())
    return said.getvalue()


def test_it_is_missed_and_back(receiver: Receiver, watch: Watch) -> None:
    """Each is said once, and while it is missed the page says what to do."""
    asked(receiver, "POST", "/watchdog")
    assert heard(receiver, watch, after=MISSED_SECONDS) == ""
    assert "steadyline doctor" not in asked(receiver, "GET", "/")
    missed = heard(receiver, watch, after=1)
    assert missed.startswith("receiver: Alertmanager last heard of: ")
    assert "Nothing is judged or told until it is back: steadyline doctor" in missed
    assert heard(receiver, watch, after=MISSED_SECONDS) == ""
    assert '<span class="critical">Alertmanager last heard of' in asked(receiver, "GET", "/")
    asked(receiver, "POST", "/watchdog")
    assert heard(receiver, watch, after=0) == "receiver: Alertmanager is heard of again.\n"
    assert heard(receiver, watch, after=1) == ""


def test_one_that_never_came_is_missed_too(receiver: Receiver, watch: Watch) -> None:
    """A stack whose alerting never began says so as well."""
    assert "last heard of: not yet. Nothing is judged" in heard(receiver, watch, after=MISSED_SECONDS + 1)
