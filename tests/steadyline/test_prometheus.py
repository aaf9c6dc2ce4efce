"""The questions that we ask a Prometheus, asked of a real one."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import tenacity

from steadyline.errors import UnreachableError
from steadyline.prometheus import Prometheus, Sample

pytestmark = pytest.mark.stack

AT = 1_700_000_000.0
HISTORY = f"""# TYPE thing gauge
thing{{kind="a"}} 1 {AT - 20}
thing{{kind="a"}} 2 {AT - 10}
thing{{kind="a"}} 3 {AT}
thing{{kind="b"}} NaN {AT}
# EOF
"""
FIRING = """groups: [{name: g, interval: 1s, rules: [{alert: Always, expr: vector(1), labels: {severity: none}}]}]
"""
WITH_RULES = """global: {scrape_interval: 5s}
rule_files: [rules.yml]
"""


@pytest.fixture(scope="module")
def prometheus(start_prometheus: Callable[..., str]) -> Prometheus:
    """One that holds the history."""
    return Prometheus(start_prometheus(history=HISTORY))


def test_an_instant_query_tells_labels_and_value(prometheus: Prometheus) -> None:
    """At a moment of the past it answers as of then."""
    assert prometheus.query('thing{kind="a"}', at=AT - 10) == [Sample({"__name__": "thing", "kind": "a"}, 2.0)]


def test_a_number_that_is_none_stays_one(prometheus: Prometheus) -> None:
    """NaN arrives as NaN, not as an error and not as zero."""
    assert math.isnan(prometheus.query('thing{kind="b"}', at=AT)[0].value)


def test_a_scalar_is_one_sample_without_labels(prometheus: Prometheus) -> None:
    """`scalar()` and arithmetic on numbers can be asked too."""
    assert prometheus.query("1 + 1") == [Sample({}, 2.0)]


def test_a_range_query_tells_points_in_time_order(prometheus: Prometheus) -> None:
    """Each step with a value is a point."""
    (series,) = prometheus.query_range('thing{kind="a"}', AT - 20, AT, 10)
    assert series.points == [(AT - 20, 1.0), (AT - 10, 2.0), (AT, 3.0)]


def test_no_series_is_no_error(prometheus: Prometheus) -> None:
    """Nothing found is an empty list, for instant and range."""
    assert prometheus.query("nothing") == prometheus.query_range("nothing", AT - 10, AT, 10) == []


def test_a_malformed_expression_tells_what_prometheus_says(prometheus: Prometheus) -> None:
    """The parser's own words reach the reader."""
    with pytest.raises(UnreachableError, match="parse error"):
        prometheus.query("sum(")


def test_it_is_ready_and_tells_its_version(prometheus: Prometheus) -> None:
    """A started server is ready, and knows what it is."""
    assert prometheus.ready()
    assert prometheus.version()[0].isdigit()


def test_it_tells_what_it_was_configured_with(prometheus: Prometheus) -> None:
    """The configuration is the one it was started with."""
    assert "scrape_interval: 5s" in prometheus.configuration()


def test_a_reload_takes_new_rules_and_refuses_broken_ones(start_prometheus: Callable[..., str], tmp_path: Path) -> None:
    """After the reload the new alert is there; a rule file with a fault is refused in Prometheus' words."""
    (tmp_path / "rules.yml").write_text("groups: []\n")
    prometheus = Prometheus(start_prometheus(config=WITH_RULES, folder=tmp_path))
    assert prometheus.alerts() == []
    (tmp_path / "rules.yml").write_text(FIRING)
    prometheus.reload()
    wait = tenacity.Retrying(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.1), reraise=True)
    wait(lambda: _assert_firing(prometheus, "Always"))
    (tmp_path / "rules.yml").write_text("groups: nonsense\n")
    with pytest.raises(UnreachableError, match="refused the reload"):
        prometheus.reload()


def _assert_firing(prometheus: Prometheus, name: str) -> None:
    assert [(found["labels"]["alertname"], found["state"]) for found in prometheus.alerts()] == [(name, "firing")]


def test_where_nothing_listens_the_host_is_named_and_no_password(free_port: Callable[[], int]) -> None:
    """The message says where and what to do; credentials stay out."""
    port = free_port()
    prometheus = Prometheus(f"http://user:secret@127.0.0.1:{port}")
    assert not prometheus.ready()
    with pytest.raises(UnreachableError, match=f"127.0.0.1:{port}.*steadyline up") as told:
        prometheus.query("up")
    assert "secret" not in str(told.value)


def test_what_is_no_prometheus_is_said_to_be_none(prometheus: Prometheus) -> None:
    """A path below which no API lies answers, but not as Prometheus does."""
    with pytest.raises(UnreachableError, match="no answer of Prometheus' API"):
        Prometheus(f"{prometheus.host}/elsewhere").query("up")
