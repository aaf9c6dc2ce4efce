"""Operations, judged over facts."""

from dataclasses import replace

import pytest

from deploy.doctor import operations
from deploy.doctor.finding import Health
from deploy.doctor.operations import Facts
from steadyline.outcome import Reason

ONE, OTHER = ("sql.item_create", "main"), ("sql.query_count", "main")
GOOD = Facts(scheduled={ONE: 2.0, OTHER: 2.0}, measured=frozenset({ONE, OTHER}), ran_seconds=600, leaked={"sql main": 0.0})
NEVER = replace(GOOD, measured=frozenset())
BAD = {
    "nothing is scheduled": (Facts(), operations.measured, Health.FAULT, "no operation is scheduled", None),
    "never asked": (
        replace(GOOD, measured=frozenset({ONE})),
        operations.measured,
        Health.FAULT,
        "never asked: sql.query",
        None,
    ),
    "just started": (replace(NEVER, ran_seconds=10), operations.measured, Health.UNKNOWN, "not been asked yet", None),
    "never succeeded": (
        replace(NEVER, reasons={ONE: {"connect": 9.0, "timeout": 1.0}, OTHER: {"connect": 1.0}}),
        operations.measured,
        Health.FAULT,
        "2 operations on main never succeeded (connect)",
        Reason.CONNECT,
    ),
    "fails now": (
        replace(GOOD, streaks={ONE: 5.0}, reasons={ONE: {"auth": 5.0}}),
        operations.failing,
        Health.WARNING,
        "fail now (auth)",
        Reason.AUTH,
    ),
    "leaked": (replace(GOOD, leaked={"sql main": 3.0}), operations.leaks, Health.WARNING, "3 in sql main", None),
    "not counted": (replace(GOOD, leaked={}), operations.leaks, Health.UNKNOWN, "not counted", None),
}


@pytest.mark.parametrize("check", operations.SUBJECT.checks, ids=lambda check: check.__name__)
def test_operations_that_are_measured_are_well(check):
    """All of them, and nothing left behind."""
    assert [finding.health for finding in check(GOOD)] == [Health.OK]


@pytest.mark.parametrize(("facts", "check", "health", "found", "reason"), BAD.values(), ids=BAD)
def test_what_is_not_measured_is_told(facts, check, health, found, reason):
    """Those of one target and reason together."""
    (finding,) = check(facts)
    assert (finding.health, finding.reason) == (health, reason)
    assert found in finding.found
    assert finding.cure


def test_systems_of_ones_own_alone():
    """Nobody counts there, and nobody has to be asked again for a count that does not come."""
    (finding,) = operations.leaks(Facts(scheduled={("http.orders_open", "orders"): 2.0}))
    assert finding.health is Health.OK
    (finding,) = operations.leaks(Facts(scheduled={("http.orders_open", "orders"): 2.0, ONE: 2.0}))
    assert finding.health is Health.UNKNOWN
