"""The alerts that fire, as Prometheus tells them: worst first, their text made harmless."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.receiver.notification import harmless
from steadyline.severity import Severity
from steadyline.vocabulary import AlertName

WORST_FIRST = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Firing:
    """One alert that fires, or is about to.

    Attributes:
        alertname: of `AlertName`, or another's.
        severity: of `Severity`, or another's word.
        operation: empty where it is about none; so are target and driver.
        target: alias of the target.
        driver: who ran the operation.
        since: when it became active, ISO 8601.
        pending: it waits for its `for` to pass.
        summary: one sentence.
    """

    alertname: str
    severity: str
    operation: str
    target: str
    driver: str
    since: str
    pending: bool
    summary: str

    @property
    def about(self) -> tuple[str, str, str]:
        """The operation, target and driver."""
        return (self.operation, self.target, self.driver)


def severity_rank(severity: str | None) -> int:
    """0 for the worst; an unknown word, or none, comes last."""
    return next((rank for rank, known in enumerate(WORST_FIRST) if known == severity), len(WORST_FIRST))


def firing(alerts: Iterable[Mapping[str, Any]]) -> list[Firing]:
    """The alerts, worst first, then those about to fire.

    Left out are the watchdog, which always fires, and, as Alertmanager inhibits it, what is milder than another alert that
    fires about the same operation. No data that is pending is left out too: after a start it only means that the first
    window is not full yet.
    """
    found = [_firing(alert) for alert in alerts if alert["labels"].get("alertname") != AlertName.WATCHDOG]
    found = [one for one in found if not (one.pending and one.alertname == AlertName.NO_DATA)]
    found.sort(key=lambda one: (one.pending, severity_rank(one.severity), one.since))
    worst: dict[tuple[str, str, str], int] = {}
    for one in found:
        if one.operation and not one.pending:
            worst.setdefault(one.about, severity_rank(one.severity))
    return [one for one in found if severity_rank(one.severity) <= worst.get(one.about, severity_rank(one.severity))]


def _firing(alert: Mapping[str, Any]) -> Firing:
    labels = {name: harmless(text) for name, text in alert["labels"].items()}
    return Firing(
        alertname=labels.get("alertname", ""),
        severity=labels.get("severity", ""),
        operation=labels.get("operation", ""),
        target=labels.get("target", ""),
        driver=labels.get("driver", ""),
        since=_moment(str(alert.get("activeAt", ""))),
        pending=alert.get("state") != "firing",
        summary=harmless(str(alert.get("annotations", {}).get("summary", ""))),
    )


def _moment(text: str) -> str:
    """ISO 8601 as Python reads it: Prometheus tells nanoseconds."""
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return ""
