"""10 000 unique names, asked of everything that answers: no label is made of any, and nobody else waits."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fault_samples import Between

from steadyline.outcome import OPERATION_HEADER
from steadyline.prometheus import Prometheus
from steadyline.upstream import HEAD_SERIES
from steadyline.vocabulary import OPERATION_DURATION

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.usefixtures("calm")]

NAMES = 10_000
ASKERS = 4
PLACES = {
    "exporter": "/probe?operation=sql.{name}",
    "trace": "/api/v1/{name}",
    "tams": "/{name}",
    "s3": "/{name}/{name}",
    "vast": "/{name}/{name}",
}
MADE_UP = "made-up"
GROWN_SERIES = NAMES / 10
"""A stack that has just begun makes some series more by itself, such as alerts and phases that were not met before."""


def test_unique_names_make_no_series(stack, figures) -> None:
    """Operations that nobody knows, and paths that are nowhere, under names of operations that are none."""
    prometheus, start = Prometheus(stack.settings.prometheus), time.time()
    before = prometheus.query(HEAD_SERIES.name)[0].value
    operations = f"count(count by (operation) ({OPERATION_DURATION.name}_count))"
    known = prometheus.query(operations)[0].value
    with ThreadPoolExecutor(ASKERS) as askers:
        answers = list(askers.map(lambda place: _ask(stack, *place), PLACES.items()))
    stretch = Between(stack.settings.prometheus, start, time.time())
    after = prometheus.query(HEAD_SERIES.name)[0].value
    figures.say(f"{sum(answers)} unique names", kept=stretch.kept(), told=f"{after - before:+.0f} series")
    assert sum(answers) == NAMES
    assert prometheus.query(operations)[0].value == known
    assert after - before < GROWN_SERIES
    assert [value for value in _values(stack.settings.prometheus) if MADE_UP in value] == []
    assert stretch.silent() == []


def _values(prometheus) -> Iterator[str]:
    """Of each label that Prometheus knows."""
    with httpx.Client(base_url=prometheus, trust_env=False, timeout=30) as client:
        for label in client.get("/api/v1/labels").json()["data"]:
            yield from client.get(f"/api/v1/label/{label}/values").json()["data"]


def _ask(stack, part, path) -> int:
    """Its share of the names; how many were refused."""
    refused = 0
    with httpx.Client(base_url=stack.settings.url_of(part), trust_env=False, timeout=30) as client:
        for number in range(NAMES // len(PLACES)):
            name = f"{MADE_UP}-{part}-{number}"
            answer = client.get(path.format(name=name), headers={OPERATION_HEADER: f"{part}.{name}"})
            refused += answer.is_client_error
    return refused
