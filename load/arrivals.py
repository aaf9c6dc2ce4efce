"""The open model's schedule: when each start is due, and which worker's it is. Pure; nothing here knows of an answer.

Starts are numbered from 0 over all workers. Number k is due at the first moment after which the integral of the rate is over
k; so 500 per second for 10 s are exactly the numbers 0 to 4999, and none falls where the rate is 0.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from load.shapes import Shape


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When the starts of a run are due.

    Attributes:
        shape: moves the rate.
        rate_per_second: at the full load, above 0.
    """

    shape: Shape
    rate_per_second: float

    def start_of(self, number: int) -> float:
        """When it is due, seconds after the run's start; infinite for one that the run does not reach."""
        return self.shape.moment(number / self.rate_per_second)

    def due(self, elapsed: float) -> int:
        """How many are due at or before a moment: the numbers under this one, and no others.

        The integral alone may be off by one where it falls on a whole number; `start_of` decides.
        """
        if elapsed < 0:
            return 0
        number = math.floor(self.shape.integral(elapsed) * self.rate_per_second)
        while self.start_of(number) <= elapsed:
            number += 1
        while number > 0 and self.start_of(number - 1) > elapsed:
            number -= 1
        return number


@dataclass(frozen=True, slots=True)
class Share:
    """Which starts are one worker's: every `of`-th one from `first` on.

    Attributes:
        index: of the worker, 0 to `of` - 1.
        of: how many workers share the starts; 0 when this one has none from `first` on.
        first: the number from which this holds.
    """

    index: int
    of: int
    first: int = 0

    def owns(self, number: int) -> bool:
        """Whether the number is this worker's."""
        return number >= self.first and self.of > 0 and number % self.of == self.index

    def following(self, number: int) -> int | None:
        """The first of this worker's numbers from `number` on; None when it has none."""
        if self.of <= 0:
            return None
        begin = max(number, self.first)
        return begin + (self.index - begin) % self.of

    def count(self, begin: int, end: int) -> int:
        """How many of the numbers from `begin` up to before `end` are this worker's."""
        following = self.following(begin)
        return 0 if following is None or following >= end else (end - 1 - following) // self.of + 1


class Shares:
    """One worker's shares over a run: each holds from its first number until that of the next.

    When a worker comes or goes, all are told the same number, a little ahead of what is due: under it the old shares hold,
    from it on the new ones. So none is lost and none is begun twice.
    """

    def __init__(self, share: Share) -> None:
        """The share that a worker begins with; numbers under its first are others'."""
        self._shares = [share]

    @property
    def latest(self) -> Share:
        """The one that was adopted last."""
        return self._shares[-1]

    def adopt(self, share: Share) -> None:
        """From its first number on only this one holds, whatever was announced before."""
        self._shares = [one for one in self._shares if one.first < share.first] + [share]

    def owns(self, number: int) -> bool:
        """Whether the number is this worker's."""
        return any(share.owns(number) and number < end for share, end in self._spans())

    def following(self, number: int) -> int | None:
        """The first of this worker's numbers from `number` on; None when it has none."""
        for share, end in self._spans():
            following = share.following(number)
            if following is not None and following < end:
                return following
        return None

    def count(self, begin: int, end: int) -> int:
        """How many of the numbers from `begin` up to before `end` are this worker's."""
        return sum(share.count(begin, int(min(end, until))) for share, until in self._spans())

    def gained(self, share: Share, begin: int, end: int) -> int:
        """How many numbers from `begin` up to before `end` would be this worker's with another share, and are not now."""
        return sum(share.owns(number) and not self.owns(number) for number in range(max(begin, share.first), end))

    def _spans(self) -> Iterable[tuple[Share, float]]:
        ends = [share.first for share in self._shares[1:]]
        return zip(self._shares, [*ends, math.inf], strict=True)
