"""What a stack's receiver was told: waiting for an alert to fire or to resolve, and that nothing else was told."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import tenacity

from alerts.receiver import journal
from alerts.receiver.notification import Notification
from steadyline.settings import Settings
from steadyline.vocabulary import AlertName

PATIENCE_SECONDS = 240.0
"""For what a fault ends in: `for`, the group's wait, `keep_firing_for` and the scrapes between."""
LOOK_SECONDS = 0.25
OF_SPEED = frozenset({AlertName.REGRESSION, AlertName.BUDGET, AlertName.BASELINES_STALE})
"""A machine that does other things makes operations slow for real, and a quick one outruns its baselines: both are no lie."""


def until(what: str, there: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it is so.

    Raises:
        AssertionError: it was not within that time; with what was waited for.
    """
    waiting = tenacity.Retrying(
        stop=tenacity.stop_after_delay(seconds),
        wait=tenacity.wait_fixed(LOOK_SECONDS),
        retry=tenacity.retry_if_result(lambda found: not found),
    )
    try:
        waiting(there)
    except tenacity.RetryError:
        raise AssertionError(f"not within {seconds:g} s: {what}") from None


@dataclass(frozen=True, slots=True)
class Told:
    """The notifications since a moment.

    Attributes:
        settings: of the stack.
        since: Unix time; by default now.
    """

    settings: Settings
    since: float = field(default_factory=time.time)

    def all(self, status: str | None = None, **wanted: str) -> list[Notification]:
        """Those that have these facts, oldest first: status, alertname, severity, operation, target, driver."""
        wanted |= {"status": status} if status else {}
        return [
            one
            for one in journal.kept(self.settings.state.notifications)
            if datetime.fromisoformat(one.received_at).timestamp() >= self.since
            and all(getattr(one, name) == value for name, value in wanted.items())
        ]

    def of_health(self) -> list[tuple[str, str, str]]:
        """Status, alert and operation of all that began since and were told, but of what is slow."""
        return [(one.status, one.alertname, one.operation) for one in self.all() if self._is_of_health(one)]

    def _is_of_health(self, one: Notification) -> bool:
        return one.alertname not in OF_SPEED and datetime.fromisoformat(one.starts_at).timestamp() >= self.since

    def wait(self, status: str, seconds: float = PATIENCE_SECONDS, **wanted: str) -> Notification:
        """The first one that has these facts.

        Raises:
            AssertionError: none came; with all that did.
        """
        try:
            until(f"{status} {wanted}", lambda: self.all(status, **wanted), seconds)
        except AssertionError as error:
            came = [(one.status, one.alertname, one.severity, one.operation) for one in self.all()]
            raise AssertionError(f"{error}; told was {came}") from None
        return self.all(status, **wanted)[0]
