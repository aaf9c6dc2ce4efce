"""The alerts on what Prometheus stores: nothing now, or nothing that outlives its next restart."""

from alerts.rules.alerting import alert
from alerts.rules.grouping import Document
from alerts.rules.texts import annotations
from alerts.rules.unseen import not_stored
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.promql import Selection, duration
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.upstream import LOG_WRITES_FAILED, PROMETHEUS_JOB, UP
from steadyline.vocabulary import AlertName


def storing_alerts(settings: Settings) -> list[Document]:
    """Both of them."""
    return [_not_stored(settings), _log_torn(settings)]


def _not_stored(settings: Settings) -> Document:
    """`for` and notifications need no disk, so that this one is told all the same."""
    return alert(
        AlertName.NOT_STORED,
        Severity.CRITICAL,
        not_stored(UP.name),
        annotations(
            AlertName.NOT_STORED,
            settings,
            "Prometheus stores no samples",
            f"No scrape has been kept for {duration(LIVE.not_stored_seconds)}, though Prometheus runs: its disk is full, or "
            "cannot be written. Nothing is judged until it can; the exporter counts on, and no attempt is lost.",
            board=Board.STACK,
        ),
    )


def _log_torn(settings: Settings) -> Document:
    """What failed stays in the write-ahead log as half a record; a start cuts the log off there, and begins a whole one.

    The counter begins anew with the process. It is seen once scrapes are stored again.
    """
    own = Selection(("job", "=", PROMETHEUS_JOB))
    return alert(
        AlertName.LOG_TORN,
        Severity.WARNING,
        f"sum({own.of(LOG_WRITES_FAILED)}) > 0",
        annotations(
            AlertName.LOG_TORN,
            settings,
            "Prometheus' write-ahead log is torn: restart it now",
            "Since it was started, {{ $value }} of its writes have failed, as on a full disk. A restart drops what it stored "
            "from the first of them on, but for finished blocks: the longer it runs on, the more. So restart it once there is "
            "room.",
            board=Board.STACK,
        ),
    )
