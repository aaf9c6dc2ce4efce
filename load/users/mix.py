"""Which operations of a backend its users ask of which targets, and how often each, decided from the operations' own facts.

Users read much more than they write, and seldom do what is dear. What a probe is asked for often, a user does often, so the
shares go by the probes' cadence; what only reads is asked READS times as often as what changes something; and what is itself
many at a time gets the smaller a share, the more connections it holds. No list of names stands beside the catalogue.
"""

import difflib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate

from exporters.plan import is_scheduled
from steadyline.errors import ConfigurationError
from steadyline.operation import DEAR_SECONDS, Operation
from steadyline.target import Target

READS = 4.0
"""Reads for each change; with the catalogue's cadences some four fifths of all that is asked."""
HEAVY_SECONDS = 10 * DEAR_SECONDS
"""The cadence that stands for operations too heavy to be probed; they are asked only where they are named."""


@dataclass(frozen=True, slots=True)
class Share:
    """One operation on one target, and how often it is asked beside the others."""

    operation: Operation
    alias: str
    weight: float


@dataclass(frozen=True, slots=True)
class Mix:
    """What a backend's users ask.

    Attributes:
        shares: in the catalogue's order.
        left_out: why operations are not among them, one sentence for each target and reason.
    """

    shares: tuple[Share, ...]
    left_out: tuple[str, ...]

    def picker(self, dice: random.Random) -> "Picker":
        """Answers one share after the other, at random by their weights."""
        return Picker(self.shares, tuple(accumulate(share.weight for share in self.shares)), dice)


@dataclass(frozen=True, slots=True)
class Picker:
    """Picks shares by cumulated weights."""

    shares: Sequence[Share]
    cumulated: Sequence[float]
    dice: random.Random

    def __call__(self) -> Share:
        """The next one."""
        return self.dice.choices(self.shares, cum_weights=self.cumulated)[0]


def weight_of(operation: Operation) -> float:
    """How often an operation is asked beside others."""
    cadence = operation.probe_every_seconds or HEAVY_SECONDS
    changes = operation.cleanup is not None
    return (1.0 if changes else READS) / cadence / operation.concurrency


def mix(backend: str, operations: Mapping[str, Operation], targets: Mapping[str, Target], globs: Sequence[str] = ()) -> Mix:
    """The probed operations of a backend, or those of any suite that fit the globs, on each of its targets.

    Args:
        backend: of the users.
        operations: all of the backend's, by name.
        targets: its targets by alias, each capped at what this process may open.
        globs: names or globs; without any what is probed.

    Raises:
        ConfigurationError: nothing fits, or nothing that fits may run; the text says what there is.
    """
    wanted = _wanted(backend, operations, globs)
    shares: list[Share] = []
    left_out: list[str] = []
    for alias, target in targets.items():
        fitting = [one for one in wanted if not (one.writes and not target.allow_writes)]
        running = [one for one in fitting if one.concurrency <= target.concurrency]
        shares += [Share(one, alias, weight_of(one)) for one in running]
        left_out += _left_out(backend, alias, target, len(wanted) - len(fitting), len(fitting) - len(running))
    if not shares:
        raise ConfigurationError(left_out)
    return Mix(tuple(shares), tuple(left_out))


def _wanted(backend: str, operations: Mapping[str, Operation], globs: Sequence[str]) -> list[Operation]:
    if not globs:
        return [one for one in operations.values() if is_scheduled(one)]
    found = [one for one in operations.values() if any(fnmatchcase(one.name, glob) for glob in globs)]
    if not found:
        near = difflib.get_close_matches(globs[0].replace("*", ""), operations, 3, 0.4) or list(operations)[:3]
        raise ConfigurationError(
            f"--operation {' '.join(globs)}: no operation of {backend} fits, and its users ask no others; "
            f"there are {', '.join(near)} … (steadyline operations lists all)"
        )
    return found


def _left_out(backend: str, alias: str, target: Target, writing: int, larger: int) -> Iterable[str]:
    if writing:
        yield (
            f"{backend} target {alias} is read-only; operations left out because they write: {writing} "
            "(allow_writes lets them run)"
        )
    if larger:
        yield (
            f"{backend} target {alias}: operations left out because they hold more connections than the {target.concurrency} "
            f"of one worker: {larger} (raise its concurrency)"
        )
