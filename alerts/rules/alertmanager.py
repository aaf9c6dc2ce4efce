"""Alertmanager's configuration: who is told, how soon, and which alert mutes which; valid from 0.25 on."""

from pathlib import Path
from typing import Any

from steadyline.addresses import local_url
from steadyline.errors import ConfigurationError
from steadyline.live import LIVE
from steadyline.settings import Notify, Settings
from steadyline.severity import Severity
from steadyline.vocabulary import OPERATION_LABELS, AlertName

Document = dict[str, Any]

NOTIFICATIONS = "notifications"
"""The receiver of everything but the heartbeat."""
HEARTBEAT = "heartbeat"
"""The receiver of the watchdog."""
GROUP_BY = ("alertname", "severity", *(label for label in OPERATION_LABELS if label != "backend"))
"""Severity and operation are among them: a worse one must not wait in a group that was told already."""
_MILDER = {Severity.CRITICAL: (Severity.WARNING, Severity.INFO), Severity.WARNING: (Severity.INFO,)}


def configuration(settings: Settings) -> Document:
    """The whole configuration.

    Raises:
        ConfigurationError: the webhook's credentials file is not there or cannot be read.
    """
    return {
        "route": {
            "receiver": NOTIFICATIONS,
            "group_by": list(GROUP_BY),
            **_waits(LIVE.group_wait_warning_seconds, LIVE.group_interval_warning_seconds, LIVE.repeat_seconds),
            "routes": _routes(),
        },
        "inhibit_rules": _inhibitions(),
        "receivers": _receivers(settings),
    }


def _waits(wait: float, interval: float, repeat: float) -> Document:
    return {"group_wait": f"{wait:.0f}s", "group_interval": f"{interval:.0f}s", "repeat_interval": f"{repeat:.0f}s"}


def _routes() -> list[Document]:
    """Critical soon; warning and info after a wait, because a ramp crosses 15 % before 30 %; the heartbeat apart."""
    critical = _waits(LIVE.group_wait_critical_seconds, LIVE.group_interval_critical_seconds, LIVE.repeat_seconds)
    milder = _waits(LIVE.group_wait_warning_seconds, LIVE.group_interval_warning_seconds, LIVE.repeat_seconds)
    beat = _waits(0, LIVE.group_interval_critical_seconds, LIVE.group_interval_warning_seconds)
    return [
        {"matchers": [f'alertname="{AlertName.WATCHDOG}"'], "receiver": HEARTBEAT, **beat},
        {"matchers": [f'severity="{Severity.CRITICAL}"'], "receiver": NOTIFICATIONS, **critical},
        {"matchers": [f'severity=~"{Severity.WARNING}|{Severity.INFO}"'], "receiver": NOTIFICATIONS, **milder},
    ]


def _inhibitions() -> list[Document]:
    """A milder alert is muted by a worse one on the same operation, no data by failing and by a dead exporter."""
    same = list(OPERATION_LABELS)
    no_data = [f'alertname="{AlertName.NO_DATA}"']
    by_severity = [
        {
            "source_matchers": [f'severity="{worse}"', 'operation!=""'],
            "target_matchers": [f'severity=~"{"|".join(milder)}"', 'operation!=""'],
            "equal": same,
        }
        for worse, milder in _MILDER.items()
    ]
    return [
        *by_severity,
        {"source_matchers": [f'alertname="{AlertName.FAILING}"'], "target_matchers": no_data, "equal": same},
        {"source_matchers": [f'alertname="{AlertName.EXPORTER_DOWN}"'], "target_matchers": no_data},
    ]


def _receivers(settings: Settings) -> list[Document]:
    local = local_url(settings.ports.receiver)
    webhooks = [{"url": f"{local}/alerts", "send_resolved": True}]
    if settings.notify.webhook_url:
        webhooks.append(_own_webhook(settings.notify))
    return [
        {"name": NOTIFICATIONS, "webhook_configs": webhooks},
        {"name": HEARTBEAT, "webhook_configs": [{"url": f"{local}/watchdog", "send_resolved": False}]},
    ]


def _own_webhook(notify: Notify) -> Document:
    """The user's webhook; its secret stays in its file, which Alertmanager reads itself."""
    webhook: Document = {"url": notify.webhook_url, "send_resolved": True}
    if notify.webhook_credentials_file:
        credentials = {"type": "Bearer", "credentials_file": str(_readable(notify.webhook_credentials_file))}
        webhook["http_config"] = {"authorization": credentials}
    return webhook


def _readable(path: Path) -> Path:
    """The absolute path of a file that can be read, and holds something."""
    try:
        empty = not path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise ConfigurationError(
            f"notify.webhook_credentials_file: {path}: {why}; put the bearer token into it, or take the key out"
        ) from None
    if empty:
        raise ConfigurationError(f"notify.webhook_credentials_file: {path}: empty; put the bearer token into it")
    return path.absolute()
