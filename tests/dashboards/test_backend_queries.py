"""What the board "backends" shows of a known history: made by the real recorder, asked of a real Prometheus."""

import json
import re
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from grafana_asking import Asking
from scrape_history import history, scraped
from shown_board import Shown

from alerts.view.snapshot import FAILURES_SECONDS
from dashboards.growth import OVER_SECONDS
from dashboards.queries import LEVELS
from dashboards.shipped import shipped
from runner.growth import exponent
from steadyline.boards import Board
from steadyline.durations import spoken
from steadyline.edges import LADDER, with_ladder
from steadyline.exposition import Page
from steadyline.load_vocabulary import FLOW_SUFFIX, LOAD_STARTED
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.recorder import Recorder
from steadyline.severity import Severity
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, AlertName, Driver

pytestmark = pytest.mark.stack

TARGET = "embedded"
SPAN_SECONDS = FAILURES_SECONDS + 120
SQUARED = {10: 0.001, 100: 0.1, 1000: 10.0}
"""Seconds per call by size: a hundred times as long for ten times as much."""
UNEVEN = {50: 0.02, 200: 0.05, 800: 0.3}
ALONE = {20: 0.04}
FAMILIES = {"sql.squared": SQUARED, "sql.uneven": UNEVEN, "sql.alone": ALONE}
RARE = "vast.rare"
"""Asked once a minute, each second time in vain; the last time too long ago for the zoom's own range."""
RARELY, RARE_SIZES, RARE_FROM = 60, {10: 0.2, 100: 0.4}, 30
LAX, STRICT = "tams.list", "tams.fetch"
"""As long as each other, in histograms whose edges differ."""
BETWEEN, OWN_EDGE = 0.2, 0.22
PAGED = "sql.paged"
"""Sizes of where to look, and as many items each time, give or take one: through these a line is as steep as it likes."""
PAGES = {100: (0.01, 20), 900: (0.08, 21)}
CONNECT, FIRST_BYTE, TRANSFER, SECONDS = 0.01, 0.06, 0.02, 0.1
PHASED, FLOW = "s3.segment_upload", f"s3.walk{FLOW_SUFFIX}"
SIZES = f"Growth with size, of what is asked: last {spoken(OVER_SECONDS)}"
BACKENDS = f"Backends over the last {spoken(FAILURES_SECONDS)}, worst first"
IN_FLIGHT = "In flight: successes, and attempts of load"
BY_REASON = "Failures per second, by backend and reason"
OF_FLOW = (
    f'ALERTS{{alertname="{AlertName.REGRESSION}",alertstate="firing",severity="{Severity.WARNING}",'
    f'operation="trace.walk{FLOW_SUFFIX}",backend="trace",target="{TARGET}",driver="{Driver.PROBE}"}}'
)
STARTED, SUCCEEDED, REFUSED, CUT = 100, 60, 25, 5
LOADED = f'operation="trace.item_create",backend="trace",target="{TARGET}",driver="{Driver.LOAD}"'
UNDER_LOAD = (
    f"{LOAD_STARTED.name}{{{LOADED}}} {STARTED}",
    f"{OPERATION_DURATION.name}_count{{{LOADED}}} {SUCCEEDED}",
    f"{OPERATION_DURATION.name}_sum{{{LOADED}}} {SUCCEEDED}",
    f'{OPERATION_FAILURES.name}{{{LOADED},reason="{Reason.TIMEOUT}"}} {REFUSED}',
    f'{OPERATION_FAILURES.name}{{{LOADED},reason="{Reason.CANCELLED}"}} {CUT}',
)
OF_ALL = f'ALERTS{{alertname="{AlertName.BASELINES_STALE}",alertstate="firing",severity="{Severity.INFO}"}}'
OF_ONE = (
    f'ALERTS{{alertname="{AlertName.FAILING}",alertstate="firing",severity="{Severity.CRITICAL}",operation="{PHASED}",'
    f'backend="s3",target="{TARGET}",driver="{Driver.PROBE}"}}'
)
ALERTS = (OF_ALL, OF_ONE, OF_FLOW)


