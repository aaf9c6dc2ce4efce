"""How numbers, baselines, alerts and notifications are written in a terminal: shared by `watch` and `status`."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from rich.console import Group
from rich.text import Text

from alerts.receiver.notification import Notification
from alerts.receiver.shown import about, duration, told
from alerts.view.firing import Firing
from alerts.view.rows import Held, Row
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
MOST_ALERTS = 10
"""Alerts told one by one."""


def seconds(value: float | None) -> str:
    """A measured time at three digits: `81 ms`, `1.62 s`."""
    if value is None:
        return NOTHING
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def factor(value: float | None) -> str:
    """A ratio at two decimals."""
    return NOTHING if value is None else f"{value:.2f}"


def toleranced(baseline: float | None, tolerance: float | None) -> str:
    """A baseline's seconds and how far from them is still right; nothing without a baseline."""
    return f"{seconds(baseline)} ±{tolerance or 0:.0%}" if baseline else NOTHING


def baseline(row: Row) -> str:
    """The number, its tolerance and where it comes from; the budget where there is none."""
    if row.held is Held.BUDGET or row.baseline_seconds is None:
        return f"budget {seconds(row.budget_seconds)}"
    return f"{toleranced(row.baseline_seconds, row.tolerance)} {row.held}"


def state(row: Row) -> Text:
    """The severity of the alert that fires, else the verdict; and how long it has failed."""
    word = row.severity.upper() if row.severity else row.verdict or "no baseline"
    text = Text(word, STYLES.get(row.severity or row.verdict or "", "dim"))
    return text.append(f" {row.failing_streak} failed in a row", "red") if row.failing_streak else text


def multiple(value: float) -> str:
    """A factor with its sign: `4.3x`."""
    return f"{value:.3g}x"


def blind(row: Row) -> str:
    """Below which slowdown the baseline shows nothing, where that is far."""
    return multiple(row.visible_factor) if row.blind and row.visible_factor else ""


def _clock(moment: str, zone: tzinfo | None) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%H:%M:%S") if moment else "?"


def alerts(found: Sequence[Firing], now: datetime, zone: tzinfo | None = None) -> Group:
    """One line an alert that fires: severity, what it is about, since when; those about to fire on one line together."""
    firing = [one for one in found if not one.pending]
    lines = [_alert(one, now, zone) for one in firing[:MOST_ALERTS]]
    if len(firing) > MOST_ALERTS:
        lines.append(Text(f"  and {len(firing) - MOST_ALERTS} more", "bold"))
    pending = list(dict.fromkeys(one.operation or one.alertname for one in found if one.pending))
    if pending:
        lines.append(_cut(Text(f"  {len(pending)} about to fire: {', '.join(pending)}", "dim")))
    return Group(Text("Alerts", "bold"), *(lines or [Text("  none fires", "dim")]))


def height(found: Sequence[Firing]) -> int:
    """How many lines `alerts` takes at most, without its heading."""
    return min(len(found), MOST_ALERTS + 2) or 1


def _cut(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _alert(one: Firing, now: datetime, zone: tzinfo | None) -> Text:
    text = Text("  ").append(f"{(one.severity or 'alert').upper():<8} ", STYLES.get(one.severity, ""))
    lasting = f" for {duration((now - datetime.fromisoformat(one.since)).total_seconds())}" if one.since else ""
    text.append(f"since {_clock(one.since, zone)}{lasting}  ")
    return _cut(text.append(about(one.summary, one.operation, one.target, one.alertname)))


def notifications(found: Iterable[Notification], zone: tzinfo | None = None) -> Group:
    """One line a notification, newest first."""
    lines = [_notification(one, zone) for one in found]
    return Group(Text("Last notifications", "bold"), *(lines or [Text("  none yet", "dim")]))


def _notification(one: Notification, zone: tzinfo | None) -> Text:
    style = "green" if one.status == "resolved" else STYLES.get(one.severity, "")
    text = Text(f"  {_clock(one.received_at, zone)} ")
    text.append(f"{(one.severity or 'alert').upper():<8} {one.status:<8} ", style)
    return _cut(text.append(told(one)))
