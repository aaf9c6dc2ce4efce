"""Whether a run ended in silence: its users waited, and the target answered nothing any more."""

from collections.abc import Iterable
from dataclasses import dataclass

from load.series import Series

SILENT_SECONDS = 5.0
"""A silence at the end of a run that is shorter may be chance."""
TIMES_THE_USUAL = 20.0
"""So much longer than answers usually are apart: operations that take long, asked by few, are answered seldom."""


@dataclass(slots=True)
class Stall:
    """Told each second of the steady phase what was counted so far."""

    _begun_at: float | None = None
    _answers: int = 0
    _at: float = 0.0
    _now: float = 0.0

    def take(self, now: float, series: Iterable[Series]) -> None:
        """Take a second of it."""
        answers = under_way = 0
        for one in series:
            answers += one.successes + one.failed
            under_way += one.under_way
        self._begun_at = now if self._begun_at is None else self._begun_at
        self._now = now
        if answers != self._answers or not under_way:
            self._answers, self._at = answers, now

    @property
    def seconds(self) -> float:
        """How long nothing has been answered while attempts were under way; 0 where that is nothing unusual."""
        if self._begun_at is None or not self._answers:
            return 0.0
        silent = self._now - self._at
        usual = (self._at - self._begun_at) / self._answers
        return silent if silent >= max(SILENT_SECONDS, TIMES_THE_USUAL * usual) else 0.0
