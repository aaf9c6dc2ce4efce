"""How old a run-scoped flow is: by the target's clock, however it writes the time."""

from datetime import UTC, datetime

import httpx
import pytest

from steadyline.backend import RUN_LIFETIME_SECONDS
from steadyline.operations.tams.artefacts import _answered, _found
from steadyline.operations.tams.flow import new_flow
from steadyline.outcome import IntegrityError

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
CREATED = {
    "in UTC": "2026-01-01T11:00:00Z",
    "with a fraction": "2026-01-01T11:00:00.000000Z",
    "with nanoseconds": "2026-01-01T11:00:00.000000000Z",
    "elsewhere": "2026-01-01T13:00:00+02:00",
    "without a zone": "2026-01-01T11:00:00",
}


def row(**facts):
    """A flow as a target shows it, born when it was made."""
    born = datetime(2026, 1, 1, 10, 0, 0, tzinfo=UTC).timestamp()
    return {**new_flow("a run", "kind", born).document, **facts}


@pytest.mark.parametrize("created", CREATED.values(), ids=CREATED)
def test_age(created):
    """A flow's age is from its creation to the answer, both as the target says them."""
    assert _found(row(created=created), NOW).age_seconds == 3600


def test_target_that_does_not_date():
    """Where the target does not say when a flow was made, what its maker wrote into its tags counts."""
    assert _found(row(), NOW).age_seconds == 7200


@pytest.mark.parametrize("facts", [{"created": "yesterday"}, {"created": 3}, {"tags": None}, {"tags": {}}])
def test_flow_that_cannot_be_dated(facts):
    """A flow that is not shown as one is a wrong answer, not a young flow."""
    with pytest.raises(IntegrityError):
        _found(row(**facts), NOW)


@pytest.mark.parametrize(
    ("seconds", "is_left"), [(0, False), (2 * RUN_LIFETIME_SECONDS, False), (2 * RUN_LIFETIME_SECONDS + 1, True)]
)
def test_left_by_a_crash(seconds, is_left):
    """A flow past twice its lifetime was left by a crash; a younger one may be a live run's."""
    created = datetime.fromtimestamp(NOW.timestamp() - seconds, UTC).isoformat()
    assert _found(row(created=created), NOW).was_left_by_a_crash == is_left


def test_one_that_stays(system):
    """A crashed run's flow that somebody has made read-only is told, and keeps no other alive."""
    flows = sorted((new_flow("a run", "kind", 0.0) for _ in range(3)), key=lambda flow: flow.id)
    with httpx.Client(base_url=system.servers.url, trust_env=False) as user:
        for flow in flows:
            user.put(flow.path, json=flow.document).raise_for_status()
        user.put(f"{flows[1].path}/read_only", json=True).raise_for_status()
    system.pass_time(3 * RUN_LIFETIME_SECONDS)
    with pytest.raises(httpx.HTTPStatusError, match="is read-only"):
        system.client().sweep()
    assert system.scopes() == {flows[1].label}


def test_moment_of_the_answer():
    """The target's clock is read from the answer's date."""
    assert _answered(httpx.Response(200, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"})) == NOW


@pytest.mark.parametrize("headers", [{}, {"Date": "now"}])
def test_answer_without_a_date(headers):
    """An answer that is not dated says nothing of ages."""
    with pytest.raises(IntegrityError, match="how old flows are"):
        _answered(httpx.Response(200, headers=headers))
