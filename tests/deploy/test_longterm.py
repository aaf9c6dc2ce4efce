"""Remote write against a real VictoriaMetrics: what Prometheus holds is there, whatever became of it meanwhile."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import tenacity
import victoria_metrics
import yaml

from alerts.rules.generate import generate
from deploy import prometheus_config
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings, load
from steadyline.upstream import UP
from steadyline.vocabulary import EXPORTER_JOB, OPERATION_DURATION, RUN_MEAN

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

OURS = '{__name__=~"steadyline[:_].+"}'
"""Recorded series and the exporter's own."""
OLD_SECONDS = 60.0
"""From this age on, samples must be equal."""
LEAST_SERIES = 1000
"""A comparison of nothing would hold too."""
AWAY_SECONDS = 15.0
"""How much time of samples is made while the storage is away."""
UNSAVED_SECONDS = 15.0
"""Killed, VictoriaMetrics loses what it acknowledged and has not saved: some 5 s, of samples up to 5 s old when sent."""
PRECISION = 2e-12
"""VictoriaMetrics keeps a value that is no whole number as a decimal one of 12 digits; whole numbers are exact."""


@contextlib.contextmanager
def _exporter(settings: Settings, environ: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        command = [sys.executable, "-m", "exporters"]
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=output, stderr=subprocess.STDOUT)
    try:
        _until(lambda: httpx.get(f"{settings.url_of('exporter')}/-/ready", trust_env=False).is_success)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _until(true: Callable[[], bool], seconds: float = 120) -> None:
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(seconds), wait=tenacity.wait_fixed(0.2), reraise=True)
    for attempt in waiting:
        with attempt:
            assert true()


def _configuration(settings: Settings) -> str:
    """Ours, without what does not run here; scraped each second, so that the test is short."""
    document = prometheus_config.document(settings)
    document["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    document["scrape_configs"] = [job for job in document["scrape_configs"] if job["job_name"] == EXPORTER_JOB]
    del document["alerting"]
    return yaml.safe_dump(document)


def _held(prometheus: str, start: float, end: float) -> victoria_metrics.Series:
    """Every sample that Prometheus holds between two times, but NaN; it shows no marker of staleness."""
    asked = {"query": f"{OURS}[{(end - start) * 1000:.0f}ms]", "time": f"{end:.3f}"}
    answer = httpx.get(f"{prometheus}/api/v1/query", params=asked, timeout=60, trust_env=False).raise_for_status().json()
    found = {}
    for one in answer["data"]["result"]:
        values = {round(at * 1000): float(value) for at, value in one["values"] if not math.isnan(float(value))}
        if values:
            found[frozenset(one["metric"].items())] = values
    return found


def _latest(storage: victoria_metrics.VictoriaMetrics, series: str, since: float) -> float:
    found = storage.export(series, since, time.time() + 1)
    return max((at / 1000 for values in found.values() for at in values), default=0.0)


def _away(storage: victoria_metrics.VictoriaMetrics, prometheus: Prometheus, by: signal.Signals) -> float:
    """End the storage, let samples be made meanwhile, start it and wait until it has what is new; when it ended."""
    storage.stop(by)
    ended = time.time()
    series = f'{UP.name}{{job="{EXPORTER_JOB}"}}'
    _until(lambda: prometheus.query(f"timestamp({series})")[0].value > ended + AWAY_SECONDS)
    storage.start()
    back = time.time()
    _until(lambda: _latest(storage, series, back) > back)
    return ended


def _differing(
    held: victoria_metrics.Series, there: victoria_metrics.Series
) -> list[tuple[dict[str, str], int, float, float]]:
    """Samples that are in both, and not the same."""
    return [
        (dict(labels), at, value, there[labels][at])
        for labels, values in held.items()
        for at, value in values.items()
        if at in there.get(labels, {}) and not _same(value, there[labels][at])
    ]


def _same(one: float, other: float) -> bool:
    return one == other if one.is_integer() else math.isclose(one, other, rel_tol=PRECISION)


@pytest.fixture
def storage(free_port):
    """A real VictoriaMetrics."""
    with victoria_metrics.running(free_port()) as made:
        yield made


@pytest.fixture
def environ(tmp_path, free_port, storage):
    """One SQLite file is measured, and what Prometheus holds is written to the storage."""
    return {
        "STEADYLINE_STATE_DIR": str(tmp_path / "state"),
        "STEADYLINE_EMBEDDED": "false",
        "STEADYLINE_SQL_URL": f"sqlite:///{tmp_path / 'measured.db'}",
        "STEADYLINE_SQL_ALLOW_WRITES": "true",
        "STEADYLINE_PORTS_EXPORTER": str(free_port()),
        "STEADYLINE_REMOTE_WRITE_URL": f"{storage.url}/api/v1/write",
    }


def test_nothing_is_lost_over_restarts_of_the_storage(environ, storage, start_prometheus, tmp_path):
    """What is a minute old is there sample for sample, though it was stopped, and killed but for what it had not saved."""
    settings = load(environ)
    settings.state.generated.mkdir(parents=True)
    generate(settings, settings.state.generated)
    with _exporter(settings, environ, tmp_path / "exporter.log"):
        start = time.time()
        prometheus = Prometheus(start_prometheus(config=_configuration(settings)))
        _until(lambda: bool(storage.export(RUN_MEAN.name, start, time.time())))
        killed = _away(storage, prometheus, signal.SIGKILL)
        stopped = _away(storage, prometheus, signal.SIGTERM)
        end = time.time()
        _until(lambda: time.time() > end + OLD_SECONDS)
    held, there = _held(prometheus.host, start, end), storage.export(OURS, start, end)
    names = {dict(labels)["__name__"] for labels in held}
    assert {RUN_MEAN.name, f"{OPERATION_DURATION.name}_count"} <= names
    lost = sorted({at / 1000 for labels, values in held.items() for at in values if at not in there.get(labels, {})})
    assert len(held) > LEAST_SERIES
    assert [at for at in lost if not killed - UNSAVED_SECONDS < at <= killed] == [], (stopped, killed)
    assert [labels for labels, values in there.items() if not values.keys() <= held.get(labels, {}).keys()] == []
    assert _differing(held, there) == []
