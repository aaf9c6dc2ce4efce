"""What becomes of connections that a reload replaces, and of questions that meet the reload."""

import threading
from collections.abc import Callable

import pytest
import tenacity

from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.outcome import Outcome


def until(condition: Callable[[], object]) -> None:
    """Wait for what threads do."""
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(20), wait=tenacity.wait_fixed(0.02), reraise=True):
        with attempt:
            assert condition()


def begin_hanging(house, exporter) -> None:
    """Bring an attempt under way that answers only when it is let go."""
    house.only("trace.hangs", "sql.answers")
    house.change("trace.hangs", probe_every_seconds=0.05, timeout_seconds=60.0)
    exporter.reload()
    exporter.start()
    until(lambda: house.far["trace"].calls)


def test_closed_only_after_what_runs(house, exporter) -> None:
    """A retired connection is closed after the attempt that runs over it, not under it."""
    begin_hanging(house, exporter)
    old = exporter._held.connections["trace", "api"]
    house.retarget_api(concurrency=12)
    exporter.reload()
    assert not old.workers.wait_idle(0)
    assert house.far["trace"].closed == 0
    house.far["trace"].hang.set()
    until(lambda: house.far["trace"].closed == 1)
    assert old.workers.wait_idle(0)


def test_end_waits_for_the_retired(house, exporter) -> None:
    """The end, right after a reload, returns when the replaced target has been cleaned too."""
    begin_hanging(house, exporter)
    house.retarget_api(concurrency=12)
    exporter.reload()
    letting_go = threading.Timer(0.3, house.far["trace"].hang.set)
    letting_go.start()
    exporter.close()
    assert house.far["trace"].closed == 2
    letting_go.join()


def test_reload_at_the_end_is_refused(house, exporter) -> None:
    """A reload that meets the end changes nothing and leaves no new connection open."""
    exporter.close()
    house.retarget(concurrency=5)
    with pytest.raises(ConfigurationError, match="is ending"):
        exporter.reload()
    until(lambda: house.far["sql"].closed == house.far["sql"].connected == 2)


def test_late_result_of_a_forgotten_operation(exporter) -> None:
    """A result that comes after its series ended is dropped without a word."""
    job = exporter.plan.jobs[0]
    exporter.recorder.forget(*job.key)
    exporter._record(job, Outcome(0.1))


def test_probe_over_a_closing_connection(exporter) -> None:
    """A probe whose connection a reload is closing is told so."""
    exporter._held.connections["sql", "main"].workers.shut()
    with pytest.raises(UnreachableError, match="ask again"):
        exporter.probe("sql.answers", None, 1.0)


def test_probes_during_reloads(house, exporter) -> None:
    """Whatever a reload is just doing, a probe gets an answer or one of the two refusals."""
    ended, strange = threading.Event(), []

    def probing() -> None:
        while not ended.is_set():
            try:
                exporter.probe("sql.answers", "main", 1.0)
            except (ConfigurationError, UnreachableError):
                continue
            except Exception as error:  # noqa: BLE001 - what must not be
                strange.append(error)

    thread = threading.Thread(target=probing)
    thread.start()
    for concurrency in range(4, 24):
        house.retarget(concurrency=concurrency)
        exporter.reload()
    ended.set()
    thread.join()
    assert strange == []
