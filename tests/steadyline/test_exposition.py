"""The page: isolation of collectors, and equality with prometheus_client."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from steadyline.exposition import Page, family, label_text
from steadyline.load_vocabulary import LOAD_METRICS
from steadyline.vocabulary import COLLECTOR_SUCCESS, METRICS, PROCESS_CPU


class _Good:
    def collect(self):
        gauge = family(PROCESS_CPU)
        gauge.add_metric(["exporter"], 1.5)
        yield gauge


class _Raising:
    def collect(self):
        raise RuntimeError("broken")


class _Hanging:
    def __init__(self):
        self.release = threading.Event()
        self.calls = 0

    def collect(self):
        self.calls += 1
        self.release.wait(30)
        return iter(())


def _successes(page):
    families = {f.name: f for f in text_string_to_metric_families(page.decode())}
    return {s.labels["collector"]: s.value for s in families[COLLECTOR_SUCCESS.name].samples}


def test_a_collector_that_raises_costs_its_own_series_only(caplog):
    """The other collectors' series stand on the page, and the health metric names the broken one."""
    page = Page({"good": _Good(), "bad": _Raising()}).render()
    assert b'steadyline_process_cpu_seconds_total{process="exporter"} 1.5' in page
    assert _successes(page) == {"good": 1, "bad": 0}
    assert "bad raised" in caplog.text


def test_a_collector_that_hangs_costs_its_own_series_only_and_is_not_asked_twice():
    """While one answer is outstanding no further thread is spent on it; when it returns it is asked again."""
    hanging = _Hanging()
    page = Page({"good": _Good(), "slow": hanging}, deadline_seconds=0.05)
    assert _successes(page.render()) == {"good": 1, "slow": 0}
    assert _successes(page.render()) == {"good": 1, "slow": 0}
    assert hanging.calls == 1
    hanging.release.set()
    page.deadline_seconds = 10
    while _successes(page.render())["slow"] == 0:
        pass
    assert hanging.calls == 2


@pytest.mark.parametrize("openmetrics", [False, True])
def test_other_collectors_are_rendered_by_prometheus_client(openmetrics):
    """A plain prometheus_client registry's text is taken as it is; OpenMetrics ends with EOF once."""
    registry = CollectorRegistry()
    Counter("a", "A.", registry=registry).inc()
    Gauge("b", "B.", ["x"], registry=registry).labels("1").set(2)
    text = Page({"client": registry}).render(openmetrics=openmetrics)
    own = generate_openmetrics(registry) if openmetrics else generate_latest(registry)
    assert text.startswith(own.removesuffix(b"# EOF\n"))
    assert text.count(b"# EOF") == openmetrics


def test_label_text_is_sorted_and_escaped():
    """Quotes, backslashes and line ends cannot break a line of the page."""
    assert label_text({"b": 'x"y', "a": "p\\q\nr"}) == '{a="p\\\\q\\nr",b="x\\"y"}'
    assert label_text({}) == ""


@pytest.mark.parametrize("metric", [*METRICS, *LOAD_METRICS], ids=lambda m: m.name)
def test_every_metric_of_the_vocabulary_follows_the_conventions(metric):
    """Prefix, base units, `_total` on counters only, HELP a sentence, bounded labels."""
    assert metric.name.startswith("steadyline_")
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.help.endswith(".")
    assert metric.help[0].isupper()
    assert metric.moves
    assert not {"url", "key", "sql", "user"} & set(metric.labels)
    assert "milli" not in metric.name


def test_scrapes_at_once_share_one_question():
    """However many scrapes wait for a collector that hangs, it holds one thread, and the others still answer."""
    hanging = _Hanging()
    page = Page({"good": _Good(), "slow": hanging}, deadline_seconds=0.3)
    with ThreadPoolExecutor(12) as scrapes:
        pages = list(scrapes.map(lambda _: page.render(), range(12)))
    assert hanging.calls == 1
    assert all(_successes(one) == {"good": 1, "slow": 0} for one in pages)
    hanging.release.set()


def test_a_collector_that_hangs_for_ever_does_not_keep_the_process_from_ending():
    """A process that served such a page ends when its main thread does."""
    script = (
        "import time\nfrom steadyline.exposition import Page\n"
        "class Hangs:\n    def collect(self):\n        time.sleep(3600)\n"
        "Page({'slow': Hangs()}, deadline_seconds=0.01).render()\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False, capture_output=True).returncode == 0
