"""What the client measures, read from the exporter's page."""

import pytest

from alerts.regress.client_side import ExporterPage, Totals, totals
from steadyline.errors import UnreachableError
from steadyline.operation import Operation
from steadyline.outcome import Outcome
from steadyline.recorder import Recorder
from steadyline.vocabulary import Driver

ITEM = Operation(name="trace.item_create", tells="how long it takes", body=lambda *_: None)
OTHER = Operation(name="trace.item_read", tells="how long it takes", body=lambda *_: None)


def _page(driver: str = Driver.PROBE) -> str:
    recorder = Recorder(driver)
    for operation in (ITEM, OTHER):
        recorder.declare(operation, "embedded", (0.05,))
    for seconds in (0.010, 0.030):
        recorder.record(ITEM.name, "embedded", Outcome(seconds))
    recorder.record(OTHER.name, "embedded", Outcome(5.0))
    return recorder.render(openmetrics=False).decode()


def test_one_operations_sum_and_count_are_found() -> None:
    """Of this operation and target alone, from the probes."""
    found = totals(_page(), ITEM.name, "embedded")
    assert (found.count, found.mean_seconds) == (2, pytest.approx(0.02))


@pytest.mark.parametrize(
    ("driver", "operation", "target"),
    [("load", ITEM.name, "embedded"), ("probe", ITEM.name, "main"), ("probe", "sql.x", "embedded")],
)
def test_what_is_not_there_counts_nothing(driver: str, operation: str, target: str) -> None:
    """Another driver, target or operation is not mixed in."""
    assert totals(_page(driver), operation, target) == Totals()


def test_what_came_since_is_the_difference_and_after_a_restart_everything() -> None:
    """Counters that begin anew count from zero."""
    assert Totals(5, 1.0) - Totals(3, 0.5) == Totals(2, 0.5)
    assert Totals(1, 0.1) - Totals(3, 0.5) == Totals(1, 0.1)
    assert Totals().mean_seconds == 0.0


def test_where_no_exporter_answers_the_host_is_named(free_port) -> None:
    """And what to do."""
    port = free_port()
    with pytest.raises(UnreachableError, match=f"127.0.0.1:{port}.*steadyline up"):
        ExporterPage(f"http://127.0.0.1:{port}").totals(ITEM.name, "embedded")