def _operations() -> list[Operation]:
    sized = [f"{family}_{size}" for family, sizes in FAMILIES.items() for size in sizes]
    rare = [f"{RARE}_{size}" for size in RARE_SIZES]
    names = [*sized, *rare, *(f"{PAGED}_{size}" for size in PAGES), PHASED, FLOW, LAX]
    return [Operation(name, "x", body=lambda _client, _prepared: None) for name in names]


def _happens(recorder: Recorder, second: int) -> None:
    """A success of each size; over HTTP a success, a refusal, what a run's end cuts short, and a flow that holds them."""
    for size, seconds in RARE_SIZES.items() if second % RARELY == RARE_FROM else ():
        recorder.record(f"{RARE}_{size}", TARGET, Outcome(seconds, None, size))
        recorder.record(f"{RARE}_{size}", TARGET, Outcome(0, Reason.TIMEOUT))
    for name in (LAX, STRICT):
        recorder.record(name, TARGET, Outcome(BETWEEN, None, 1))
    for family, sizes in FAMILIES.items():
        for size, seconds in sizes.items():
            recorder.record(f"{family}_{size}", TARGET, Outcome(seconds, None, size))
    for size, (seconds, items) in PAGES.items():
        recorder.record(f"{PAGED}_{size}", TARGET, Outcome(seconds, None, items))
    phases = {"connect": CONNECT, "first_byte": FIRST_BYTE, "transfer": TRANSFER}
    recorder.record(PHASED, TARGET, Outcome(SECONDS, None, 1, bytes_sent=1000, phases=phases))
    recorder.record(PHASED, TARGET, Outcome(0, Reason.AUTH))
    recorder.record(PHASED, TARGET, Outcome(0, Reason.CANCELLED))
    recorder.record(FLOW, TARGET, Outcome(7.0, None, 1))


@pytest.fixture(scope="module")
def shown(start_prometheus: Callable[..., str]) -> Shown:
    """The board over that history."""
    recorder = Recorder(Driver.PROBE)
    for operation in _operations():
        recorder.declare(operation, TARGET, LADDER)
    recorder.declare(Operation(STRICT, "x", body=lambda _client, _prepared: None), TARGET, with_ladder([OWN_EDGE]))
    now = float(int(time.time()))
    lines = scraped(Page({"operations": recorder}, deadline_seconds=5), now, SPAN_SECONDS, partial(_happens, recorder))
    firing = [f"{line} {now - age}" for line in (*(f"{alert} 1" for alert in ALERTS), *UNDER_LOAD) for age in (60, 30, 0)]
    return Shown(Board.BACKENDS, Asking(start_prometheus(history=history(lines, firing))), now)


def test_the_exponent_is_the_one_that_a_run_tells(shown: Shown) -> None:
    """By least squares over the sizes of a family; none where one size is asked, or where the items are as many."""
    grown = {"sql.squared": SQUARED, "sql.uneven": UNEVEN, RARE: RARE_SIZES}
    slopes = {family: exponent(sizes.items()) for family, sizes in grown.items()}
    assert slopes["sql.squared"] == pytest.approx(2)
    assert shown.column(SIZES, "exponent", "family", "size") == {
        (family, str(size)): pytest.approx(slope) for family, slope in slopes.items() for size in grown[family]
    }


def test_each_size_has_its_cost_per_item(shown: Shown) -> None:
    """In the table and over time: growing faster than linear, a larger size costs more per item."""
    wanted = {
        (family, str(size)): pytest.approx(seconds / size)
        for family, sizes in (FAMILIES | {RARE: RARE_SIZES}).items()
        for size, seconds in sizes.items()
    } | {(PAGED, str(size)): pytest.approx(seconds / items) for size, (seconds, items) in PAGES.items()}
    found = shown.column(SIZES, "seconds per item", "family", "size")
    assert found == wanted
    assert shown.last("Seconds per item, by family and size", "family", "size") == wanted
    assert all(found["sql.squared", str(one)] < found["sql.squared", str(more)] for one, more in pairwise(SQUARED))


def test_an_alert_stands_at_its_backend(shown: Shown) -> None:
    """As its severity's number, of a flow too; one that is of no backend makes no row."""
    assert shown.column(BACKENDS, "alert", "backend") == {
        "s3": LEVELS[Severity.CRITICAL],
        "trace": LEVELS[Severity.WARNING],
    }


