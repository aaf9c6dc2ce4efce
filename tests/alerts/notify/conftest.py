"""Stand-ins of the far ends of notifications, and an Alertmanager that told all of them of one alert, firing and resolved."""

import email.policy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
import tenacity
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from scripted_server import ScriptedServer, answer, scripted

from alerts.notify import templates
from alerts.rules.alertmanager import configuration
from alerts.rules.generate import as_yaml
from steadyline.notify import Notify
from steadyline.settings import Ports, Settings

SECRETS = {
    "mail": "mail-pass-w0rd",
    "slack": "/services/T0/B0/slack-s3cret",
    "pagerduty": "pd-r0uting-key",
    "webhook": "t0ken-hook",
}
LABELS = {
    "alertname": "SteadylineRegression",
    "severity": "critical",
    "operation": "sql.item_create",
    "backend": "sql",
    "target": "orders <b>&",
    "driver": "probe",
}
ANNOTATIONS = {
    "summary": "sql.item_create on orders <b>& is 1.87 times its baseline",
    "description": "Critical is above 1.39 in one run of 30s.",
    "ratio": "1.87",
    "current": "93.5ms a call",
    "baseline": "50 ms a call, tolerance 10% (made for tests)",
    "runbook_url": "http://127.0.0.1:8025/runbook#steadylineregression",
    "dashboard_url": "http://127.0.0.1:3000/d/steadyline-operation?var-operation=sql.item_create&var-target=x",
}
GRAPH = "http://127.0.0.1:9090/graph?g0.expr=up"


@dataclass
class Inbox:
    """A mail server that keeps what it gets from who knows the password."""

    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        """Keep it."""
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 OK"


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, said: Any) -> AuthResult:
    known = LoginPassword(b"steadyline", SECRETS["mail"].encode())
    return AuthResult(success=said == known, handled=False)


@dataclass
class FarEnds:
    """What came to each stand-in.

    Attributes:
        inbox: mails.
        web: answers Slack's, PagerDuty's and any webhook's requests.
        folder: where Alertmanager's configuration and log are.
        alertmanager: its base URL.
        began: when the alert did; the session's start may be an hour before it is told.
    """

    inbox: Inbox
    web: ScriptedServer
    folder: Path
    alertmanager: str = ""
    began: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3))

    def posts(self, path: str) -> list[dict[str, Any]]:
        """The JSON posted to a path, first one first."""
        return [json.loads(one.body) for one in self.web.of(path)]

    def post(self, *alerts: dict[str, Any]) -> None:
        """Send alerts as Prometheus does."""
        assert httpx.post(f"{self.alertmanager}/api/v2/alerts", json=list(alerts), trust_env=False).is_success

    def texts_of(self, number: int) -> tuple[str, str]:
        """The plain text and the HTML of one mail."""
        bodies = (self.inbox.mails[number][1].get_body((kind,)) for kind in ("plain", "html"))
        text, html = (body.get_content() if body else "" for body in bodies)
        return text, html


def secret_files(folder: Path) -> dict[str, Path]:
    """A file for each secret, a newline at its end as editors leave it, but for the mail server's password."""
    paths = {name: folder / f"{name}.secret" for name in SECRETS}
    for name, path in paths.items():
        path.write_text(SECRETS[name] + ("" if name == "mail" else "\n"))
    return paths


@pytest.fixture(scope="session")
def everybody() -> Callable[..., Notify]:
    """`everybody(folder, web, mail)` is told by every kind of receiver; the secrets' files lie in the folder."""

    def make(folder: Path, web: str, mail: str) -> Notify:
        paths = secret_files(folder)
        paths["slack"].write_text(f"{web}{SECRETS['slack']}\n")
        login = {"username": "steadyline", "password_file": paths["mail"], "hello": "steadyline.test"}
        return Notify.model_validate(
            {
                "webhook_url": f"{web}/hook",
                "webhook_credentials_file": paths["webhook"],
                "heartbeat_url": f"{web}/alive",
                "email": {"to": "a@test.example, b@test.example", "from": "s@test.example", "smarthost": mail, **login}
                | {"require_tls": False},
                "slack": {"url_file": paths["slack"], "channel": "#alerts"},
                "pagerduty": {"routing_key_file": paths["pagerduty"], "url": f"{web}/v2/enqueue"},
            }
        )

    return make


@pytest.fixture
def since(told: FarEnds) -> str:
    """When the alert began, as people read it."""
    return f"{told.began:%Y-%m-%d %H:%M:%S} UTC"


@pytest.fixture(scope="module")
def told(
    start_alertmanager: Callable[..., str],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
    everybody: Callable[..., Notify],
) -> Iterator[FarEnds]:
    """One critical alert was told to everybody, and then that it is over; the heartbeat went on."""
    folder, port = tmp_path_factory.mktemp("notify"), free_port()
    inbox = Inbox()
    mail = Controller(
        inbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=_knows,
        auth_required=True,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN"],
    )
    mail.start()  # type: ignore[no-untyped-call]
    with scripted() as web:
        web.otherwise = lambda _path: (answer(b"ok"),)
        web.on(SECRETS["slack"], (answer(b"later", "503 Unavailable"),), (answer(b"ok"),))
        web.on("/v2/enqueue", (answer(b'{"status":"success"}', "202 Accepted"),))
        notify = everybody(folder, web.url, f"127.0.0.1:{port}")
        for name, text in templates.texts().items():
            (folder / name).write_text(text)
        ends = FarEnds(inbox, web, folder)
        ends.alertmanager = start_alertmanager(
            as_yaml(configuration(Settings(notify=notify, ports=Ports(receiver=free_port())))), folder
        )
        _tell(ends)
        yield ends
    mail.stop()  # type: ignore[no-untyped-call]


def _tell(ends: FarEnds) -> None:
    alert = {"labels": LABELS, "annotations": ANNOTATIONS, "generatorURL": GRAPH, "startsAt": ends.began.isoformat()}
    beat = {"labels": {"alertname": "SteadylineWatchdog", "severity": "none"}}
    ends.post({**alert, "endsAt": (ends.began + timedelta(minutes=10)).isoformat()}, beat)
    _wait_for(ends, 1)
    ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    ends.post({**alert, "endsAt": ended})
    _wait_for(ends, 2)


def _wait_for(ends: FarEnds, count: int) -> None:
    """Until each has got so many; Slack's first is refused."""
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.2), reraise=True):
        with attempt:
            came = {path: len(ends.web.of(path)) for path in ("/hook", "/v2/enqueue", SECRETS["slack"])}
            came["mail"] = len(ends.inbox.mails)
            expected = {"/hook": count, "/v2/enqueue": count, SECRETS["slack"]: count + 1, "mail": count}
            missing = {name: came.get(name) for name, least in expected.items() if came[name] < least}
            assert not missing, (missing, (ends.folder / "log").read_text()[-2000:])
