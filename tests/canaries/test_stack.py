"""No canary in what a running stack writes, serves or starts, but in Alertmanager's own configuration, for its owner alone."""

import stat
from collections.abc import Iterator

import httpx
import psutil
import pytest
from planted import ANSWERING, Planted

from steadyline.environment import PREFIX

pytestmark = [
    pytest.mark.stack,
    pytest.mark.full,  # a whole stack on targets that are gone, and until it has tried to tell of it
    pytest.mark.timeout(900),
]

PAGES = {
    "PROMETHEUS": ("/api/v1/status/config", "/api/v1/targets", "/api/v1/rules", "/metrics"),
    "ALERTMANAGER": ("/api/v2/alerts", "/metrics"),
    "EXPORTER": ("/", "/metrics"),
    "RECEIVER": ("/", "/metrics"),
}
"""Alertmanager's /api/v2/status is left out: 0.25 shows a webhook's URL there, on loopback."""
IN_ITS_CONFIGURATION = {"notify.webhook_url", "notify.webhook_url path", "notify.heartbeat_url", "notify.pagerduty.url"}
SETTINGS = {f"{PREFIX}CONFIG": ANSWERING}
NOBODY = 4
"""Exit code of a load on what is not there."""
CONFIGURATION = ".steadyline/generated/alertmanager.yml"
LOG = ".steadyline/logs/alertmanager.log"
IN_ITS_LOG = IN_ITS_CONFIGURATION | {"notify.slack.url_file"}
"""Alertmanager 0.25 writes a refused webhook's URL there, and what the far end said: docs/notifications.md tells of it."""


@pytest.fixture(scope="module")
def up(nest: Planted) -> Iterator[Planted]:
    """The stack, up."""
    assert nest.run("up", "--native", "--detach", seconds=400, environ=SETTINGS) == 0, nest.said
    yield nest
    nest.run("down", seconds=120, environ=SETTINGS)


def test_the_stack(up: Planted) -> None:
    """Files, logs, pages and command lines of everything that runs."""
    for port, pages in PAGES.items():
        for page in pages:
            url = f"http://127.0.0.1:{up.environ[f'{PREFIX}PORTS_{port}']}{page}"
            up.said[url] = httpx.get(url, trust_env=False, timeout=60).content
    ours = [one for one in psutil.process_iter(["cwd", "cmdline"]) if str(up.folder) in " ".join(one.info["cmdline"] or [])]
    up.command_lines |= {" ".join(one.info["cmdline"]) for one in ours}
    assert len(ours) >= len(PAGES)
    assert [leak for leak in up.leaks() if not _allowed(leak)] == []


def test_a_load_run(up: Planted) -> None:
    """Its page, its result, Locust's own output, the links that it prints, and the processes that it starts."""
    assert (
        up.run("load", "--users", "2", "--duration", "4s", "--host", "http://127.0.0.1:1", seconds=240, environ=SETTINGS)
        == NOBODY
    )
    assert b"Board: " in up.said[[*up.said][-1]]
    assert [leak for leak in up.leaks() if not _allowed(leak)] == []


def _allowed(leak: str) -> bool:
    where, _, place = leak.partition(": ")
    return place in {CONFIGURATION: IN_ITS_CONFIGURATION, LOG: IN_ITS_LOG}.get(where, ())


@pytest.mark.parametrize("file", [CONFIGURATION, LOG])
def test_what_holds_secrets_is_for_its_owner_alone(up: Planted, file: str) -> None:
    """Nobody else may read it."""
    assert stat.S_IMODE((up.folder / file).stat().st_mode) == 0o600
