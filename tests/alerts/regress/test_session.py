"""When the alert came, told from what Prometheus and the receiver say; and what a beginning that fails leaves behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.judgement.judged import Judged
from alerts.judgement.limits import limits_of
from alerts.receiver.notification import Notification
from alerts.record import slowed
from alerts.regress.client_side import ExporterPage
from alerts.regress.faults import FaultControl
from alerts.regress.plan import Plan
from alerts.regress.session import Arrival, Regression
from alerts.view.firing import Firing
from steadyline.baseline import Baseline, Quantity
from steadyline.errors import UnreachableError
from steadyline.operation import Operation
from steadyline.prometheus import Prometheus
from steadyline.state import State
from steadyline.vocabulary import AlertName

START = 1_700_000_000.0
ITEM = Operation(name="trace.item_create", tells="how long it takes", body=lambda *_: None)
BASELINE = Baseline(ITEM.name, "probe", Quantity.DURATION, 0.05, 0.1, 0.05, "seed")
PLAN = Plan(Judged(ITEM, BASELINE, limits_of(BASELINE, 4.8), 2), "embedded", 0.08, 0.002, 180)


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(START + seconds, UTC).isoformat()


def _alert(since: float, *, pending: bool, **other: str) -> Firing:
    alert = Firing(AlertName.REGRESSION, "critical", ITEM.name, "embedded", "probe", _at(since), pending, "")
    return replace(alert, **other)


def _notification(received: float, **other: str) -> Notification:
    told = Notification(_at(received), "firing", AlertName.REGRESSION, "critical", ITEM.name, "embedded", "probe", *[""] * 8)
    return replace(told, **other)


def test_pending_then_firing_then_notified() -> None:
    """Pending since the evaluation that saw it, firing when it was first seen so; later looks change nothing."""
    arrival = Arrival().with_alerts([_alert(24, pending=True)], PLAN, START, START + 26)
    assert arrival == Arrival(pending=24)
    arrival = arrival.with_alerts([_alert(24, pending=False)], PLAN, START, START + 36)
    arrival = arrival.with_alerts([_alert(24, pending=False)], PLAN, START, START + 40)
    arrival = arrival.with_notifications([_notification(99), _notification(41)], PLAN, START)
    assert arrival == Arrival(pending=24, firing=36, notified=41)


@pytest.mark.parametrize(
    "other",
    [
        {"operation": "trace.item_read"},
        {"target": "main"},
        {"driver": "load"},
        {"severity": "warning"},
        {"alertname": AlertName.BUDGET},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_alert_is_not_ours(other: dict[str, str]) -> None:
    """Every label counts."""
    arrival = Arrival().with_alerts([_alert(24, pending=False, **other)], PLAN, START, START + 36)
    assert arrival.with_notifications([_notification(41, **other)], PLAN, START) == Arrival()


@pytest.mark.parametrize("other", [{"status": "resolved"}, {"received_at": _at(-3)}], ids=["resolved", "earlier"])
def test_only_a_firing_one_since_the_beginning_counts(other: dict[str, str]) -> None:
    """The end of an earlier alert is no arrival."""
    assert Arrival().with_notifications([_notification(41, **other)], PLAN, START) == Arrival()


def _regression(free_port: Callable[[], int], folder: Path, prometheus: str) -> Regression:
    """One whose target and exporter do not answer."""
    target, exporter = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    return Regression(PLAN, FaultControl(target), ExporterPage(exporter), Prometheus(prometheus), State(folder), lambda: START)


def test_what_did_not_begin_is_not_noted(free_port: Callable[[], int], tmp_path: Path) -> None:
    """Where Prometheus is gone when it begins, its end asks the target nothing and marks no time as slowed."""
    alone = _regression(free_port, tmp_path, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(UnreachableError, match="no Prometheus answers"):
        alone.begin()
    alone.end()
    assert not alone.journal.exists()


@pytest.mark.stack
def test_nor_where_the_exporter_is_gone(free_port: Callable[[], int], start_prometheus: Callable[..., str], tmp_path) -> None:
    """It is asked before anything is noted or held back."""
    alone = _regression(free_port, tmp_path, start_prometheus())
    with pytest.raises(UnreachableError, match="no exporter answers"):
        alone.begin()
    alone.end()
    assert not alone.journal.exists()


def test_what_may_have_begun_is_ended_and_noted(free_port: Callable[[], int], tmp_path: Path) -> None:
    """A target that is gone is asked to end the fault all the same, since its answer may only have been lost."""
    alone = _regression(free_port, tmp_path, f"http://127.0.0.1:{free_port()}")
    alone.start = START
    for step in (alone._hold, alone.end):
        with pytest.raises(UnreachableError, match="no target answers"):
            step()
    assert slowed.noted(alone.journal) == []
