"""What stands on the page."""

import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families
from publisher_process import CREATE, counted

from load.publisher.page import Page, Run
from load.series import Tally
from steadyline.load_vocabulary import LOAD_DROPPED, LOAD_METRICS, LOAD_RESPONSE, LOAD_STARTED, LOAD_WORKER_CPU
from steadyline.vocabulary import OPERATION_DURATION, SCHEDULE_DELAY

GOLDEN = Path(__file__).with_name("golden")
GAUGES = {
    "users": {"TraceUser": 7, "SqlUser": 3},
    "target_users": 10,
    "arrival_rate": 500.0,
    "phase": "steady",
    "dropped": {"no_free_user": 4, "worker_lost": 0},
    "overflow": 1,
    "reports_lost": 0,
    "workers": {
        "0": {"cpu": 0.5, "lag": 0.001, "users": 5, "rss": 80_000_000, "up": 1, "saturated": 0},
        "1": {"cpu": 0.97, "lag": 0.2, "users": 5, "rss": 90_000_000, "up": 0, "saturated": 1},
    },
    "criteria": [
        {
            "criterion": 'trace.item_create p95 < 80ms for 30s on "a\\b"',
            "operation": "trace.item_create",
            "statistic": "p95",
            "limit": 0.08,
            "value": 0.0791,
            "met": 1,
        },
        {"criterion": "* failures < 1%", "operation": "*", "statistic": "failures", "limit": 0.01, "value": None, "met": None},
    ],
}
CLOSED = GAUGES | {"arrival_rate": None}


@pytest.fixture
def page() -> Page:
    """One in the middle of a run in the open model, ended too."""
    made = Page()
    made.begin(Run("r1", "low", "ramp", "abc1234", 1_700_000_000.0, 1_700_000_010.5, 1_700_000_060.25))
    made.add(counted(lag=0.004))
    made.take(GAUGES)
    return made


@pytest.mark.parametrize(("openmetrics", "name"), [(False, "page.txt"), (True, "page.openmetrics.txt")])
def test_golden(page, openmetrics, name):
    """The whole page, in either format."""
    assert page.render(openmetrics=openmetrics).decode() == (GOLDEN / name).read_text()


def test_both_formats_say_the_same(page):
    """Every sample stands in both."""

    def samples(families):
        return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}

    text = samples(text_string_to_metric_families(page.render().decode()))
    assert text == samples(openmetrics_families(page.render(openmetrics=True).decode()))
    names = {name for name, *_ in text}
    assert {metric.name for metric in LOAD_METRICS if metric.kind != "histogram"} <= names
    assert f"{LOAD_RESPONSE.name}_bucket" in names


def test_promtool_finds_nothing(page):
    """Prometheus' own linter takes the whole page."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not on PATH")
    done = subprocess.run(["promtool", "check", "metrics"], input=page.render(), capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_without_a_run_there_is_nothing(page):
    """Before a run and after its end no series is there, so that Prometheus ends those that it has."""
    assert Page().render() == b""
    page.clear()
    assert (page.render(), page.render(openmetrics=True)) == (b"", b"# EOF\n")


def test_each_run_begins_at_zero(page):
    """Of the run before nothing is left, its edges neither."""
    page.begin(Run("r2", "low", "constant", "", 1_700_000_100.0))
    tally = Tally()
    tally.declare(CREATE)
    page.add(tally.delta())
    text = page.render().decode()
    assert (
        f'{LOAD_STARTED.name}{{backend="trace",driver="load",operation="trace.item_create",target="embedded"}} 0.0\n' in text
    )
    assert "item_read" not in text
    assert "TraceUser" not in text
    assert 'le="0.08"' not in text


def test_the_closed_model_has_no_schedule(page):
    """Where no start is scheduled there is no delay, no response from a scheduled start, and nothing to drop."""
    page.begin(Run("r2", "low", "constant", "", 1_700_000_100.0))
    page.add(counted())
    page.take(CLOSED)
    text = page.render().decode()
    assert OPERATION_DURATION.name in text
    assert not [metric.name for metric in (SCHEDULE_DELAY, LOAD_RESPONSE, LOAD_DROPPED) if metric.name in text]


def test_the_open_model_stays_open(page):
    """The last gauges of a run have no rate any more; its schedule's series stay."""
    page.take(CLOSED)
    text = page.render().decode()
    assert all(metric.name in text for metric in (SCHEDULE_DELAY, LOAD_RESPONSE, LOAD_DROPPED))


def test_a_series_stands_at_zero_before_its_first_observation(page):
    """Every reason of failure and every bucket is there with the name, so that no first increase is lost."""
    page.begin(Run("r2", "low", "constant", "", 1_700_000_100.0))
    tally = Tally()
    tally.declare(CREATE)
    page.add(tally.delta())
    page.take(GAUGES)
    text = page.render().decode()
    assert 'reason="pool_exhausted",target="embedded"} 0.0' in text
    assert f"{SCHEDULE_DELAY.name}_bucket" in text


def test_large_counts(page):
    """Counts beyond a million are written as the format writes them."""
    delta = counted()
    delta[0][2][0][0][1] += 12_345_678
    page.add(delta)
    families = {family.name: family for family in text_string_to_metric_families(page.render().decode())}
    count = next(
        s.value
        for s in families[OPERATION_DURATION.name].samples
        if s.name.endswith("_count") and s.labels["operation"] == CREATE.operation
    )
    assert count == 12_345_678 + 8


def test_gauges_that_are_not_there_have_no_series(page):
    """A worker that did not report its processor's use yet has no such series, and the page goes out."""
    page.take({"workers": {"0": {"users": 1, "cpu": None}}})
    assert LOAD_WORKER_CPU.name not in page.render().decode()
