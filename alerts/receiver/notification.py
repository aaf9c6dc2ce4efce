"""Alertmanager's webhook (version 4) as facts: one `Notification` an alert, its text made harmless at the door.

Labels and annotations are other people's text: what reaches the terminal, the file and the page from here on holds no
control character, no newline and no direction mark, and no more than `LONGEST_TEXT` characters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ValidationError

from steadyline.printable import printable

LONGEST_TEXT = 2000
"""Characters kept of one label or annotation; ours are a sentence or two."""


class MalformedError(Exception):
    """A post is not Alertmanager's webhook; its text is one sentence."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One alert as it was told, and as it is kept: one JSON object a line.

    Attributes:
        received_at: when it came, ISO 8601 UTC.
        status: firing or resolved.
        alertname: of `AlertName`, or another's.
        severity: of `Severity`, or another's word.
        operation: `backend.name`, empty where the alert is about none; so are target and driver.
        target: alias of the target.
        driver: who ran the operation.
        starts_at: since when it fires, ISO 8601.
        ends_at: when it ended, empty while it fires.
        value: the figure and what it is held against, where the alert tells it apart from its summary.
        summary: one sentence.
        description: what was seen.
        runbook_url: what to do.
        dashboard_url: where to look.
        fingerprint: Alertmanager's key of the alert.
    """

    received_at: str
    status: str
    alertname: str
    severity: str
    operation: str
    target: str
    driver: str
    starts_at: str
    ends_at: str
    value: str
    summary: str
    description: str
    runbook_url: str
    dashboard_url: str
    fingerprint: str

    @property
    def key(self) -> tuple[str, ...]:
        """The same for a post that Alertmanager repeats because it was refused."""
        return (
            self.fingerprint,
            self.alertname,
            self.operation,
            self.target,
            self.status,
            self.starts_at,
            self.ends_at,
        )

    @property
    def lasted_seconds(self) -> float | None:
        """How long it fired, or None while it does."""
        if not self.ends_at:
            return None
        return (datetime.fromisoformat(self.ends_at) - datetime.fromisoformat(self.starts_at)).total_seconds()


def harmless(text: str) -> str:
    """The text on one line, without anything that a terminal obeys."""
    spaced = " ".join(text[: LONGEST_TEXT + 1].split())
    cut = spaced if len(text) <= LONGEST_TEXT else spaced[: LONGEST_TEXT - 1] + "…"
    return printable(cut)


Text = Annotated[str, BeforeValidator(lambda value: harmless(value) if isinstance(value, str) else value)]


class _Alert(BaseModel):
    status: Literal["firing", "resolved"]
    labels: dict[Text, Text]
    annotations: dict[Text, Text] = {}
    startsAt: AwareDatetime  # noqa: N815 - Alertmanager's name
    endsAt: AwareDatetime | None = None  # noqa: N815 - Alertmanager's name
    fingerprint: Text = ""


class _Webhook(BaseModel):
    version: Literal["4"]
    alerts: list[_Alert]


def parse(body: bytes, received_at: datetime) -> list[Notification]:
    """The notifications in one post.

    Raises:
        MalformedError: the body is not version 4 of Alertmanager's webhook; the text says where.
    """
    try:
        webhook = _Webhook.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        told = harmless(f"{place}: {fault['msg']}" if place else fault["msg"])
        raise MalformedError(f"not Alertmanager's webhook, version 4: {told}") from None
    stamp = received_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return [_notification(alert, stamp) for alert in webhook.alerts]


def _notification(alert: _Alert, received_at: str) -> Notification:
    labels: Mapping[str, str] = alert.labels
    annotations: Mapping[str, str] = alert.annotations
    ended = alert.endsAt if alert.status == "resolved" else None
    return Notification(
        received_at=received_at,
        status=alert.status,
        alertname=labels.get("alertname", ""),
        severity=labels.get("severity", ""),
        operation=labels.get("operation", ""),
        target=labels.get("target", ""),
        driver=labels.get("driver", ""),
        starts_at=alert.startsAt.isoformat(),
        ends_at=ended.isoformat() if ended else "",
        value=annotations.get("value", ""),
        summary=annotations.get("summary", ""),
        description=annotations.get("description", ""),
        runbook_url=annotations.get("runbook_url", ""),
        dashboard_url=annotations.get("dashboard_url", ""),
        fingerprint=alert.fingerprint,
    )
