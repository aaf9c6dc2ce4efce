"""A disk without a free byte under everything that writes: it is told, nothing ends, nothing is torn, and it goes on after."""

import json
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from fault_alerts import Told, until
from fault_artefacts import leaked
from fault_disk import Disk
from fault_programs import Programs
from fault_samples import SCRAPE_SECONDS, Between

from alerts.regress.client_side import ExporterPage
from deploy.native import stack as native
from steadyline.addresses import local_url
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.prometheus import Prometheus
from steadyline.settings import Ports
from steadyline.severity import Severity
from steadyline.vocabulary import OPERATION_DURATION, AlertName

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900)]

NOT_STORED = {"alertname": AlertName.NOT_STORED, "severity": Severity.CRITICAL}
LOG_TORN = {"alertname": AlertName.LOG_TORN, "severity": Severity.WARNING}
RESOLVED_SECONDS = 420
"""A Prometheus that is another knows nothing of the alert: Alertmanager ends it once it has heard nothing for some minutes."""
NO_ROOM = "No space left on device"
OPERATION, TARGET = "s3.bucket_list", "embedded"
WRITERS = {
    "run": ("run", "--operation", OPERATION, "--rounds", "1"),
    "baseline record": ("baseline", "record", "--operation", OPERATION, "--rounds", "5"),
    "load": ("load", "S3User", "--users", "1", "--duration", "2s"),
    "report": ("report", "--html", "report.html"),
}
"""Each command that writes, and ends by itself."""
OTHER = "other"
"""The state folder of another stack on the same disk."""


@pytest.fixture(scope="module")
def disk(stack):
    """The stack's own."""
    if not os.path.ismount(stack.settings.state.root):
        pytest.skip("a disk of its own takes root, who may mount one")
    return Disk(stack.settings.state.root)


@pytest.fixture(scope="module")
def filled(stack, disk, free_port):
    """What was seen while it was full, and the moment of its end."""
    on_disk = replace(stack, folder=disk.folder)  # what a command writes where the user stands lies there too
    on_disk.run("run", "--operation", OPERATION, "--rounds", "1", accepted=(0, NoDataError.exit_code))
    told, prometheus = Told(stack.settings), Prometheus(stack.settings.prometheus)
    before = {one.name: one.pid for one in native.running(stack.settings)}
    said = {}
    with disk.full():
        until("Prometheus tells", lambda: any(_is_not_stored(one) for one in prometheus.alerts()))
        for name, arguments in WRITERS.items():
            said[name] = on_disk.run(*arguments, accepted=range(256))
        said["up"] = _other(on_disk, free_port).run("up", "--native", "--detach", accepted=range(256))
        answered = httpx.get(f"{local_url(stack.settings.ports.exporter)}/metrics", trust_env=False, timeout=10)
    return told, before, said, answered, time.time()


def _other(stack, free_port):
    """Another stack's place on the same disk, with ports of its own."""
    ports = {f"STEADYLINE_PORTS_{name.upper()}": str(free_port()) for name in Ports.model_fields}
    return replace(stack, environ={**stack.environ, **ports, "STEADYLINE_STATE_DIR": str(stack.folder / OTHER)})


def _is_not_stored(alert):
    return alert["state"] == "firing" and alert["labels"]["alertname"] == AlertName.NOT_STORED


@pytest.mark.parametrize("command", [*WRITERS, "up"])
def test_a_command_says_so_in_one_sentence(filled, command, figures) -> None:
    """With the file and the reason, without a traceback, by the exit code of what the user has to mend."""
    done = filled[2][command]
    figures.say(f"disk full, {command}", told=f"exit {done.returncode}: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == ConfigurationError.exit_code, done.stderr
    assert NO_ROOM in done.stderr
    assert "Traceback" not in done.stderr


def test_it_is_told_and_everything_goes_on(stack, filled, figures) -> None:
    """Whoever is on call learns that nothing is stored, and when it is again; no program ended; no sample is lost."""
    told, before, _, answered, mended = filled
    assert answered.is_success
    prometheus = Prometheus(stack.settings.prometheus)
    counted = ExporterPage(local_url(stack.settings.ports.exporter)).totals(OPERATION, TARGET).count
    selector = f'{OPERATION_DURATION.name}_count{{operation="{OPERATION}",target="{TARGET}"}}'
    until("it holds what the exporter counted", lambda: prometheus.query(f"{selector} >= {counted}"))
    told.wait("firing", **NOT_STORED)
    told.wait("resolved", **NOT_STORED)
    stretch = Between(stack.settings.prometheus, mended + SCRAPE_SECONDS, time.time())
    artefacts = leaked(stack.settings)
    figures.say("disk full", kept=stretch.kept(), lost=0, artefacts=sum(artefacts.values()), told=AlertName.NOT_STORED)
    assert {one.name: one.pid for one in native.running(stack.settings)} == before
    assert stretch.longest_gap() <= 3 * SCRAPE_SECONDS
    assert artefacts == dict.fromkeys(artefacts, 0)


def test_nothing_is_torn(stack, filled) -> None:
    """Every line of the notifications is whole, and so are the databases."""
    assert filled
    state = stack.settings.state
    for line in state.notifications.read_text().splitlines():
        json.loads(line)
    for database in (state.data("sql") / "trace.db", state.data("trace") / "trace.db"):
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert "Traceback" not in Programs(stack).log("receiver")


def test_the_log_is_torn_until_prometheus_is_restarted(stack, filled, figures) -> None:
    """Whoever is on call is told to restart it; after that one restart, the next one drops nothing."""
    told, programs = filled[0], Programs(stack)
    told.wait("firing", **LOG_TORN)
    programs.kill("prometheus")
    mended, prometheus = time.time(), Prometheus(stack.settings.prometheus)
    until("it stores again", lambda: time.time() > mended + 6 * SCRAPE_SECONDS)
    stretch = Between(stack.settings.prometheus, mended + 2 * SCRAPE_SECONDS, time.time())
    assert stretch.longest_gap() <= 2 * SCRAPE_SECONDS
    programs.kill("prometheus")
    until("it answers", lambda: prometheus.query("vector(1)"))
    assert stretch.longest_gap() <= 2 * SCRAPE_SECONDS
    told.wait("resolved", RESOLVED_SECONDS, **LOG_TORN)
    figures.say("disk full, log torn", told=AlertName.LOG_TORN)
