"""A notification as a person reads it: one line in the terminal."""

from datetime import datetime, tzinfo

from alerts.receiver.notification import Notification
from steadyline.severity import Severity

_COLOURS: dict[str, str] = {Severity.CRITICAL: "1;31", Severity.WARNING: "33", Severity.INFO: "36"}
_RESOLVED_COLOUR = "32"


def duration(seconds: float) -> str:
    """A span in the two units that matter: `12 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def about(text: str, operation: str, target: str, alertname: str) -> str:
    """Subject and text, without saying the subject twice where the text begins with it."""
    name = operation or alertname or "alert"
    subject = f"{name} on {target}" if target else name
    if not text:
        return subject
    return text if text.startswith(subject) else f"{subject}: {text}"


def told(notification: Notification) -> str:
    """What it is about and the figure; of a resolved one how long it lasted, since its last figure is no longer so."""
    lasted = notification.lasted_seconds
    text = notification.value or notification.summary or notification.description
    if lasted is not None:
        text = f"{notification.alertname or 'alert'} over after {duration(lasted)}"
    return about(text, notification.operation, notification.target, notification.alertname)


def line(notification: Notification, *, colour: bool, zone: tzinfo | None = None) -> str:
    """One line for the terminal, severity first.

    Args:
        notification: whose text is harmless already.
        colour: whether to use ANSI colours.
        zone: of the time shown; the machine's own where None.
    """
    at = datetime.fromisoformat(notification.received_at).astimezone(zone).strftime("%H:%M:%S")
    badge = f"{(notification.severity or 'alert').upper():<8} {notification.status:<8}"
    if colour:
        code = _RESOLVED_COLOUR if notification.status == "resolved" else _COLOURS.get(notification.severity, "0")
        badge = f"\x1b[{code}m{badge}\x1b[0m"
    runbook = f"  runbook {notification.runbook_url}" if notification.runbook_url and not notification.ends_at else ""
    return f"{at} {badge} {told(notification)}{runbook}"
