"""A run of the suite: warm up, then rounds in which every operation has its turn, in a new random order each time.

Interleaved rounds let a slow minute of the machine fall on all operations instead of one, and the passes of a round a slow
moment; a round of one operation is the run that is judged. All attempts are made in the calling thread.
"""

import functools
import random
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from exporters.connection import Connection
from runner.choice import Chosen, Key
from runner.effort import Effort, attempts
from runner.measured import Measured, Run
from runner.memory import NOTHING_TAKEN, Ledger, Memory
from runner.warming import costs
from steadyline import heap
from steadyline.attempt import Attempt, Clock
from steadyline.baseline import GATE_MOST_RUNS
from steadyline.operation import Operation
from steadyline.outcome import Outcome
from steadyline.recorder import Recorder

PASSES = 4
"""Of a round: an operation's attempts in it are parted among so many turns, each at another moment."""
HOPELESS_FAILURES = 3
"""An operation that has failed so often and never succeeded is not asked again: each attempt may be a timeout."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is under way.

    Attributes:
        stage: `warm-up`, `round 2 of 5`.
        operation: whose turn it is.
        done: of the stage's work.
        total: all of it.
        is_timed: whether these are seconds, as far as can be estimated; else operations.
    """

    stage: str
    operation: str
    done: float
    total: float
    is_timed: bool = True


Watch = Callable[[Step], None]


@dataclass(slots=True)
class _Share:
    """What one operation came to in a round until now."""

    seconds: list[float] = field(default_factory=list)
    memory: Memory = NOTHING_TAKEN


