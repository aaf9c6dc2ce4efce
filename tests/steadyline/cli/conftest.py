"""A real Prometheus that holds two operations, and an alert about the one that is slow."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import tenacity

from steadyline.baselines import load_sourced
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    BASELINE_INFO,
    BASELINE_TOLERANCE,
    BASELINE_VALUE,
    BLIND_FACTOR,
    EXPORTER_JOB,
    LOWER90_FAST,
    LOWER99_FAST,
    OPERATION_FAILURES,
    RATIO_FAST,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_RATE,
    RUN_STARTS,
    SCHEDULE_INTERVAL,
    AlertName,
)

SLOW = "trace.item_create"
UNHELD = "sql.item_count_made_up"
AGES_SECONDS = range(240, -1, -5)
"""Prometheus looks back five minutes: the last sample is found for so long."""


def _labels(operation: str, **more: str) -> str:
    labels = {"operation": operation, "backend": operation.partition(".")[0], "target": "embedded", "driver": "probe"} | more
    return ",".join(f'{name}="{value}"' for name, value in labels.items())


def _slow() -> dict[str, float]:
    baseline = next(b for b in load_sourced() if b.operation == SLOW and b.driver == "probe")
    plain = {
        BASELINE_VALUE: baseline.value,
        BASELINE_TOLERANCE: baseline.tolerance,
        BASELINE_BUDGET: 20,
        SCHEDULE_INTERVAL: 2,
        RUN_STARTS: 15,
        RUN_RATE: 0.5,
        RUN_MEAN: 0.081,
        RUN_P50: 0.08,
        RUN_P95: 0.09,
        RATIO_FAST: 1.62,
        LOWER99_FAST: 1.4,
        LOWER90_FAST: 1.5,
        BLIND_FACTOR: 0.71,
    }
    info = f"{BASELINE_INFO.name}{{{_labels(SLOW, id=baseline.id, source='s', quantity='duration_seconds')}}}"
    return {f"{series.name}{{{_labels(SLOW)}}}": value for series, value in plain.items()} | {info: 1}


def _unheld() -> dict[str, float]:
    plain = {SCHEDULE_INTERVAL: 2, BASELINE_BUDGET: 20, RUN_STARTS: 15, RUN_RATE: 0.5, RUN_MEAN: 0.0021}
    return {f"{series.name}{{{_labels(UNHELD)}}}": value for series, value in plain.items()}


def _history(now: float) -> str:
    """OpenMetrics with timestamps: steady values, and one failure counter that rises by one."""
    series = _slow() | _unheld() | {f'up{{job="{EXPORTER_JOB}",instance="127.0.0.1:9464"}}': 1}
    counter = f"{OPERATION_FAILURES.name}{{{_labels(SLOW, reason='timeout')}}}"
    lines = [f"{name} {value} {now - age}" for name, value in series.items() for age in AGES_SECONDS]
    lines += [f"{counter} {int(age < 100)} {now - age}" for age in AGES_SECONDS]
    return "\n".join([*lines, "# EOF\n"])


RULES = {
    "groups": [
        {
            "name": "test",
            "rules": [
                {
                    "alert": AlertName.REGRESSION,
                    "expr": f"{RATIO_FAST.name} > 1.3",
                    "labels": {"severity": "critical"},
                    "annotations": {"summary": "81 ms is 1.62x its baseline (50 ms ±10 %)"},
                },
                {"alert": AlertName.WATCHDOG, "expr": "vector(1)", "labels": {"severity": "none"}},
            ],
        }
    ]
}


@pytest.fixture(scope="module")
def held_prometheus(start_prometheus: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Base URL of a Prometheus with one slow operation that is alerted of, and one that only a budget judges.

    Its history ends now: five minutes later Prometheus knows of none of it, so that it is one file's.
    """
    folder: Path = tmp_path_factory.mktemp("held")
    (folder / "rules.yml").write_text(json.dumps(RULES))
    config = "global: {scrape_interval: 5s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
    url = start_prometheus(config=config, history=_history(time.time()), folder=folder)
    _wait_for_the_alert(url)
    return url


@tenacity.retry(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.2), reraise=True)
def _wait_for_the_alert(url: str) -> None:
    answer: dict[str, Any] = httpx.get(f"{url}/api/v1/alerts", trust_env=False).json()
    assert any(alert["labels"]["alertname"] == AlertName.REGRESSION for alert in answer["data"]["alerts"])
