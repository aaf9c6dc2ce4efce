"""What the board "stack health" shows of a real Prometheus and Alertmanager that are ill: each illness, and no other."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tenacity
import yaml
from grafana_asking import Asking
from shown_board import Shown

from dashboards.shipped import shipped
from steadyline import upstream
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.vocabulary import EXPORTER_JOB, PROCESS_CPU, SCHEDULE_DELAY, AlertName, Driver, Metric

pytestmark = pytest.mark.stack

HOLDS = "What must hold for an alert to reach you"
REFS = ("watchdog", "targets down", "rules failed", "rule rounds missed", "alerts not sent", "notifications failed")
"""What of it has a series here, in the order of its queries."""
NOBODY = "http://127.0.0.1:9/"
"""Nothing listens there."""
ALERTMANAGER = f"""
route: {{receiver: nobody, group_wait: 0s, group_interval: 1s}}
receivers: [{{name: nobody, webhook_configs: [{{url: '{NOBODY}'}}]}}]
"""
WATCHED = {"alert": AlertName.WATCHDOG, "expr": "vector(1)", "for": "10s"}
"""Not at once: Prometheus knows its Alertmanager after five seconds, and what it then could not send it tries in a minute."""
AMBIGUOUS = {"record": "of:nothing", "expr": f"{upstream.UP.name} + on () {upstream.UP.name}"}
"""Many on both sides: it is refused when it is evaluated, and not before."""
_SAID = f'{upstream.CPU.name}{{job="{upstream.PROMETHEUS_JOB}"}}'
SEEN = {"record": PROCESS_CPU.name, "expr": f'sum by (process) (label_replace({_SAID}, "process", "$1", "job", "(.+)"))'}
"""As the exporter would tell of Prometheus, and of nothing else."""
PUNCTUAL, LATE = 0.1, 10.0


def _delays(driver: str, edge: float) -> list[dict[str, object]]:
    """A start each second, all of them in the bucket of this edge."""
    return [
        {
            "record": f"{SCHEDULE_DELAY.name}_bucket",
            "expr": f"vector({le >= edge:d}) * time()",
            "labels": {"driver": driver, "le": str(le).replace("inf", "+Inf")},
        }
        for le in (PUNCTUAL, LATE, math.inf)
    ]


_WELL = [WATCHED, SEEN, *_delays(Driver.PROBE, PUNCTUAL), *_delays(Driver.LOAD, LATE)]
RULES = {"groups": [{"name": "well", "rules": _WELL}, {"name": "ill", "rules": [AMBIGUOUS]}]}


def _config(prometheus: int, alertmanager: str, exporter: int) -> str:
    """Prometheus with three targets, of which the exporter is none that answers."""
    places = {
        EXPORTER_JOB: f"127.0.0.1:{exporter}",
        upstream.PROMETHEUS_JOB: f"127.0.0.1:{prometheus}",
        upstream.ALERTMANAGER_JOB: alertmanager,
    }
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
            "scrape_configs": [{"job_name": job, "static_configs": [{"targets": [place]}]} for job, place in places.items()],
        }
    )


@pytest.fixture(scope="module")
def shown(
    start_prometheus: Callable[..., str],
    start_alertmanager: Callable[[str], str],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Shown:
    """The board over them, when all that is wrong has shown once."""
    folder: Path = tmp_path_factory.mktemp("ill")
    (folder / "rules.yml").write_text(yaml.safe_dump(RULES))
    alertmanager, port = start_alertmanager(ALERTMANAGER).removeprefix("http://"), free_port()
    config = _config(port, alertmanager, free_port())
    asking = Asking(start_prometheus(config=config, folder=folder, port=port))
    _until_ill(asking)
    return Shown(Board.STACK, asking, time.time())


@tenacity.retry(stop=tenacity.stop_after_delay(90), wait=tenacity.wait_fixed(1), reraise=True)
def _until_ill(asking: Asking) -> None:
    """A rule has failed, and so has a notification; a step of a graph ago, so that they show there, too."""
    for counted in (upstream.RULE_FAILURES, upstream.NOTIFICATIONS_FAILED):
        assert asking.now(f"sum(increase({counted.name}[5m])) > 0", time.time() - LIVE.scrape_seconds)


def _number(shown: Shown, name: str) -> float:
    (found,) = shown.lines(HOLDS, "ABCDEF"[REFS.index(name)])
    return found.last


def test_what_is_wrong_is_counted(shown: Shown) -> None:
    """The target that is down, the rule that fails, the notification that nobody takes."""
    assert _number(shown, "targets down") == 1
    assert _number(shown, "rules failed") >= 1
    assert _number(shown, "notifications failed") >= 1
    assert shown.last("Notifications per minute", "integration", ref="D")["webhook"] > 0


def test_what_is_well_is_not(shown: Shown) -> None:
    """The watchdog fires, and its alert reaches Alertmanager."""
    assert _number(shown, "watchdog") == 1
    assert _number(shown, "alerts not sent") == 0
    assert shown.last("Alerts at Alertmanager, by state", "state")["active"] == 1


def test_each_process_is_shown_once(shown: Shown) -> None:
    """As the exporter sees it, or else by its own word."""
    used = [line.labels["process"] for line in shown.lines("Cores in use, by process")]
    assert sorted(used) == [upstream.ALERTMANAGER_JOB, upstream.PROMETHEUS_JOB]


def test_the_schedules_delay_is_of_probes(shown: Shown) -> None:
    """A load run that is late of its own doing makes no exporter late."""
    (line,) = shown.lines("Schedule: delay and skipped starts")
    assert line.last == pytest.approx(0.95 * PUNCTUAL)


def test_each_state_of_an_alert_is_explained(shown: Shown) -> None:
    """Whatever Alertmanager tells."""
    title = "Alerts at Alertmanager, by state"
    (panel,) = [panel for panel in shipped()[Board.STACK]["panels"] if panel["title"] == title]
    assert [state for state in shown.last(title, "state") if state not in panel["description"]] == []


def test_each_target_has_its_state(shown: Shown) -> None:
    """By job; what is down has no samples."""
    table = "Targets: state and cost of a scrape"
    down, up = {EXPORTER_JOB: 0}, {upstream.PROMETHEUS_JOB: 1, upstream.ALERTMANAGER_JOB: 1}
    assert shown.column(table, "state", "job") == down | up
    assert {job for job, samples in shown.column(table, "samples", "job").items() if samples} == set(up)


def test_a_slow_group_of_rules_has_its_name(shown: Shown) -> None:
    """Without the path of the file that Prometheus puts before it."""
    assert set(shown.last("Slowest rule groups, share of interval", "group")) == {"well", "ill"}


def test_what_runs_has_its_version(shown: Shown) -> None:
    """Of each that tells one."""
    found = shown.column("Versions, and age of their configuration", "configured ago", "job", "version")
    assert {job for job, _ in found} == {upstream.PROMETHEUS_JOB, upstream.ALERTMANAGER_JOB}
    assert all(version[0].isdigit() for _, version in found)


@pytest.mark.parametrize("metric", upstream.UPSTREAM, ids=lambda metric: metric.name)
def test_they_tell_what_boards_ask(shown: Shown, metric: Metric) -> None:
    """Under that name, with those labels, in the versions that are installed."""
    found = shown.asking.now(metric.name, shown.end)
    assert found
    assert all(set(metric.labels) <= line.labels.keys() for line in found)
