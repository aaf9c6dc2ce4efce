"""Runs read back from a real Prometheus that was fed what an exporter would have shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from alerts.record import baseline as record
from alerts.record import runs
from alerts.record.runs import Scheduled
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, SCHEDULE_INTERVAL

pytestmark = pytest.mark.stack

START = 1_700_000_010.0
SCRAPE = LIVE.scrape_seconds
EDGES = (0.01, 0.02, 0.05)


@dataclass(frozen=True)
class Window:
    """What one fast window held: a mean, how many successes and failures, and whether the exporter restarted in it."""

    mean_seconds: float = 0.02
    successes: float = 15
    failures: float = 0
    scraped: bool = True
    restarts: bool = False


STEADY = [Window(0.02 + 0.0001 * i) for i in range(24)]
CASES: dict[str, tuple[float, Sequence[Window]]] = {
    "sql.steady": (2, STEADY),
    "sql.dear": (10, [Window(0.2)] * 4),
    "sql.sparse": (2, [Window(), Window(successes=6), Window(), Window(successes=0)]),
    "sql.gap": (2, [Window(), Window(), Window(scraped=False), Window(scraped=False), Window(), Window()]),
    "sql.restart": (2, [Window(0.03), Window(0.03), Window(0.03, restarts=True), Window(0.03), Window(0.03)]),
    "sql.failing": (2, [Window(), Window(successes=12, failures=3), Window(successes=0, failures=15)]),
    "sql.idle": (2, [Window(successes=0)] * 4),
    "sql.instant": (2, [Window(mean_seconds=0.0)] * 4),
}


def _lines(operation: str, cadence: float, windows: Sequence[Window]) -> Iterator[str]:
    """Scrapes of one operation, each window's attempts spread evenly over it."""
    labels = f'operation="{operation}",backend="sql",target="embedded",driver="probe"'
    steps = int(LIVE.fast_window_seconds(cadence) / SCRAPE)
    count = total = failed = 0.0
    yield from _scrape(labels, START, cadence, (0.0, 0.0, 0.0))
    for i, window in enumerate(windows):
        for step in range(1, steps + 1):
            if window.restarts and step == steps // 2:
                count = total = failed = 0.0
            count += window.successes / steps
            total += window.mean_seconds * window.successes / steps
            failed += window.failures / steps
            if window.scraped:
                at = START + (i * steps + step) * SCRAPE
                yield from _scrape(labels, at, cadence, (count, total, failed))


def _scrape(labels: str, at: float, cadence: float, values: tuple[float, float, float]) -> Iterator[str]:
    count, total, failed = values
    yield f"{SCHEDULE_INTERVAL.name}{{{labels}}} {cadence} {at}"
    yield f"{OPERATION_DURATION.name}_count{{{labels}}} {count} {at}"
    yield f"{OPERATION_DURATION.name}_sum{{{labels}}} {total} {at}"
    yield f'{OPERATION_FAILURES.name}{{{labels},reason="timeout"}} {failed} {at}'
    yield f'{OPERATION_FAILURES.name}{{{labels},reason="other"}} 0 {at}'
    for edge in EDGES:
        yield f'{OPERATION_DURATION.name}_bucket{{{labels},le="{edge}"}} {count if edge >= 0.02 else 0} {at}'
    yield f'{OPERATION_DURATION.name}_bucket{{{labels},le="+Inf"}} {count} {at}'


def _history() -> str:
    lines = [line for name, (cadence, windows) in CASES.items() for line in _lines(name, cadence, windows)]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def prometheus(start_prometheus: Callable[..., str]) -> Prometheus:
    """One that scraped all cases."""
    return Prometheus(start_prometheus(history=_history()))


def _of(operation: str) -> Scheduled:
    return Scheduled(operation, "embedded", CASES[operation][0])


def _end(operation: str) -> float:
    return START + len(CASES[operation][1]) * _of(operation).run_seconds


def _runs(prometheus: Prometheus, operation: str) -> list[runs.Run]:
    of = _of(operation)
    ends = runs.window_ends(of.run_seconds, START, _end(operation), aligned_to_end=False)
    return runs.runs(prometheus, of.run_seconds, ends).get(of.key, [])