def test_attempts_are_told_by_backend_without_flows(shown: Shown) -> None:
    """A flow's steps are counted beside it: neither its attempts nor its seconds are added."""
    assert shown.column(BACKENDS, "attempts per second", "backend")["s3"] == pytest.approx(2)
    assert shown.column(BACKENDS, "mean", "backend")["s3"] == pytest.approx(SECONDS)


def test_what_a_runs_end_cut_short_is_in_no_failed_share(shown: Shown) -> None:
    """One of two failed, whatever was cancelled beside them; and a backend that was not asked has no share."""
    failed = shown.column(BACKENDS, "failures", "backend")
    assert failed == {"s3": pytest.approx(0.5), "sql": 0, "tams": 0, "vast": pytest.approx(0.5)}


def test_the_table_is_of_the_minutes_that_it_names(shown: Shown) -> None:
    """What happens once a minute is in it, whenever it was; the graph beside it is of the moment."""
    assert shown.column(BACKENDS, "mean", "backend")["vast"] == pytest.approx(sum(RARE_SIZES.values()) / 2)
    assert shown.column(BACKENDS, "attempts per second", "backend")["vast"] > 0
    assert shown.column(BACKENDS, "p95", "backend")["vast"] > RARE_SIZES[10]
    assert shown.last("Successes per second, by backend", "backend")["vast"] == 0


def test_a_backend_without_a_success_of_late_has_no_mean(shown: Shown) -> None:
    """Rather than one that is not a number."""
    assert shown.column(BACKENDS, "mean", "backend").keys() == {"s3", "sql", "tams", "vast"}


def test_a_percentile_is_over_edges_that_all_operations_have(shown: Shown) -> None:
    """An edge of one alone would have the others' successes above it."""
    below, above = max(edge for edge in LADDER if edge < BETWEEN), min(edge for edge in LADDER if edge >= BETWEEN)
    wanted = below + 0.95 * (above - below)
    assert shown.column(BACKENDS, "p95", "backend")["tams"] == pytest.approx(wanted)


def test_successes_in_flight_are_seconds_per_second(shown: Shown) -> None:
    """One a second that takes a tenth of one is a tenth of a success at any moment."""
    in_flight = shown.last(IN_FLIGHT, "backend")
    assert in_flight["s3"] == pytest.approx(SECONDS)
    assert in_flight["sql"] > SQUARED[1000]


def test_attempts_of_load_in_flight_are_what_has_not_ended(shown: Shown) -> None:
    """Whatever way they end, so that what times out is in flight until then; who has no load has no line."""
    assert shown.last(IN_FLIGHT, "backend", ref="B") == {"trace": STARTED - SUCCEEDED - REFUSED - CUT}


def test_a_failure_shows_with_its_reason_and_no_other(shown: Shown) -> None:
    """All reasons stand at 0; only what happened is a line."""
    found = shown.last(BY_REASON, "backend", "reason")
    rare = ("vast", Reason.TIMEOUT)
    assert found.keys() == {rare, ("s3", Reason.AUTH), ("s3", Reason.CANCELLED)}
    assert [value for who, value in found.items() if who != rare] == pytest.approx([1, 1])


@pytest.mark.parametrize("board", [Board.BACKENDS, Board.OPERATION])
def test_a_panel_by_reason_has_words_for_each(board: Board) -> None:
    """For all that say anything: what was cut short is none of the backend's."""
    (panel,) = [panel for panel in shipped()[board]["panels"] if panel["title"].startswith("Failures per second, by ")]
    assert [reason for reason in Reason if reason != Reason.OTHER and reason not in panel["description"]] == []


def test_the_way_to_the_overview_keeps_the_target() -> None:
    """One, several or all, from the table and from every line."""
    ways = re.findall(rf'"(/?[^"]*{Board.OVERVIEW}\?[^"]*)"', json.dumps(shipped()[Board.BACKENDS]["panels"]))
    assert ways
    assert [way for way in ways if "${target:queryparam}" not in way] == []


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
