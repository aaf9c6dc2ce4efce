"""A load run as the stack's own Prometheus sees it: found by its file, scraped, held, ended."""

import time
from pathlib import Path

import pytest
import tenacity
import yaml
from publisher_process import begin, counted

from deploy import prometheus_config
from load.publisher.facts import Facts
from load.publisher.holding import Evidence
from load.publisher.kinds import Kind
from steadyline.load_vocabulary import LOAD_JOB, LOAD_STARTED, RUN_END
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings
from steadyline.vocabulary import RUN_START

pytestmark = pytest.mark.stack


@pytest.fixture
def settings(tmp_path, start_prometheus):
    """Those of a stack whose Prometheus runs, scraping each second so that the test need not wait."""
    made = Settings(state_dir=tmp_path / "a [b]")
    document = prometheus_config.document(made)
    document["scrape_configs"] = [job for job in document["scrape_configs"] if job["job_name"] == LOAD_JOB]
    document["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s"}
    del document["alerting"], document["rule_files"]
    (job,) = document["scrape_configs"]
    job["file_sd_configs"][0]["refresh_interval"] = "1s"
    made.state.load_targets.mkdir(parents=True)
    url = start_prometheus(config=yaml.safe_dump(document))
    return made.model_copy(update={"prometheus_url": url})


@pytest.fixture
def prometheus(settings):
    """Asks it."""
    return Prometheus(settings.prometheus)


def _until(true):
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
    for attempt in waiting:
        with attempt:
            assert true()


def _facts(settings, **facts):
    return {**Facts.of(settings, port=0).document(), "hold_seconds": 60.0, **facts}


def test_a_run_from_its_first_scrape_to_its_end(start, settings, prometheus):
    """Prometheus finds the run, has its last values when it is held, ends its series then, and shows no target afterwards."""
    assert prometheus.query(f'up{{job="{LOAD_JOB}"}}') == []
    running = start(**_facts(settings))
    running.send(begin("r1", start=time.time()))
    running.delta(counted())
    _until(lambda: prometheus.query(RUN_START.name))
    running.delta(counted())
    end = time.time()
    running.end(end)
    assert running.answer(Kind.HELD)["by"] == "prometheus"
    started = f"{LOAD_STARTED.name}{{operation='trace.item_create'}}"
    assert [sample.value for sample in prometheus.query(f"last_over_time({started}[5m])")] == [10.0]
    assert [sample.value for sample in prometheus.query(f"last_over_time({RUN_END.name}[5m])")] == [pytest.approx(end)]
    _until(lambda: not prometheus.query(RUN_START.name))
    assert [sample.value for sample in prometheus.query(f'up{{job="{LOAD_JOB}"}}')] == [1.0]
    running.leave()
    _until(lambda: prometheus.query(f'up{{job="{LOAD_JOB}"}}') == [])


def test_a_run_shorter_than_the_first_scrape_is_held(start, settings, prometheus):
    """A run that is over before Prometheus found it is waited for, because its configuration says that it will come."""
    running = start(**_facts(settings))
    running.send(begin("short"))
    running.delta(counted())
    running.end()
    assert running.answer(Kind.HELD)["by"] == "prometheus"
    assert prometheus.query(f'last_over_time({RUN_END.name}{{run="short"}}[5m])')


def test_a_prometheus_that_has_another_folder_is_not_expected(settings, tmp_path):
    """Whether a scrape will come is told by what the configuration names: the folder, or the page's address."""

    def will_scrape(folder: Path, port: int) -> bool:
        return Evidence(settings.prometheus, str(folder), port).will_scrape()

    assert not will_scrape(tmp_path / "other", 1)
    assert will_scrape(settings.state.load_targets, 1)


def test_a_prometheus_that_names_the_address_is_expected(start_prometheus):
    """One of the user's own may have the page among its static targets."""
    static = [{"targets": ["localhost:9646"]}]
    url = start_prometheus(config=yaml.safe_dump({"scrape_configs": [{"job_name": "mine", "static_configs": static}]}))
    assert Evidence(url, "elsewhere", 9646).will_scrape()
    assert not Evidence(url, "elsewhere", 646).will_scrape()
