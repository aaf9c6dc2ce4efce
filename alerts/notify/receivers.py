"""Alertmanager's receivers: who is told beyond the local receiver, by which template; valid from 0.25 on.

A generic webhook's `url_file` came with 0.26, and is there only where the settings name one: with 0.25 a URL with a secret
in it stands in the generated file, which is for its owner alone; a bearer token in a file needs none.
"""

from pathlib import Path
from typing import Any

from alerts.notify import secret_files
from steadyline.live import LIVE
from steadyline.notify import Email, Notify, PagerDuty, Slack
from steadyline.settings import Settings

Document = dict[str, Any]

NOTIFICATIONS = "notifications"
"""The receiver of everything but the heartbeat."""
ON_CALL = "on-call"
"""The receiver of what is critical, beside the others; there with PagerDuty alone."""
HEARTBEAT = "heartbeat"
"""The receiver of the watchdog."""
HEARTBEAT_SECONDS = LIVE.group_interval_warning_seconds
"""How often it is told that alerting works."""


def receivers(settings: Settings) -> list[Document]:
    """All of them, each kind that the settings name.

    Raises:
        ConfigurationError: a secret's file is missing, unreadable or empty.
    """
    notify = settings.notify
    secret_files.check(notify)
    local = settings.url_of("receiver")
    told: Document = {
        "name": NOTIFICATIONS,
        "webhook_configs": [{"url": f"{local}/alerts", "send_resolved": True, **_guarded(settings)}],
    }
    if notify.webhook_url or notify.webhook_url_file:
        told["webhook_configs"].append(_webhook(notify))
    if notify.email.to:
        told["email_configs"] = [_email(notify.email)]
    if notify.slack.url_file:
        told["slack_configs"] = [_slack(notify.slack, notify.slack.url_file)]
    found = [told]
    if notify.pagerduty.routing_key_file:
        found.append({"name": ON_CALL, "pagerduty_configs": [_pagerduty(notify.pagerduty, notify.pagerduty.routing_key_file)]})
    return [*found, _heartbeat({"url": f"{local}/watchdog", **_guarded(settings)}, notify)]


def _heartbeat(local: Document, notify: Notify) -> Document:
    elsewhere = _url(notify.heartbeat_url, notify.heartbeat_url_file)
    told = [local, *([elsewhere] if elsewhere else [])]
    return {"name": HEARTBEAT, "webhook_configs": [{**one, "send_resolved": False} for one in told]}


def _guarded(settings: Settings) -> Document:
    """How the local receiver is asked, where a web config guards it."""
    block = settings.web_client.http_config(settings.web_scheme)
    return {"http_config": block} if block else {}


def _webhook(notify: Notify) -> Document:
    webhook: Document = {**_url(notify.webhook_url, notify.webhook_url_file), "send_resolved": True}
    if notify.webhook_credentials_file:
        credentials = {"type": "Bearer", "credentials_file": _absolute(notify.webhook_credentials_file)}
        webhook["http_config"] = {"authorization": credentials}
    return webhook


def _url(url: str | None, file: Path | None) -> Document:
    """Where a webhook goes; nothing where it goes nowhere."""
    if file is not None:
        return {"url_file": _absolute(file)}
    return {"url": url} if url else {}


def _email(email: Email) -> Document:
    found: Document = {
        "to": ", ".join(email.to),
        "from": email.from_,
        "smarthost": email.smarthost,
        "require_tls": email.require_tls,
        "send_resolved": True,
        "headers": {"Subject": _filled("subject")},
        "html": _filled("mail.html"),
        "text": _filled("mail.text"),
    }
    if email.hello:
        found["hello"] = email.hello
    if email.username and email.password_file:
        found |= {"auth_username": email.username, "auth_password_file": _absolute(email.password_file)}
    return found


def _slack(slack: Slack, url_file: Path) -> Document:
    fields = [{"title": title, "value": _filled(f"slack.{name}"), "short": True} for title, name in _SLACK_FIELDS]
    return {
        "api_url_file": _absolute(url_file),
        **({"channel": slack.channel} if slack.channel else {}),
        "send_resolved": True,
        "color": _filled("colour"),
        "title": _filled("slack.title"),
        "title_link": _filled("link.board"),
        "fallback": _filled("slack.title"),
        "text": _filled("slack.text"),
        "fields": fields,
        "footer": "Steadyline",
    }


_SLACK_FIELDS = (("How bad", "how_bad"), ("Since", "since"), ("Now", "current"), ("Held against", "held_against"))
_PAGERDUTY_DETAILS = ("what", "how_bad", "since", "current", "held_against", "description", "runbook", "firing", "resolved")

_TEXT = "\t"
"""Newer Alertmanagers read a detail as YAML and fill in what they find; with a tab at its start it is none, and stays text."""


def _pagerduty(pagerduty: PagerDuty, routing_key_file: Path) -> Document:
    return {
        "routing_key_file": _absolute(routing_key_file),
        **({"url": pagerduty.url} if pagerduty.url else {}),
        "send_resolved": True,
        "description": _filled("subject"),
        "severity": _filled("pagerduty.severity"),
        "client": "Steadyline",
        "client_url": _filled("link.board"),
        "class": "{{ .CommonLabels.alertname }}",
        "component": "{{ .CommonLabels.operation }}",
        "group": "{{ .CommonLabels.target }}",
        "details": {name: _TEXT + _filled(f"pagerduty.{name}") for name in _PAGERDUTY_DETAILS},
        "links": [
            {"href": _filled("link.board"), "text": "Board"},
            {"href": _filled("link.runbook"), "text": "Runbook"},
            {"href": _filled("link.graph"), "text": "Prometheus"},
            {"href": _filled("link.silence"), "text": "Silence it"},
        ],
    }


def _filled(name: str) -> str:
    """One of the templates, filled in by Alertmanager."""
    return f'{{{{ template "steadyline.{name}" . }}}}'


def _absolute(path: Path) -> str:
    """Alertmanager would look for a relative one beside its own configuration."""
    return str(path.absolute())
