"""`steadyline compare --against live` over a real Prometheus that was fed the runs of the last minutes."""

import json
import math
import time

import pytest
from typer.testing import CliRunner

from runner.choice import Wanted
from steadyline.baseline import GATE_RUNS
from steadyline.cli.compare_asked import Asked
from steadyline.cli.compare_live import live
from steadyline.cli.conclude import Outlet
from steadyline.cli.main import build
from steadyline.errors import ConfigurationError, NoDataError, UnreachableError
from steadyline.live import LIVE
from steadyline.settings import Settings
from steadyline.severity import Severity, Verdict
from steadyline.vocabulary import (
    BASELINE_INFO,
    OPERATION_FAILURES,
    RUN_ATTEMPTS,
    RUN_LOG_MEAN,
    RUN_MEAN,
    SCHEDULE_INTERVAL,
    AlertName,
    Driver,
)

pytestmark = pytest.mark.stack

SLOWER, FAILING, UNRUN, UNKNOWN = "sql.item_read", "sql.item_create", "trace.item_create", "sql.made_up"
MEANS = {SLOWER: 0.026, FAILING: 0.05}
"""The sourced baselines are 20 ms ±15 % and 50 ms ±10 %."""
RUN_SECONDS = LIVE.fast_window_seconds(2)


def labels(operation, **more):
    """Of what the exporter measures."""
    said = {
        "operation": operation,
        "backend": operation.partition(".")[0],
        "target": "embedded",
        "driver": Driver.PROBE,
    } | more
    return ",".join(f'{name}="{value}"' for name, value in said.items())


def history(now):
    """What the rules recorded of two operations, of which one fails; a schedule of two more."""
    newest = math.floor(now / RUN_SECONDS) * RUN_SECONDS
    for operation, mean in MEANS.items():
        for age in range(LIVE.slow_runs - 1, -1, -1):
            at = newest - age * RUN_SECONDS
            yield f"{RUN_LOG_MEAN.name}{{{labels(operation)}}} {math.log(mean)!r} {at}"
            yield f"{RUN_ATTEMPTS.name}{{{labels(operation)}}} {LIVE.samples_per_run} {at}"
        yield f"{RUN_MEAN.name}{{{labels(operation)}}} {mean} {newest}"
    for age in range(LIVE.slow_runs * 30, 0, -15):
        failed = LIVE.slow_runs * 30 / 15 - age / 15
        yield f"{OPERATION_FAILURES.name}{{{labels(FAILING, reason='timeout')}}} {failed} {now - age:.3f}"
    fires = labels(FAILING, alertname=AlertName.FAILING, alertstate="firing", severity="critical")
    yield f"ALERTS{{{fires}}} 1 {now:.3f}"
    yield f"{BASELINE_INFO.name}{{{labels(SLOWER, id='00000000', source='s', quantity='q')}}} 1 {now:.3f}"
    yield from (f"{SCHEDULE_INTERVAL.name}{{{labels(one)}}} 2 {now:.3f}" for one in (*MEANS, UNRUN, UNKNOWN))


@pytest.fixture(scope="module")
def prometheus_url(start_prometheus):
    """Holds that."""
    return start_prometheus(history="\n".join([*history(time.time()), "# EOF\n"]))


@pytest.fixture
def compare(prometheus_url, tmp_path, monkeypatch):
    """`compare(...)` is `steadyline compare --against live ...` in this process and an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, url=prometheus_url):
        environment = {"STEADYLINE_PROMETHEUS_URL": url, "COLUMNS": "200"}
        command = ["compare", "--against", "live", *arguments]
        return CliRunner().invoke(build(["compare"]), command, env=environment)

    return run


def test_regression_against_a_sourced_number(compare):
    """The last runs are judged by the constant: an alarm is exit code 1, with figures, runs and reason; drift is told."""
    done = compare("--operation", SLOWER, "--json", "-")
    assert done.exit_code == 1, done.output
    (row,) = json.loads(done.stdout)["operations"]
    assert (row["operation"], row["target"], row["baseline"], row["baseline_runs"]) == (SLOWER, "embedded", 0.02, None)
    assert row["verdict"] == Verdict.WARNING
    assert row["ratio"] == pytest.approx(1.3)
    assert len(row["run_means"]) > LIVE.minimum_slow_runs
    assert row["reason"].startswith("surely above 1.15")
    assert f"drift: the exporter holds 1 of them to other baselines ({SLOWER} on embedded)" in done.stderr


def test_what_fails_and_what_is_unknown(compare):
    """What the alert calls failing fails; what is scheduled elsewhere and not known here is left out, and said."""
    done = compare("--backend", "sql")
    assert done.exit_code == 1, done.output
    assert done.stdout.index(FAILING) < done.stdout.index(SLOWER)
    assert "FAILED" in done.stdout
    assert "timeout" in done.stdout
    assert f"left out: {UNKNOWN} on embedded: no such operation is known here" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        pytest.param(["--operation", UNRUN], NoDataError, "holds no run of the last 10 min", id="no data for the range"),
        pytest.param(
            ["--operation", UNKNOWN], ConfigurationError, f"schedules {UNKNOWN}, not known here", id="not known here"
        ),
        pytest.param(
            ["--operation", "s3.*"], ConfigurationError, "nothing that the exporter schedules fits", id="nothing fits"
        ),
    ],
)
def test_nothing_to_judge(compare, arguments, kind, message):
    """One message, and the exit code of its kind."""
    done = compare(*arguments)
    assert isinstance(done.exception, kind), done.output
    assert message in str(done.exception)


def test_prometheus_that_does_not_answer(compare, free_port):
    """One message that names it, exit code 4."""
    done = compare(url=f"http://127.0.0.1:{free_port()}")
    assert isinstance(done.exception, UnreachableError)
    assert "no Prometheus answers at http://127.0.0.1" in str(done.exception)


def test_no_exporter_was_scraped(prometheus_url, tmp_path):
    """Where nothing is scheduled, that is the message: what to start, and how long to wait."""
    settings = Settings(state_dir=tmp_path, prometheus_url=prometheus_url)
    asked = Asked(settings, Wanted(), GATE_RUNS, 0, Severity.WARNING, Outlet(), "steadyline compare")
    with pytest.raises(NoDataError, match="has scraped no schedule of an exporter; run steadyline up"):
        live(asked, now=lambda: time.time() - 24 * 3600)
