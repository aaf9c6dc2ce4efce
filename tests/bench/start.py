"""How long from `up` until every scheduled operation has been scraped once."""

import time
from collections.abc import Iterator

import native_stack as stacks
from paired import Figure

from alerts.prometheus import Prometheus
from steadyline.errors import UnreachableError
from steadyline.vocabulary import OPERATION_DURATION, SCHEDULE_INTERVAL

ASKED_SECONDS = 20.0
GIVEN_UP_SECONDS = 120.0
KEY = "sum by (operation, target)"


def measured(prometheus: Prometheus) -> tuple[int, int]:
    """How many operations have a scraped success, and how many are scheduled."""
    done = prometheus.query(f"{KEY} ({OPERATION_DURATION.name}_count) > 0")
    return len(done), len(prometheus.query(f"{KEY} ({SCHEDULE_INTERVAL.name})"))


def figures() -> Iterator[Figure]:
    """One line: seconds from the command to the last operation's first scrape."""
    with stacks.empty() as stack:
        prometheus = Prometheus(stack.settings.prometheus)
        start = time.monotonic()
        stack.run("up", "--detach")
        ready = time.monotonic() - start
        done, scheduled = 0, 1
        while done < scheduled and time.monotonic() - start < GIVEN_UP_SECONDS:
            time.sleep(0.2)
            with_answer = _asked(prometheus)
            done, scheduled = with_answer or (done, scheduled)
        seconds = time.monotonic() - start
    yield Figure(
        f"`up` with everything installed: every one of {scheduled} scheduled operations scraped once",
        f"<= {ASKED_SECONDS:g} s",
        f"{seconds:.1f} s (ready after {ready:.1f} s)",
        done == scheduled and seconds <= ASKED_SECONDS,
    )


def _asked(prometheus: Prometheus) -> tuple[int, int] | None:
    try:
        done, scheduled = measured(prometheus)
    except UnreachableError:
        return None
    return (done, scheduled) if scheduled else None
