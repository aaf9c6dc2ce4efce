"""The recorder's series: what they count, and that they are prometheus_client's bytes."""

import random
import threading

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from steadyline.edges import own_edges
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.recorder import Recorder
from steadyline.vocabulary import Driver

CREATE = Operation(name="sql.item_create", tells="x", body=lambda _client, _prepared: None)
READ = Operation(name="sql.item_read", tells="x", body=lambda _client, _prepared: None)


@pytest.fixture
def recorder():
    """A recorder with one operation declared."""
    recorder = Recorder(Driver.PROBE)
    recorder.declare(CREATE, "embedded", own_edges(0.05, 0.1, [20]))
    return recorder


def _registry(recorder):
    registry = CollectorRegistry()
    registry.register(recorder)
    return registry


def _sample(recorder, name, **labels):
    full = {"operation": CREATE.name, "backend": "sql", "target": "embedded", "driver": "probe", **labels}
    return _registry(recorder).get_sample_value(name, full)


def _filled(scale=1):
    recorder = Recorder(Driver.PROBE)
    dice = random.Random(7)
    for operation, edges in ((CREATE, own_edges(0.05, 0.1, [20])), (READ, own_edges(None, 0.2, [20]))):
        recorder.declare(operation, 'na"me\\of\nit 100 %d', edges)
        for _ in range(50):
            phases = {"connect": dice.random(), "first_byte": dice.random()}
            recorder.record(
                operation.name, 'na"me\\of\nit 100 %d', Outcome(dice.lognormvariate(-3, 1), None, scale, 3, 5 * scale, phases)
            )
        for reason in Reason:
            recorder.record(operation.name, 'na"me\\of\nit 100 %d', Outcome(0.001, reason))
    return recorder


@pytest.mark.parametrize("scale", [1, 1_000_000, 10**12], ids=["small", "exponents", "large"])
def test_its_page_is_prometheus_clients_to_the_byte(scale):
    """Both formats are the same bytes as generate_latest over the same registry, labels that need escaping included."""
    recorder = _filled(scale)
    assert recorder.render() == generate_latest(_registry(recorder))
    assert recorder.render(openmetrics=True) + b"# EOF\n" == generate_openmetrics(_registry(recorder))


def test_all_series_stand_at_zero_before_the_first_event(recorder):
    """A rate over a first failure needs the zero before it."""
    for reason in Reason:
        assert _sample(recorder, "steadyline_operation_failures_total", reason=reason) == 0
    assert _sample(recorder, "steadyline_operation_duration_seconds_count") == 0
    assert _sample(recorder, "steadyline_operation_items_total") == 0
    assert _sample(recorder, "steadyline_operation_bytes_total", direction="sent") == 0


def test_a_failure_counts_by_reason_and_never_as_a_duration(recorder):
    """A refused connection's 1 ms must not hide a regression."""
    recorder.record(CREATE.name, "embedded", Outcome(0.001, Reason.CONNECT))
    assert _sample(recorder, "steadyline_operation_failures_total", reason="connect") == 1
    assert _sample(recorder, "steadyline_operation_duration_seconds_count") == 0


def test_the_streak_counts_failures_since_the_last_success(recorder):
    """Three failures in a row are three; one success is none."""
    for _ in range(3):
        recorder.record(CREATE.name, "embedded", Outcome(0.001, Reason.TIMEOUT))
    assert _sample(recorder, "steadyline_operation_consecutive_failures") == 3
    recorder.record(CREATE.name, "embedded", Outcome(0.05))
    assert _sample(recorder, "steadyline_operation_consecutive_failures") == 0


def test_nothing_is_lost_between_threads(recorder):
    """Eight threads that record at once lose no outcome."""

    def work():
        for _ in range(2000):
            recorder.record(CREATE.name, "embedded", Outcome(0.05, None, 2, 3, 5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _sample(recorder, "steadyline_operation_duration_seconds_count") == 16_000
    assert _sample(recorder, "steadyline_operation_items_total") == 32_000
    assert _sample(recorder, "steadyline_operation_bytes_total", direction="received") == 80_000


def test_declaring_again_changes_edges_and_keeps_counts(recorder):
    """A new baseline adds its edges; nothing counted so far is lost, and the page is still prometheus_client's."""
    recorder.record(CREATE.name, "embedded", Outcome(0.05, None, 1))
    recorder.render()
    recorder.declare(CREATE, "embedded", own_edges(0.04, 0.1, [20]))
    assert _sample(recorder, "steadyline_operation_duration_seconds_bucket", le="0.04") == 0
    assert _sample(recorder, "steadyline_operation_duration_seconds_bucket", le="0.05") == 1
    assert recorder.render() == generate_latest(_registry(recorder))


def test_a_forgotten_operation_has_no_series(recorder):
    """What runs no more must go stale, not stand still."""
    recorder.forget(CREATE.name, "embedded")
    assert _sample(recorder, "steadyline_operation_items_total") is None


def test_an_undeclared_operation_is_a_loud_bug(recorder):
    """Recording without declaring would start a counter above zero."""
    with pytest.raises(KeyError):
        recorder.record(READ.name, "embedded", Outcome(0.05))
