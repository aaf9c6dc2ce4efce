"""How long from `up` until every scheduled operation has been scraped once."""

import contextlib
import time
from collections.abc import Iterator

import native_stack as stacks
from paired import Figure

from steadyline.errors import UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import OPERATION_DURATION, SCHEDULE_INTERVAL

ASKED_SECONDS = 20.0
GIVEN_UP_SECONDS = 120.0
KEY = "sum by (operation, target)"


def measured(prometheus: Prometheus) -> tuple[int, int]:
    """How many operations have a scraped success, and how many are scheduled."""
    done = prometheus.query(f"{KEY} ({OPERATION_DURATION.name}_count) > 0")
    return len(done), len(prometheus.query(f"{KEY} ({SCHEDULE_INTERVAL.name})"))


def until_all_scraped(prometheus: Prometheus, given_up_seconds: float = GIVEN_UP_SECONDS) -> tuple[int, int]:
    """Wait until every scheduled operation has a scraped success; answer how many have one and how many should."""
    deadline = time.monotonic() + given_up_seconds
    done, scheduled = 0, 0
    while time.monotonic() < deadline and not 0 < scheduled <= done:
        time.sleep(0.2)
        with contextlib.suppress(UnreachableError):  # it is not there yet
            done, scheduled = measured(prometheus)
    return done, scheduled


def figures() -> Iterator[Figure]:
    """One line: seconds from the command to the last operation's first scrape."""
    with stacks.empty() as stack:
        start = time.monotonic()
        stack.run("up", "--native", "--detach")
        ready = time.monotonic() - start
        done, scheduled = until_all_scraped(Prometheus(stack.settings.prometheus))
        seconds = time.monotonic() - start
    yield Figure(
        f"`up` with everything installed: every one of {scheduled} scheduled operations scraped once",
        f"<= {ASKED_SECONDS:g} s",
        f"{seconds:.1f} s (ready after {ready:.1f} s)",
        0 < scheduled <= done and seconds <= ASKED_SECONDS,
    )
