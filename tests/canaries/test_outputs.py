"""No canary in what any command says, writes or starts, whether its far ends answer, refuse and echo, or are gone."""

import json
import signal

import httpx
import pytest
import tenacity
from planted import Planted, bearer, team_history, webhooks

from alerts.notify.receivers import receivers
from deploy.prometheus_config import render
from steadyline import settings
from steadyline.environment import PREFIX

pytestmark = pytest.mark.stack

PROBES = {
    "trace.item_browse": ("ok", "refusing", "gone"),
    "trace.bug": ("ok",),
    "sql.item_browse": ("database", "database-by-file"),
    "s3.bucket_list": ("bucket", "bucket-by-file", "bucket-by-chain"),
    "vast.session_init": ("table", "table-gone"),
    "tams.service_read": ("media",),
    "http.own_read": ("own",),
}
"""One attempt of each kind of target: one that answers, one that says all back, one that is gone."""
COMMANDS = (
    "operations --json",
    "run --operation trace.item_read --target ok --rounds 2 --json results.json",
    "run --operation trace.bug --target ok --rounds 2",
    "run --operation tams.* --rounds 2",
    "report --html report.html --markdown",
    "trend --json",
    "baseline record --rounds 5 --operation trace.item_read --target ok",
    "baseline show trace.item_read",
    "compare --against live",
    "status --json",
    "watch --once",
    "doctor --json",
    "dashboards push",
    "regress trace.item_read",
    "exporter extra",
    "no-such-command",
)


def _leaks(nest: Planted) -> list[str]:
    assert nest.said
    return nest.leaks()


EACH = [(name, one) for name, targets in PROBES.items() for one in targets]


@pytest.mark.parametrize(("operation", "target"), EACH)
def test_probe(nest: Planted, operation: str, target: str) -> None:
    """An attempt with all that is known of it, whatever the far end answers."""
    wanted = 0 if (operation, target) == ANSWERED else NOT_OK[target]
    assert nest.run("probe", operation, "--target", target, "--debug") == wanted
    assert _leaks(nest) == []


ANSWERED = ("trace.item_browse", "ok")
NOT_OK = {"ok": 1} | dict.fromkeys({target for targets in PROBES.values() for target in targets} - {"ok"}, 4)
"""A bug is a failed attempt; all others do not get that far."""


@pytest.mark.parametrize("line", COMMANDS)
def test_command(nest: Planted, line: str) -> None:
    """What it prints, and every file that it leaves, the history's too."""
    nest.run(*line.split())
    assert _leaks(nest) == []


def test_a_history_elsewhere(nest: Planted) -> None:
    """One that does not answer is told of without its password, and what cannot be kept too."""
    elsewhere = team_history(nest.birds)
    assert nest.run("trend", environ=elsewhere) == 4
    nest.run("run", "--operation", "trace.item_read", "--target", "ok", "--rounds", "1", environ=elsewhere)
    assert _leaks(nest) == []


def test_an_exporter(nest: Planted) -> None:
    """Its pages, its account of an attempt, its refusal of settings, its log with the traceback of a bug."""
    with nest.started("exporter") as process:
        url = f"http://127.0.0.1:{nest.environ[PREFIX + 'PORTS_EXPORTER']}"
        _ready(f"{url}/-/healthy")
        pages = ["/", "/metrics", "/-/ready"]
        pages += [f"/probe?debug=true&operation={name}&target={one}" for name, found in PROBES.items() for one in found]
        for page in pages:
            nest.said[f"exporter {page}"] = _page(url + page)
        text = (nest.folder / "steadyline.toml").read_text()
        mistaken = f"[targets.ok]\nurll = '{nest.birds.plant('a mistaken key')}'"
        (nest.folder / "steadyline.toml").write_text(text.replace("[targets.ok]", mistaken))
        nest.said["exporter refuses"] = httpx.post(f"{url}/-/reload", trust_env=False, timeout=240).content
        (nest.folder / "steadyline.toml").write_text(text)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert b"urll" in nest.said["exporter refuses"]
    assert b"a bug" in nest.said["exporter"]
    assert _leaks(nest) == []


@tenacity.retry(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.2), reraise=True)
def _ready(page: str) -> None:
    httpx.get(page, trust_env=False, timeout=60).raise_for_status()


def _page(url: str) -> bytes:
    return httpx.get(url, trust_env=False, timeout=240).content


def test_generated_configuration(nest: Planted) -> None:
    """Prometheus' holds the names of files alone; Alertmanager's beside them what 0.25 has no file for, the webhooks' URLs."""
    own = {name: text for name, text in nest.environ.items() if name.startswith(PREFIX)}
    found = settings.load(own, nest.folder / "steadyline.toml")
    assert list(nest.birds.found_in(render(found))) == []
    held = {place.partition(" ")[0] for place in nest.birds.found_in(json.dumps(receivers(found)))}
    assert held == {"notify.webhook_url", "notify.heartbeat_url", "notify.pagerduty.url"}


def test_generated_configuration_with_webhooks_in_files(nest: Planted) -> None:
    """With a newer Alertmanager nothing secret need stand in what is generated for it."""
    text = json.dumps(receivers(settings.load(webhooks(nest.birds))))
    assert text.count('"url_file"') == 2
    assert list(nest.birds.found_in(text)) == []


def test_generated_configuration_with_a_token(nest: Planted) -> None:
    """The same of the other way in which a storage may be told who writes."""
    text = render(settings.load(bearer(nest.birds)))
    assert "credentials_file" in text
    assert list(nest.birds.found_in(text)) == []
