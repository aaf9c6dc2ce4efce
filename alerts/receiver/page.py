"""The receiver's page for people: the notifications as a table that refreshes itself."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

from alerts.receiver.heartbeat import Heartbeat
from alerts.receiver.notification import Notification
from alerts.receiver.shown import told
from steadyline.severity import Severity

REFRESH_SECONDS = 5
_TEMPLATE = Path(__file__).with_name("page.html")


def page(notifications: Iterable[Notification], heartbeat: Heartbeat) -> str:
    """The page; everything told is escaped."""
    rows = "\n".join(_row(found) for found in notifications) or '<tr><td colspan="5">None yet.</td></tr>'
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    tone = Severity.CRITICAL if heartbeat.is_missed else ""
    return template.substitute(refresh_seconds=REFRESH_SECONDS, tone=tone, state=escape(heartbeat.state), rows=rows)


def _row(found: Notification) -> str:
    marked = found.severity if found.severity in list(Severity) else ""
    links = " ".join(_link(url, name) for url, name in ((found.runbook_url, "runbook"), (found.dashboard_url, "board")))
    detail = f"<br><small>{escape(found.description)}</small>" if found.description else ""
    return (
        f"<tr><td>{escape(found.received_at[:19].replace('T', ' '))} UTC</td>"
        f'<td class="{marked}">{escape(found.severity)}</td><td>{escape(found.status)}</td>'
        f"<td>{escape(told(found))}{detail}</td><td>{links}</td></tr>"
    )


def _link(url: str, name: str) -> str:
    """A link, only where it leads to a page: `javascript:` does not."""
    if not url.startswith(("http://", "https://")):
        return escape(url)
    return f'<a href="{escape(url)}" rel="noreferrer">{name}</a>'
