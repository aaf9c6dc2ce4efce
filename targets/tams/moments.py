"""Times of day: naive UTC in rows, with a Z on the wire."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present in UTC, as rows keep it: without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def moment_text(moment: datetime) -> str:
    """A row's time as the API says it."""
    return moment.isoformat(timespec="microseconds") + "Z"
