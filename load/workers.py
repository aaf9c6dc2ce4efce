"""What the master knows of each worker: its last report, its health, whether it is there, and which reports never came."""

from dataclasses import dataclass, field
from typing import Any

from load.saturation import Health, Saturation

TOGETHER_SECONDS = 5.0
"""Within so long of the run's end a worker that ended in order ended with it: Ctrl-C reaches master and workers at once."""
_AT_REST = Health(0.0, 0.0, 0, 0)


@dataclass(slots=True)
class Worker:
    """One worker of the run under way.

    Attributes:
        label: its index, as the label `worker` has it.
        health: as it last said.
        here: whether it still reports.
        ended: whether it sent its final report.
        saturated: whether it is the bottleneck now.
        dropped: starts of the open model that had no free user.
        intended: starts of the open model that were due in its share, dropped or not.
        overflow: requests under names beyond the cap.
        lost_reports: that never came.
        left_at: when it went away, Unix time.
    """

    label: str
    health: Health = _AT_REST
    here: bool = True
    ended: bool = False
    saturated: bool = False
    dropped: int = 0
    intended: int = 0
    overflow: int = 0
    lost_reports: int = 0
    left_at: float | None = None
    _number: int = 0
    _saturation: Saturation = field(default_factory=Saturation)

    def take(self, report: dict[str, Any]) -> None:
        """Take what a report says beside its series."""
        self.here = True
        self.lost_reports += max(0, report["number"] - self._number - 1)
        self._number = report["number"]
        self.health = Health(*report["health"])
        self.saturated = self._saturation.is_saturated(self.health)
        self.dropped, self.intended, self.overflow = report["dropped"], report["intended"], report["overflow"]
        self.ended = self.ended or report["final"]

    def leave(self, now: float) -> None:
        """It went away: killed, cut off, or ended."""
        self.here = False
        self.left_at = now
        self.saturated = False
        self.health = _AT_REST

    def recover(self) -> None:
        """The load has become steady: what getting there cost, as spawning users, says nothing of it."""
        self.saturated, self._saturation = False, Saturation()

    def close(self, end: float, *, saturated: bool) -> None:
        """The run is over: its gauges say what came of it; one that ended in order with the run was not lost.

        Args:
            end: of the run, Unix time.
            saturated: whether it ever was in the steady phase.
        """
        self.here = not self.is_lost(end)
        self.saturated = saturated
        self.health = Health(0.0, 0.0, 0, self.health.rss)

    def is_lost(self, end: float) -> bool:
        """Whether its load was missing before the run's end; in an end that reaches all at once some are a moment earlier."""
        return self.left_at is not None and not self.here and (not self.ended or end - self.left_at > TOGETHER_SECONDS)

    def shown(self) -> dict[str, float]:
        """Its gauges."""
        health = self.health
        return {
            "cpu": health.cpu,
            "lag": health.lag,
            "users": health.users,
            "rss": health.rss,
            "up": int(self.here),
            "saturated": int(self.saturated),
        }
