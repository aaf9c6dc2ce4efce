"""Steps on the embedded targets for real: faults make an operation take a multiple, and its runs are judged.

Each operation is held at a time that it never needs by itself, and at multiples of it, so that the true step is known. In
every round each operation has a run at each step, in random order: what slows the machine falls on all of them.
"""

import os
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confusion import Confusion
from paired import Figure
from replay import CLEAR, FAMILY, RIGHT, STEPS, TOLERANCE
from sequential import concluded, held
from subject import Found, Tell, percent

from alerts.regress.faults import FaultControl
from deploy.native.own_targets import served
from exporters.connection import check, connect
from steadyline import catalogue, settings
from steadyline.attempt import Attempt
from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS
from steadyline.operation import Operation

OPERATIONS = ("trace.item_read", "trace.query_page_20", "s3.segment_head", "s3.segment_download")
"""Each is one request, so that its time is the time that the request is held."""
HELD_SECONDS = 0.030
ATTEMPTS = 6
"""A run is about a fifth of a second, as the runner's."""
BASELINE_RUNS = 10
ROUNDS = BASELINE_RUNS + GATE_MOST_RUNS
BOUND_SECONDS = 480.0
"""No further round is begun after it, once there are as many as a judgement needs."""
DRAWS = 200
"""Of baseline and current rounds, for each operation and step."""
SEED = 60

Runs = dict[tuple[str, float], list[float]]
"""The run means by operation and step, one a round."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One operation, what asks it, and what slows it."""

    operation: Operation
    attempt: Attempt
    control: FaultControl

    def run(self, step: float) -> float:
        """The mean of one run at a step.

        Raises:
            RuntimeError: an attempt failed, so that there is no time to judge.
        """
        name = f"bench-{self.operation.name}"
        self.control.slow(name, self.operation.name, HELD_SECONDS * (1 + step), expires_seconds=60)
        try:
            outcomes = [self.attempt(self.operation) for _ in range(ATTEMPTS)]
        finally:
            self.control.end(name)
        if failed := [one for one in outcomes if not one.ok]:
            raise RuntimeError(f"{self.operation.name} failed: {failed[0].reason} {failed[0].detail}")
        return statistics.fmean(one.duration_seconds for one in outcomes)


@contextmanager
def subjects() -> Iterator[list[Subject]]:
    """The operations on targets of this benchmark's own."""
    chosen = [catalogue.named(name) for name in OPERATIONS]
    found = []
    with served(settings.load(os.environ), dict.fromkeys(one.backend for one in chosen)) as reached:
        opened = {}
        try:
            for operation in chosen:
                alias, target = next(iter(reached.targets_of(operation.backend).items()))
                if operation.backend not in opened:
                    opened[operation.backend] = connect(catalogue.backend(operation.backend), alias, target)
                    check(opened[operation.backend])
                attempt = opened[operation.backend].attempt(time.perf_counter, lambda *_: None)
                found.append(Subject(operation, attempt, FaultControl(target.url.get_secret_value())))
            yield found
        finally:
            for connection in opened.values():
                connection.close(0.0)


def recorded(dice: random.Random, among: list[Subject], tell: Tell) -> Runs:
    """Round after round, each operation at each step."""
    runs: Runs = {(one.operation.name, step): [] for one in among for step in STEPS}
    turns = [(one, step) for one in among for step in STEPS]
    deadline = time.monotonic() + BOUND_SECONDS
    for number in range(ROUNDS):
        if number >= BASELINE_RUNS + GATE_RUNS and time.monotonic() > deadline:
            break
        dice.shuffle(turns)
        for one, step in turns:
            runs[one.operation.name, step].append(one.run(step))
        tell(number + 1, ROUNDS)
    return runs


def judged(dice: random.Random, runs: Runs) -> Confusion:
    """Baselines and current runs drawn from the rounds, none of them twice in a comparison."""
    matrix = Confusion(TOLERANCE)
    for name, step in runs:
        quiet, slowed = runs[name, 0.0], runs[name, step]
        for _ in range(DRAWS):
            order = dice.sample(range(len(quiet)), len(quiet))
            baseline = held([quiet[index] for index in order[:BASELINE_RUNS]], TOLERANCE)
            matrix.count(step, concluded(baseline, [slowed[index] for index in order[BASELINE_RUNS:]], FAMILY))
    return matrix


def found(tell: Tell) -> Found:
    """A line for each clear step, and the matrix."""
    dice = random.Random(SEED)
    with subjects() as among:
        for one in among:
            one.run(0.0)
        runs = recorded(dice, among, tell)
    matrix = judged(dice, runs)
    rounds = min(map(len, runs.values()))
    says = (
        f"{len(OPERATIONS)} operations of the embedded Trace API and S3, held at {HELD_SECONDS * 1e3:g} ms and multiples, "
        f"{rounds} rounds of {ATTEMPTS} attempts; {BASELINE_RUNS} are the baseline; "
        f"run means spread {percent(spread(runs))} in the median; tolerance {TOLERANCE:.0%}:"
    )
    figures = [
        Figure(f"+{step:.0%} on the embedded targets: its own level", f">= {percent(RIGHT)}", percent(share), share >= RIGHT)
        for step in CLEAR
        for share in [matrix.right(step)]
    ]
    return Found(figures, [matrix.markdown(says)])


def spread(runs: Runs) -> float:
    """Of an operation's run means at one step, in the median."""
    return statistics.median(statistics.stdev(means) / statistics.fmean(means) for means in runs.values())
