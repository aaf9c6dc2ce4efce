"""How much is asked of each operation in a round: pure arithmetic over what one attempt costs."""

from collections.abc import Mapping
from dataclasses import dataclass

from runner.choice import Key
from steadyline.baseline import GATE_RUNS

MOST_ATTEMPTS = 200
"""In one round; what is cheaper than that gains nothing from more."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a run may take.

    Attributes:
        rounds: each operation's number of runs.
        seconds_each: of one operation in one round, prepare, verify and cleanup included; one attempt at least.
        seconds_in_all: of all rounds together, where that is bounded.
        seconds_more: of further rounds for what is not settled by then.
    """

    rounds: int = GATE_RUNS
    seconds_each: float = 0.25
    seconds_in_all: float | None = None
    seconds_more: float = 60.0


THOROUGH = Effort()
FAST = Effort(seconds_in_all=25.0, seconds_more=5.0)
"""With starting, warming up and cleaning up it stays under the minute that `--fast` promises."""


def share(costs: Mapping[Key, float], effort: Effort) -> float:
    """Seconds that each operation may take in a round: as many as asked, or as the whole has room for.

    What costs more than its share is asked once all the same, and the others divide what is left.

    Args:
        costs: seconds of one whole attempt by operation.
        effort: the bounds.
    """
    if effort.seconds_in_all is None:
        return effort.seconds_each
    left, among = effort.seconds_in_all / effort.rounds, len(costs)
    for cost in sorted(costs.values(), reverse=True):
        if left > 0 and cost <= left / among:
            break
        left, among = left - cost, among - 1
    return max(0.0, min(effort.seconds_each, left / among if among else 0.0))


def attempts(costs: Mapping[Key, float], effort: Effort) -> dict[Key, int]:
    """How often each operation is asked in a round; at least once."""
    each = share(costs, effort)
    return {key: _as_many(each, cost) for key, cost in costs.items()}


def _as_many(seconds: float, cost: float) -> int:
    """How often it fits; a hair's breadth short of a whole number is rounding."""
    return max(1, min(MOST_ATTEMPTS, int(seconds / cost + 1e-9))) if cost > 0 else MOST_ATTEMPTS
