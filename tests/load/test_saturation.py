"""When a load generator is the bottleneck itself, and what the master knows of each worker."""

import pytest

from load.saturation import FULL_CPU_RATIO, LATE_SECONDS, REPORTS, Health, Saturation
from load.workers import Worker

FINE, BUSY, LATE = Health(0.5, 0.01, 10, 1), Health(FULL_CPU_RATIO, 0.0, 10, 1), Health(0.1, LATE_SECONDS, 10, 1)


@pytest.mark.parametrize("over", [BUSY, LATE], ids=["processor", "lag"])
def test_a_worker_is_saturated_after_several_reports_in_a_row(over):
    """One report over a limit is a burst; so many in a row are saturation; one that is fine begins anew."""
    saturation = Saturation()
    assert [saturation.is_saturated(over) for _ in range(REPORTS)] == [False] * (REPORTS - 1) + [True]
    assert not saturation.is_saturated(FINE)
    assert not saturation.is_saturated(over)


def report(number: int, *, final: bool = False) -> dict[str, object]:
    """A worker's report, beside its series."""
    return {"number": number, "health": [0.2, 0.001, 5, 10**6], "dropped": 0, "intended": 0, "overflow": 0, "final": final}


def test_reports_that_never_came_are_counted():
    """Reports are numbered from 1; each number left out is a report lost."""
    worker = Worker("0")
    for number in (1, 2, 5, 6):
        worker.take(report(number))
    assert worker.lost_reports == 2


def test_a_worker_that_left_shows_as_gone():
    """It holds no users any more and is not up, and is back with its next report."""
    worker = Worker("0")
    worker.take(report(1))
    worker.leave(1000.0)
    assert worker.shown() == {"cpu": 0.0, "lag": 0.0, "users": 0, "rss": 0, "up": 0, "saturated": 0}
    worker.take(report(2))
    assert worker.shown() == {"cpu": 0.2, "lag": 0.001, "users": 5, "rss": 10**6, "up": 1, "saturated": 0}
