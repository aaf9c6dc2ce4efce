"""What the board "memory" shows of a known growth: a ramp, a flat line, and a process watched for minutes only."""

import time
from collections.abc import Callable, Iterator

import pytest
from grafana_asking import Asking
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from scrape_history import history, scraped
from shown_board import Shown

from steadyline.boards import Board
from steadyline.exposition import Page, family
from steadyline.operation import MEMORY_BUDGET_BYTES
from steadyline.vocabulary import LEAKED_ARTEFACTS, PROCESS_PEAK, PROCESS_RESIDENT

pytestmark = pytest.mark.stack

HOUR_SECONDS = 3600
SPAN_SECONDS = 2 * HOUR_SECONDS
YOUNG_SECONDS = 600
GROWS_BYTES_PER_HOUR = 12_000_000
BEGAN_BYTES = 100_000_000
FLAT_BYTES = 50_000_000
PEAK_BYTES = 600_000_000
TABLE = "Processes against 500 MB, largest first"


class Watched(Collector):
    """What the process watch and the janitor tell, a second at a time."""

    def __init__(self) -> None:
        self.second = 0

    def at(self, second: int) -> None:
        """It is so late."""
        self.second = second

    def collect(self) -> Iterator[Family]:
        """The families."""
        resident, peak, leaked = family(PROCESS_RESIDENT), family(PROCESS_PEAK), family(LEAKED_ARTEFACTS)
        grown = BEGAN_BYTES + GROWS_BYTES_PER_HOUR * self.second / HOUR_SECONDS
        resident.add_metric(("leaking",), grown)
        peak.add_metric(("leaking",), grown)
        resident.add_metric(("flat",), FLAT_BYTES)
        peak.add_metric(("flat",), PEAK_BYTES)
        if self.second > SPAN_SECONDS - YOUNG_SECONDS:
            resident.add_metric(("young",), BEGAN_BYTES + self.second * 1000)
        leaked.add_metric(("s3", "embedded"), 3)
        yield from (resident, peak, leaked)


@pytest.fixture(scope="module")
def shown(start_prometheus: Callable[..., str]) -> Shown:
    """The board over that history."""
    watched, now = Watched(), float(int(time.time()))
    lines = scraped(Page({"processes": watched}, deadline_seconds=5), now, SPAN_SECONDS, watched.at)
    return Shown(Board.MEMORY, Asking(start_prometheus(history=history(lines))), now)


def test_growth_is_told_in_bytes_per_hour(shown: Shown) -> None:
    """In the table and over time; what does not grow is at 0."""
    for found in (
        shown.column(TABLE, "growth per hour", "process"),
        shown.last("Growth of resident memory, bytes per hour", "process"),
    ):
        assert found["leaking"] == pytest.approx(GROWS_BYTES_PER_HOUR, rel=1e-6)
        assert found["flat"] == pytest.approx(0, abs=1)


def test_what_grows_has_a_time_until_its_budget(shown: Shown) -> None:
    """What is flat has none, and of what was watched for minutes nothing is foretold."""
    left = MEMORY_BUDGET_BYTES - (BEGAN_BYTES + GROWS_BYTES_PER_HOUR * SPAN_SECONDS / HOUR_SECONDS)
    found = shown.column(TABLE, "until the budget", "process")
    assert found == {"leaking": pytest.approx(left / GROWS_BYTES_PER_HOUR * HOUR_SECONDS, rel=1e-3)}


def test_a_peak_stays_when_memory_is_given_back(shown: Shown) -> None:
    """Beyond the budget the share is above 1, whatever the process holds now; the largest comes first."""
    shares = shown.last("Peak, share of the budget", "process")
    assert shares["flat"] == pytest.approx(PEAK_BYTES / MEMORY_BUDGET_BYTES)
    assert next(iter(shares)) == "flat"
    assert shown.column(TABLE, "now", "process")["flat"] == FLAT_BYTES


def test_what_is_left_behind_is_told_by_place(shown: Shown) -> None:
    """By backend and target."""
    assert shown.last("Leaked artefacts, by backend and target", "backend", "target") == {("s3", "embedded"): 3}


def test_a_process_chosen_is_the_only_one(shown: Shown) -> None:
    """In every panel of processes."""
    alone = Shown(shown.board, shown.asking, shown.end, {"process": "flat"})
    assert set(alone.column(TABLE, "now", "process")) == {"flat"}
    assert set(alone.last("Resident memory against the budget, bytes", "process")) == {"flat"}