def _kept(prometheus: Prometheus, operation: str) -> record.Sifted:
    return record.sift(_of(operation), _runs(prometheus, operation))


def test_the_schedule_tells_operations_targets_and_cadences(prometheus: Prometheus) -> None:
    """Each scheduled operation is there with its cadence; where none was scraped, none is."""
    found = runs.scheduled(prometheus, START)
    assert found == sorted((_of(name) for name in CASES), key=lambda one: one.key)
    assert runs.scheduled(prometheus, START - 3600) == []


@pytest.mark.parametrize("aligned_to_end", [True, False])
def test_known_run_means_come_back(prometheus: Prometheus, aligned_to_end: bool) -> None:
    """24 windows of known means are 24 runs of those means, whichever end the windows are aligned to."""
    of = _of("sql.steady")
    ends = runs.window_ends(of.run_seconds, START, _end("sql.steady"), aligned_to_end=aligned_to_end)
    found = runs.runs(prometheus, of.run_seconds, ends)[of.key]
    assert [run.mean_seconds for run in found] == pytest.approx([window.mean_seconds for window in STEADY], rel=1e-9)
    assert [run.attempts for run in found] == pytest.approx([15] * 24, rel=1e-9)


def test_a_dear_operation_has_longer_runs(prometheus: Prometheus) -> None:
    """At a cadence of 10 s a run is 150 s."""
    assert [run.mean_seconds for run in _runs(prometheus, "sql.dear")] == pytest.approx([0.2] * 4)


@pytest.mark.parametrize(
    ("operation", "kept", "note"),
    [
        ("sql.steady", 24, ""),
        ("sql.sparse", 2, "left out 2 for too few attempts"),
        ("sql.failing", 1, "left out 2 for failures"),
        ("sql.idle", 0, "left out 4 for too few attempts"),
        ("sql.instant", 0, "left out 4 for too few attempts"),
    ],
)
def test_what_is_no_run_is_left_out_and_said(prometheus: Prometheus, operation: str, kept: int, note: str) -> None:
    """Too few attempts, failures, no attempt, no duration: none of them becomes a run."""
    sifted = _kept(prometheus, operation)
    assert (len(sifted.kept), sifted.note) == (kept, note)


def test_a_gap_costs_its_own_runs_only(prometheus: Prometheus) -> None:
    """While Prometheus scraped nothing there are no runs; before and after they stand unharmed."""
    assert [run.mean_seconds for run in _kept(prometheus, "sql.gap").kept] == pytest.approx([0.02] * 4, rel=0.01)


def test_a_restart_does_not_bend_the_mean(prometheus: Prometheus) -> None:
    """Counters that begin again at zero leave the run's mean as it was."""
    assert [run.mean_seconds for run in _kept(prometheus, "sql.restart").kept] == pytest.approx([0.03] * 5, rel=1e-9)


def test_quantiles_and_edges_come_from_the_histogram(prometheus: Prometheus) -> None:
    """Durations between 10 and 20 ms have their quantiles there; the edges are those of the histogram."""
    of = _of("sql.steady")
    found = runs.quantiles(prometheus, of.key, START, _end("sql.steady"))
    assert list(found) == ["0.5", "0.95", "0.99"]
    assert all(0.01 < seconds <= 0.02 for seconds in found.values())
    edges, counts = runs.histogram(prometheus, of.key, START, _end("sql.steady"))
    assert (edges, counts) == (EDGES, (0, 360, 0, 0))


def test_no_success_has_no_quantiles(prometheus: Prometheus) -> None:
    """NaN is not kept as a figure, and a histogram that is not there has neither edges nor counts."""
    assert runs.histogram(prometheus, ("sql.nothing", "embedded"), START, _end("sql.idle")) == ((), ())
    assert runs.quantiles(prometheus, _of("sql.idle").key, START, _end("sql.idle")) == {}


def test_no_whole_window_is_no_run(prometheus: Prometheus) -> None:
    """A span shorter than a run holds none."""
    assert runs.window_ends(30, START, START + 29.9, aligned_to_end=True) == []
    assert runs.runs(prometheus, 30, []) == {}
