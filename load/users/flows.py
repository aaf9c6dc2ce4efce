"""What users of an API over HTTP do: single operations and flows of several, with how often each is done.

A flow has a name of its own, under which its whole duration is recorded beside that of each step.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from load.users.mix import Mix
from steadyline.operation import Operation

OTHER_WEIGHT = 1.0
"""Of operations that no table names: a user's own, and those that were asked for by name."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Several operations, one after the other, as one user does them.

    Attributes:
        name: `backend.name`; no operation's.
        steps: names of operations.
        weight: how often, beside other weights.
    """

    name: str
    steps: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Course:
    """What one iteration of a user does.

    Attributes:
        alias: of the target.
        steps: what is asked, in order.
        flow: the name under which the whole is recorded; "" for a single operation.
    """

    alias: str
    steps: tuple[Operation, ...]
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Courses:
    """Picks courses at random, by their weights."""

    courses: Sequence[Course]
    cumulated: Sequence[float]

    @property
    def writes(self) -> bool:
        """Whether any of them needs a place to write into."""
        return any(step.writes for course in self.courses for step in course.steps)

    def pick(self, dice: random.Random) -> Course:
        """The next one."""
        return dice.choices(self.courses, cum_weights=self.cumulated)[0]


def courses(mix: Mix, weights: Mapping[str, float], flows: Iterable[Flow]) -> Courses:
    """The courses that a mix of operations allows: flows whose steps are all in it, and single operations.

    An operation of weight 0 is done in flows only; where no flow with it is left, it stands for itself.

    Args:
        mix: the operations that may run, on their targets.
        weights: of single operations by name.
        flows: those that there are.
    """
    found: list[tuple[Course, float]] = []
    for alias in dict.fromkeys(share.alias for share in mix.shares):
        there = {share.operation.name: share.operation for share in mix.shares if share.alias == alias}
        whole = [flow for flow in flows if all(step in there for step in flow.steps)]
        covered = {step for flow in whole for step in flow.steps}
        found += [(Course(alias, tuple(there[step] for step in flow.steps), flow.name), flow.weight) for flow in whole]
        for name, operation in there.items():
            weight = weights.get(name, OTHER_WEIGHT)
            if weight or name not in covered:
                found.append((Course(alias, (operation,)), weight or OTHER_WEIGHT))
    return Courses(tuple(course for course, _ in found), tuple(accumulate(weight for _, weight in found)))
