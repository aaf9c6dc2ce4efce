"""What the board "backends" shows of a known history: made by the real recorder, asked of a real Prometheus."""

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from grafana_asking import Asking
from scrape_history import history, scraped
from shown_board import Shown

from dashboards.queries import LEVELS
from runner.growth import exponent
from steadyline.boards import Board
from steadyline.edges import LADDER
from steadyline.exposition import Page
from steadyline.load_vocabulary import FLOW_SUFFIX
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.recorder import Recorder
from steadyline.severity import Severity
from steadyline.vocabulary import AlertName, Driver

pytestmark = pytest.mark.stack

TARGET = "embedded"
SPAN_SECONDS = 120
SQUARED = {10: 0.001, 100: 0.1, 1000: 10.0}
"""Seconds per call by size: a hundred times as long for ten times as much."""
UNEVEN = {50: 0.02, 200: 0.05, 800: 0.3}
ALONE = {20: 0.04}
FAMILIES = {"sql.squared": SQUARED, "sql.uneven": UNEVEN, "sql.alone": ALONE}
PAGED = "sql.paged"
"""Sizes of where to look, and as many items each time, give or take one: through these a line is as steep as it likes."""
PAGES = {100: (0.01, 20), 900: (0.08, 21)}
CONNECT, FIRST_BYTE, TRANSFER, SECONDS = 0.01, 0.06, 0.02, 0.1
PHASED, FLOW = "s3.segment_upload", f"s3.walk{FLOW_SUFFIX}"
SIZES = "Growth with size: seconds per call and item"
BACKENDS = "Backends, worst first"
OF_ALL = f'ALERTS{{alertname="{AlertName.BASELINES_STALE}",alertstate="firing",severity="{Severity.INFO}"}}'
OF_ONE = (
    f'ALERTS{{alertname="{AlertName.FAILING}",alertstate="firing",severity="{Severity.CRITICAL}",operation="{PHASED}",'
    f'backend="s3",target="{TARGET}",driver="{Driver.PROBE}"}}'
)


def _operations() -> list[Operation]:
    sized = [f"{family}_{size}" for family, sizes in FAMILIES.items() for size in sizes]
    names = [*sized, *(f"{PAGED}_{size}" for size in PAGES), PHASED, FLOW]
    return [Operation(name, "x", body=lambda _client, _prepared: None) for name in names]


def _happens(recorder: Recorder, _second: int) -> None:
    """A success of each size; of the other backend a success over HTTP, a refusal, and a flow that holds both."""
    for family, sizes in FAMILIES.items():
        for size, seconds in sizes.items():
            recorder.record(f"{family}_{size}", TARGET, Outcome(seconds, None, size))
    for size, (seconds, items) in PAGES.items():
        recorder.record(f"{PAGED}_{size}", TARGET, Outcome(seconds, None, items))
    phases = {"connect": CONNECT, "first_byte": FIRST_BYTE, "transfer": TRANSFER}
    recorder.record(PHASED, TARGET, Outcome(SECONDS, None, 1, bytes_sent=1000, phases=phases))
    recorder.record(PHASED, TARGET, Outcome(0, Reason.AUTH))
    recorder.record(FLOW, TARGET, Outcome(7.0, None, 1))


@pytest.fixture(scope="module")
def shown(start_prometheus: Callable[..., str]) -> Shown:
    """The board over that history."""
    recorder = Recorder(Driver.PROBE)
    for operation in _operations():
        recorder.declare(operation, TARGET, LADDER)
    now = float(int(time.time()))
    lines = scraped(Page({"operations": recorder}, deadline_seconds=5), now, SPAN_SECONDS, partial(_happens, recorder))
    firing = [f"{alert} 1 {now - age}" for alert in (OF_ALL, OF_ONE) for age in (60, 30, 0)]
    return Shown(Board.BACKENDS, Asking(start_prometheus(history=history(lines, firing))), now)


def test_the_exponent_is_the_one_that_a_run_tells(shown: Shown) -> None:
    """By least squares over the sizes of a family; none where one size is asked, or where the items are as many."""
    slopes = {family: exponent(FAMILIES[family].items()) for family in ("sql.squared", "sql.uneven")}
    assert slopes["sql.squared"] == pytest.approx(2)
    assert shown.column(SIZES, "exponent", "family", "size") == {
        (family, str(size)): pytest.approx(slope) for family, slope in slopes.items() for size in FAMILIES[family]
    }


def test_each_size_has_its_cost_per_item(shown: Shown) -> None:
    """In the table and over time: growing faster than linear, a larger size costs more per item."""
    wanted = {
        (family, str(size)): pytest.approx(seconds / size)
        for family, sizes in FAMILIES.items()
        for size, seconds in sizes.items()
    } | {(PAGED, str(size)): pytest.approx(seconds / items) for size, (seconds, items) in PAGES.items()}
    found = shown.column(SIZES, "seconds per item", "family", "size")
    assert found == wanted
    assert shown.last("Seconds per item, by family and size", "family", "size") == wanted
    assert all(found["sql.squared", str(one)] < found["sql.squared", str(more)] for one, more in pairwise(SQUARED))


def test_an_alert_stands_at_its_backend(shown: Shown) -> None:
    """As its severity's number; one that is of no backend makes no row."""
    assert shown.column(BACKENDS, "alert", "backend") == {"s3": LEVELS[Severity.CRITICAL]}


def test_attempts_are_told_by_backend_without_flows(shown: Shown) -> None:
    """A flow's steps are counted beside it: neither its attempts nor its seconds are added."""
    assert shown.column(BACKENDS, "attempts per second", "backend")["s3"] == pytest.approx(2)
    assert shown.column(BACKENDS, "mean", "backend")["s3"] == pytest.approx(SECONDS)
    assert shown.column(BACKENDS, "failures", "backend") == {"s3": pytest.approx(0.5), "sql": 0}


def test_attempts_in_flight_are_seconds_per_second(shown: Shown) -> None:
    """One a second that takes a tenth of one is a tenth of an attempt at any moment."""
    in_flight = shown.last("Attempts in flight, by backend", "backend")
    assert in_flight["s3"] == pytest.approx(SECONDS)
    assert in_flight["sql"] > SQUARED[1000]


def test_a_failure_shows_with_its_reason_and_no_other(shown: Shown) -> None:
    """All reasons stand at 0; only what happened is a line."""
    found = shown.last("Failures per second, by backend and reason", "backend", "reason")
    assert found == {("s3", Reason.AUTH): pytest.approx(1)}


def test_phases_say_where_the_time_goes(shown: Shown) -> None:
    """How long each takes, and which part of the whole it is; a backend that shows none has no line."""
    seconds = {"connect": CONNECT, "first_byte": FIRST_BYTE, "transfer": TRANSFER}
    means = shown.last("Mean duration of a phase, by backend", "backend", "phase")
    shares = shown.last("Where the time goes, share by phase", "backend", "phase")
    assert means == {("s3", phase): pytest.approx(one) for phase, one in seconds.items()}
    assert shares == {("s3", phase): pytest.approx(one / SECONDS) for phase, one in seconds.items()}
    assert shown.column(BACKENDS, "new connection", "backend") == {"s3": pytest.approx(CONNECT)}


def test_a_backend_chosen_is_the_only_one(shown: Shown) -> None:
    """As a link from another board chooses it."""
    alone = Shown(shown.board, shown.asking, shown.end, {"backend": "s3"})
    assert set(alone.column(BACKENDS, "mean", "backend")) == {"s3"}
    assert alone.lines(SIZES) == []
