"""How numbers, baselines, alerts and notifications are written in a terminal: shared by `watch` and `status`."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from rich.console import Group
from rich.text import Text

from alerts.firing import Firing
from alerts.receiver.notification import Notification
from alerts.receiver.shown import duration, subject, told
from alerts.view import Held, Row
from steadyline.severity import Severity, Verdict

STYLES: dict[str, str] = {
    Severity.CRITICAL: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
    Verdict.CRITICAL: "bold red",
    Verdict.WARNING: "yellow",
    Verdict.SUSPECT: "magenta",
    Verdict.INFO: "cyan",
    Verdict.NO_DATA: "magenta",
    Verdict.INCONCLUSIVE: "dim",
    Verdict.IMPROVED: "blue",
    Verdict.OK: "green",
}
NOTHING = "-"


def seconds(value: float | None) -> str:
    """A measured time at three digits: `81 ms`, `1.62 s`."""
    if value is None:
        return NOTHING
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def factor(value: float | None) -> str:
    """A ratio at two decimals."""
    return NOTHING if value is None else f"{value:.2f}"


def baseline(row: Row) -> str:
    """The number, its tolerance and where it comes from; the budget where there is none."""
    if row.held is Held.BUDGET or row.baseline_seconds is None:
        return f"budget {seconds(row.budget_seconds)}"
    return f"{seconds(row.baseline_seconds)} ±{row.tolerance or 0:.0%} {row.held}"


def state(row: Row) -> Text:
    """The severity of the alert that fires, else the verdict; and what hides a slowdown."""
    word = row.severity.upper() if row.severity else row.verdict or "no baseline"
    text = Text(word, STYLES.get(row.severity or row.verdict or "", "dim"))
    if row.failing_streak:
        text.append(f" {row.failing_streak} failed in a row", "red")
    if row.blind and row.visible_factor:
        text.append(f" blind below {row.visible_factor:.1f}x", "dim")
    return text


def _clock(moment: str, zone: tzinfo | None) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%H:%M:%S") if moment else "?"


def alerts(found: Iterable[Firing], now: datetime, zone: tzinfo | None = None) -> Group:
    """One line an alert: severity, what it is about, since when, its summary."""
    lines = [_alert(one, now, zone) for one in found]
    return Group(Text("Alerts", "bold"), *(lines or [Text("  none fires", "dim")]))


def _alert(one: Firing, now: datetime, zone: tzinfo | None) -> Text:
    text = Text("  ", no_wrap=True, overflow="ellipsis")
    text.append(f"{(one.severity or 'alert').upper():<8} ", "dim" if one.pending else STYLES.get(one.severity, ""))
    about = f"{one.operation} on {one.target}" if one.operation else one.alertname
    lasting = f" for {duration((now - datetime.fromisoformat(one.since)).total_seconds())}" if one.since else ""
    stage = "about to fire" if one.pending else "firing"
    text.append(f"{about}  {stage} since {_clock(one.since, zone)}{lasting}")
    if one.summary:
        text.append(f"  {one.summary}", "dim")
    return text


def notifications(found: Iterable[Notification], zone: tzinfo | None = None) -> Group:
    """One line a notification, newest first."""
    lines = [_notification(one, zone) for one in found]
    return Group(Text("Last notifications", "bold"), *(lines or [Text("  none yet", "dim")]))


def _notification(one: Notification, zone: tzinfo | None) -> Text:
    style = "green" if one.status == "resolved" else STYLES.get(one.severity, "")
    text = Text(f"  {_clock(one.received_at, zone)} ", no_wrap=True, overflow="ellipsis")
    text.append(f"{(one.severity or 'alert').upper():<8} {one.status:<8} ", style)
    lasted = one.lasted_seconds
    text.append(told(one) if lasted is None else f"{subject(one)} after {duration(lasted)}")
    return text