@dataclass(slots=True)
class Session:
    """One run.

    Attributes:
        connections: to the targets, by backend and alias.
        chosen: what is measured.
        recorder: told of every outcome of the rounds; each operation is declared to it.
        effort: how much is asked.
        dice: makes the order; seeded, so that it can be repeated.
        ledger: tells what memory each takes.
        watch: told of each step.
        clock: seconds, monotonic.
        measured: what came of it, by operation and target.
        bugs: operations whose error no backend knows, with its kind.
        stopping: set it, and the run ends after the attempt under way.
    """

    connections: Mapping[tuple[str, str], Connection]
    chosen: tuple[Chosen, ...]
    recorder: Recorder
    effort: Effort
    dice: random.Random
    ledger: Ledger
    watch: Watch = lambda _step: None
    clock: Clock = time.perf_counter
    measured: dict[Key, Measured] = field(default_factory=dict)
    bugs: dict[Key, str] = field(default_factory=dict)
    stopping: bool = False
    _attempts: dict[tuple[str, str], Attempt] = field(default_factory=dict)
    _costs: dict[Key, float] = field(default_factory=dict)
    _counts: dict[Key, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Ask nothing yet."""
        self.measured = {one.key: Measured(one) for one in self.chosen}
        self._attempts = {place: connection.attempt(self.clock, self._bug) for place, connection in self.connections.items()}

    def run(self) -> None:
        """Warm up and make all rounds, or as many as there are until `stopping`."""
        self.warm_up()
        self.rounds(self.chosen, self.effort.rounds)

    def warm_up(self) -> None:
        """Ask each operation a few times, unrecorded; failures count, for a first failure is one too, and so does memory."""
        for number, one in enumerate(self.chosen):
            self.watch(Step("warm-up", one.operation.name, number, len(self.chosen), is_timed=False))
            self.ledger.begin()
            for cost in costs(functools.partial(self._warm, one), self.clock):
                self._costs[one.key] = cost
                if self.stopping:
                    return
            self.measured[one.key].warm_up = Run((), self.ledger.end(one.key))
        heap.settle()
        self._counts = attempts(self._costs, self.effort)

    def _warm(self, one: Chosen) -> None:
        if not self.stopping:
            self.measured[one.key].note(self._attempt(one))

    def rounds(self, among: Iterable[Chosen], count: int, stage: str = "round {number} of {count}") -> None:
        """Make more rounds over some of the operations; those that never succeed are given up."""
        some = list(among)
        total = count * sum(self._costs[one.key] * self._counts[one.key] for one in some if one.key in self._counts)
        done = 0.0
        self.ledger.begin()
        for number in range(1, count + 1):
            shares = {one.key: _Share() for one in some}
            for one, times in self._turns(some):
                if self.stopping:
                    break
                self.watch(Step(stage.format(number=number, count=count), one.operation.name, done, total))
                self._turn(one, times, shares[one.key])
                done += self._costs[one.key] * times
            self._keep(shares)

    def _turns(self, among: Iterable[Chosen]) -> Iterator[tuple[Chosen, int]]:
        """Whose turn it is and for how many attempts, all through a round; in each pass in a new random order."""
        order = list(among)
        first = {one.key: self.dice.randrange(PASSES) for one in order}
        for number in range(PASSES):
            self.dice.shuffle(order)
            for one in order:
                in_all, at = self._counts.get(one.key, 0), number + first[one.key]
                times = in_all * (at + 1) // PASSES - in_all * at // PASSES
                if times and not self._is_hopeless(one):
                    yield one, times

    def settle(self, is_settled: Callable[[Measured], bool]) -> None:
        """Measure again what is not settled, round by round, until it is or a bound is reached."""
        deadline = self.clock() + self.effort.seconds_more
        while not self.stopping and self.clock() < deadline:
            measured = [one for one in self.measured.values() if one.runs and len(one.runs) < GATE_MOST_RUNS]
            unsettled = [one.chosen for one in measured if not is_settled(one)]
            if not unsettled:
                return
            self.rounds(unsettled, 1, "again, for what is not settled")

    def allocations(self) -> None:
        """One more attempt each, with Python's allocations traced, which makes it slow; it is no sample."""
        for number, one in enumerate(self.chosen):
            if self.stopping:
                return
            self.watch(Step("allocations", one.operation.name, number, len(self.chosen), is_timed=False))
            if self._is_hopeless(one):
                continue
            tracemalloc.start()
            try:
                before, _ = tracemalloc.get_traced_memory()
                outcome = self._attempt(one)
                _, highest = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            if outcome.ok:
                self.measured[one.key].allocated_bytes = highest - before

    def _is_hopeless(self, one: Chosen) -> bool:
        measured = self.measured[one.key]
        return not measured.runs and measured.failed >= HOPELESS_FAILURES

    def _turn(self, one: Chosen, times: int, share: _Share) -> None:
        """Some attempts of one operation."""
        measured, name, alias = self.measured[one.key], one.operation.name, one.alias
        attempt, operation, record = self._attempts[one.operation.backend, alias], one.operation, self.recorder.record
        for _ in range(times):
            outcome = attempt(operation)
            record(name, alias, outcome)
            if outcome.reason is None:
                share.seconds.append(outcome.duration_seconds)
            else:
                measured.note(outcome)
                if self._is_hopeless(one):
                    break
            if self.stopping:
                break
        share.memory = share.memory.most(self.ledger.end(one.key))

    def _keep(self, shares: Mapping[Key, _Share]) -> None:
        """A round's end: what each operation came to in it is its run."""
        for key, share in shares.items():
            if share.seconds:
                measured = self.measured[key]
                measured.slowest_seconds = max(measured.slowest_seconds, *share.seconds)
                measured.runs.append(Run(tuple(share.seconds), share.memory))

    def _attempt(self, one: Chosen) -> Outcome:
        return self._attempts[one.operation.backend, one.alias](one.operation)

    def _bug(self, operation: Operation, error: Exception) -> None:
        """Nobody knows the error: it is counted as a failure, and told."""
        for key in self.measured:
            if key[0] == operation.name:
                self.bugs.setdefault(key, type(error).__name__)
