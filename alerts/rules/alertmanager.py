"""Alertmanager's configuration: who is told, how soon, and which alert mutes which; valid from 0.25 on."""

from typing import Any

from alerts.notify import templates
from alerts.notify.receivers import HEARTBEAT, HEARTBEAT_SECONDS, NOTIFICATIONS, ON_CALL, receivers
from steadyline.live import LIVE
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import OPERATION_LABELS, AlertName

Document = dict[str, Any]

GROUP_BY = ("alertname", "severity", *(label for label in OPERATION_LABELS if label != "backend"))
"""Severity and operation are among them: a worse one must not wait in a group that was told already."""
_MILDER = {Severity.CRITICAL: (Severity.WARNING, Severity.INFO), Severity.WARNING: (Severity.INFO,)}


def configuration(settings: Settings) -> Document:
    """The whole configuration.

    Raises:
        ConfigurationError: a secret's file is missing, unreadable or empty; all faults at once.
    """
    found = receivers(settings)
    return {
        "templates": [templates.PATTERN],
        "route": {
            "receiver": NOTIFICATIONS,
            "group_by": list(GROUP_BY),
            **_waits(LIVE.group_wait_warning_seconds, LIVE.group_interval_warning_seconds, LIVE.repeat_seconds),
            "routes": _routes(on_call=any(one["name"] == ON_CALL for one in found)),
        },
        "inhibit_rules": _inhibitions(),
        "receivers": found,
    }


def _waits(wait: float, interval: float, repeat: float) -> Document:
    return {"group_wait": f"{wait:.0f}s", "group_interval": f"{interval:.0f}s", "repeat_interval": f"{repeat:.0f}s"}


def _routes(*, on_call: bool) -> list[Document]:
    """Critical soon; warning and info after a wait, because a ramp crosses 15 % before 30 %; the heartbeat apart.

    Who is on call is told of what is critical, and everybody after that too.
    """
    critical = _waits(LIVE.group_wait_critical_seconds, LIVE.group_interval_critical_seconds, LIVE.repeat_seconds)
    milder = _waits(LIVE.group_wait_warning_seconds, LIVE.group_interval_warning_seconds, LIVE.repeat_seconds)
    beat = _waits(0, LIVE.group_interval_critical_seconds, HEARTBEAT_SECONDS)
    is_critical = {"matchers": [f'severity="{Severity.CRITICAL}"']}
    return [
        {"matchers": [f'alertname="{AlertName.WATCHDOG}"'], "receiver": HEARTBEAT, **beat},
        *([{**is_critical, "receiver": ON_CALL, "continue": True, **critical}] if on_call else []),
        {**is_critical, "receiver": NOTIFICATIONS, **critical},
        {"matchers": [f'severity=~"{Severity.WARNING}|{Severity.INFO}"'], "receiver": NOTIFICATIONS, **milder},
    ]


def _inhibitions() -> list[Document]:
    """A milder alert is muted by a worse one on the same operation, no data by failing, a dead exporter and a full disk."""
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
        *(
            {"source_matchers": [f'alertname="{name}"'], "target_matchers": no_data}
            for name in (AlertName.EXPORTER_DOWN, AlertName.NOT_STORED)
        ),
    ]
