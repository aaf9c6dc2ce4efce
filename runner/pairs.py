"""A and B measured in turn: each round asks an operation of both, attempt by attempt, and a coin decides whose turn is first.

What slows the machine for longer than an attempt falls on both alike and cancels in the round's `log(B / A)`, which is what
`alerts.judgement.gate.judge_pairs` judges. What slows single attempts does not cancel, and only ever slows them: so a round's
time is the mean of its faster half of attempts (Chen and Revels, Robust benchmarking in noisy environments, 2016, take the
fastest alone). With five busy programs on two cores it spread a fifth as much as the mean of all.

All attempts are made in the calling thread; no memory is sampled, for that is this process's, and the same for both.
"""

import functools
import math
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from exporters.connection import Connection
from runner.choice import Chosen, Key
from runner.effort import Effort, attempts
from runner.measured import Measured, Run
from runner.session import HOPELESS_FAILURES, Step, Watch
from runner.warming import costs
from steadyline import heap
from steadyline.attempt import Attempt, Clock
from steadyline.baseline import GATE_MOST_RUNS
from steadyline.operation import Operation
from steadyline.outcome import Outcome

A, B = "A", "B"
SIDES = (A, B)


def typical(seconds: Sequence[float]) -> float:
    """A round's time: the mean of the faster half of its attempts, the middle one with them."""
    return fmean(sorted(seconds)[: (len(seconds) + 1) // 2])


def typical_seconds(measured: Measured) -> list[float]:
    """One number a round."""
    return [typical(run.seconds) for run in measured.runs]


@dataclass(frozen=True, slots=True)
class Pair:
    """One operation on both sides.

    Attributes:
        a: what is held to.
        b: what is judged; its rounds are A's.
    """

    a: Measured
    b: Measured

    @property
    def rounds(self) -> int:
        """In which both succeeded."""
        return len(self.b.runs)

    @property
    def log_ratios(self) -> list[float]:
        """log(B / A) of each round: what is judged."""
        return self._log_ratios(typical)

    @property
    def log_ratios_of_means(self) -> list[float]:
        """The same of the means of all attempts: noisier, and it sees what slows few of them by much."""
        return self._log_ratios(fmean)

    def _log_ratios(self, of: Callable[[Sequence[float]], float]) -> list[float]:
        both = [(of(a.seconds), of(b.seconds)) for a, b in zip(self.a.runs, self.b.runs, strict=True)]
        return [math.log(b / a) for a, b in both if min(a, b) > 0]

    @property
    def operation(self) -> Operation:
        """Which."""
        return self.b.chosen.operation

    def side(self, name: str) -> Measured:
        """That of A or of B."""
        return self.a if name == A else self.b

    @property
    def is_hopeless(self) -> bool:
        """Whether a side has failed so often without a success that asking on is waiting for timeouts."""
        return any(not one.runs and one.failed >= HOPELESS_FAILURES for one in (self.a, self.b))


@dataclass(slots=True)
class PairSession:
    """One comparison of A with B.

    Attributes:
        connections: to the targets, by side and backend.
        operations: what is measured.
        effort: how much is asked; its seconds are of both sides together.
        dice: makes the order and throws the coins; seeded, so that it can be repeated.
        watch: told of each step.
        clock: seconds, monotonic.
        most_rounds: of an operation.
        pairs: what came of it.
        again: how many operations were measured again because they were not settled.
        bugs: operations whose error no backend knows, by side, with its kind.
        stopping: set it, and the comparison ends once both sides were asked as often.
    """

    connections: Mapping[tuple[str, str], Connection]
    operations: Iterable[Operation]
    effort: Effort
    dice: random.Random
    watch: Watch = lambda _step: None
    clock: Clock = time.perf_counter
    most_rounds: int = GATE_MOST_RUNS
    pairs: list[Pair] = field(default_factory=list)
    again: int = 0
    bugs: dict[Key, str] = field(default_factory=dict)
    stopping: bool = False
    _attempts: dict[tuple[str, str], Attempt] = field(default_factory=dict)
    _costs: dict[Key, float] = field(default_factory=dict)
    _counts: dict[Key, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Ask nothing yet."""
        self.pairs = [Pair(self._measured(one, A), self._measured(one, B)) for one in self.operations]
        self._attempts = {place: one.attempt(self.clock, self._noted(place[0])) for place, one in self.connections.items()}

    def _measured(self, operation: Operation, side: str) -> Measured:
        return Measured(Chosen(operation, side, self.connections[side, operation.backend].target))

    def run(self) -> None:
        """Warm up and make all rounds, or as many as there are until `stopping`."""
        self.warm_up()
        self.rounds(self.pairs, self.effort.rounds)

    def warm_up(self) -> None:
        """Ask each operation a few times on both sides, unrecorded; what that costs decides how often it is asked."""
        for number, pair in enumerate(self.pairs):
            self.watch(Step("warm-up", pair.operation.name, number, len(self.pairs), is_timed=False))
            for cost in costs(functools.partial(self._warm, pair), self.clock):
                self._costs[pair.b.chosen.key] = cost
                if self.stopping:
                    return
        heap.settle()
        self._counts = attempts(self._costs, self.effort)

    def _warm(self, pair: Pair) -> None:
        for side in self._coin():
            if not self.stopping:
                pair.side(side).note(self._attempt(pair, side))

    def rounds(self, among: Iterable[Pair], count: int, stage: str = "round {number} of {count}") -> None:
        """Make more rounds over some of the operations; what never succeeds on a side is given up."""
        some = list(among)
        total, done = count * sum(self._seconds(pair) for pair in some), 0.0
        for number in range(1, count + 1):
            order = [pair for pair in some if not pair.is_hopeless]
            self.dice.shuffle(order)
            for pair in order:
                if self.stopping:
                    return
                self.watch(Step(stage.format(number=number, count=count), pair.operation.name, done, total))
                self._turn(pair)
                done += self._seconds(pair)

    def settle(self, is_settled: Callable[[Pair], bool]) -> None:
        """Measure again what is not settled, round by round, until it is or a bound is reached."""
        deadline = self.clock() + self.effort.seconds_more
        again: set[str] = set()
        while not self.stopping and self.clock() < deadline:
            measured = [pair for pair in self.pairs if 0 < pair.rounds < self.most_rounds]
            unsettled = [pair for pair in measured if not is_settled(pair)]
            if not unsettled:
                break
            again |= {pair.operation.name for pair in unsettled}
            self.again = len(again)
            self.rounds(unsettled, 1, "again, for what is not settled")

    def _seconds(self, pair: Pair) -> float:
        key = pair.b.chosen.key
        return self._costs.get(key, 0.0) * self._counts.get(key, 0)

    def _coin(self) -> tuple[str, ...]:
        return SIDES if self.dice.random() < 0.5 else SIDES[::-1]  # noqa: PLR2004 - a fair coin

    def _turn(self, pair: Pair) -> None:
        """One operation's round: as many attempts on each side as its share allows."""
        seconds: dict[str, list[float]] = {A: [], B: []}
        for _ in range(self._counts[pair.b.chosen.key]):
            for side in self._coin():
                outcome = self._attempt(pair, side)
                pair.side(side).note(outcome)
                if outcome.ok:
                    seconds[side].append(outcome.duration_seconds)
            if self.stopping or (pair.is_hopeless and not all(seconds.values())):
                break
        if all(seconds.values()):  # a round counts where both sides have a time in it
            for side in SIDES:
                pair.side(side).runs.append(Run(tuple(seconds[side])))

    def _attempt(self, pair: Pair, side: str) -> Outcome:
        operation = pair.operation
        return self._attempts[side, operation.backend](operation)

    def _noted(self, side: str) -> Callable[[Operation, Exception], None]:
        """Nobody knows the error: it is counted as a failure, and told."""

        def note(operation: Operation, error: Exception) -> None:
            self.bugs.setdefault((operation.name, side), type(error).__name__)

        return note
