"""The alerts on remote write: the storage for the long term falls behind, or refuses samples for good."""

from typing import Any

from alerts.rules.alerting import alert
from alerts.rules.texts import annotations
from steadyline.boards import Board
from steadyline.promql import duration
from steadyline.remote_storage import SAMPLES_FAILED, SENT_UNTIL, TAKEN_UNTIL
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import AlertName

Document = dict[str, Any]

BEHIND_SECONDS = 120.0
"""As the mixin of Prometheus has it: a queue that is well sends within seconds."""
REFUSED_WINDOW_SECONDS = 300.0
_EACH = "instance, remote_name"


def remote_write_alerts(settings: Settings) -> list[Document]:
    """Both of them; without remote write there are no series, and they never fire."""
    return [_behind(settings), _refused(settings)]


def _behind(settings: Settings) -> Document:
    """Over two minutes' maximum: a moment without a sample to send is no delay."""
    newest, sent = (f"max_over_time({metric.name}[{duration(BEHIND_SECONDS)}])" for metric in (TAKEN_UNTIL, SENT_UNTIL))
    behind = f"max by (instance) ({newest}) - on (instance) group_right () max by ({_EACH}) ({sent})"
    return alert(
        AlertName.REMOTE_WRITE_BEHIND,
        Severity.WARNING,
        f"{behind} > {BEHIND_SECONDS:g}",
        annotations(
            AlertName.REMOTE_WRITE_BEHIND,
            settings,
            "{{ $labels.remote_name }} lacks the newest samples",
            "What Prometheus has sent there is {{ $value | humanizeDuration }} older than what it holds. Nothing is lost yet: "
            "it sends again as long as its write-ahead log reaches back, about two hours.",
            board=Board.STACK,
        ),
    )


def _refused(settings: Settings) -> Document:
    increase = f"increase({SAMPLES_FAILED.name}[{duration(REFUSED_WINDOW_SECONDS)}])"
    return alert(
        AlertName.REMOTE_WRITE_REFUSED,
        Severity.CRITICAL,
        f"sum by ({_EACH}) ({increase}) > 0",
        annotations(
            AlertName.REMOTE_WRITE_REFUSED,
            settings,
            "{{ $labels.remote_name }} refuses samples",
            f'{{{{ $value | printf "%.0f" }}}} samples in {duration(REFUSED_WINDOW_SECONDS)} were refused for good: they are '
            "not sent again, and will be missing there.",
            board=Board.STACK,
        ),
    )
