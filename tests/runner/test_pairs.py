"""A and B in turn: what slows the machine cancels, what slows one side stays, and what never succeeds is given up."""

import math
import random
from types import SimpleNamespace

import pytest

from alerts.judgement.gate import Family, judge_pairs
from runner.effort import Effort
from runner.measured import Measured, Run
from runner.pairs import A, B, Pair, PairSession, typical
from runner.warming import WARM_UP_ATTEMPTS
from steadyline import heap
from steadyline.attempt import Attempt
from steadyline.operation import Operation
from steadyline.outcome import Reason
from steadyline.severity import Verdict
from steadyline.target import Target

TARGET = Target(backend="sql", url="sqlite:////nowhere/trace.db", allow_writes=True)
NOISE = {"a quiet machine": 0.0, "a busy machine": 0.2}


class DownError(Exception):
    """What a side fails with."""


class Machine:
    """Time that passes only when a side is asked: a base, times how slow the machine is now, times how slow the side is."""

    def __init__(self, slower: dict[str, float] | None = None, noise: float = 0.0, failing: str = "") -> None:
        self.seconds = 0.0
        self.asked: list[tuple[str, str]] = []
        self._slower = slower or {}
        self._dice = random.Random(5)
        self._noise = noise
        self._slowness = 0.0
        self._failing = failing

    def session(self, *names: str, **facts: object) -> PairSession:
        """A session over operations of these names."""
        backend = SimpleNamespace(classify=lambda error: Reason.SERVER_ERROR if isinstance(error, DownError) else None)
        connections = {
            (side, "sql"): SimpleNamespace(
                target=TARGET,
                attempt=lambda clock, on_bug, side=side: Attempt(
                    backend, side, clock, on_bug
                ),  # the client is the side's name
            )
            for side in (A, B)
        }
        operations = [Operation(name=f"sql.{name}", tells="x", body=self._body(name)) for name in names]
        effort = facts.pop("effort", Effort(rounds=5, seconds_each=0.25))
        return PairSession(connections, operations, effort, random.Random(1), clock=lambda: self.seconds, **facts)

    def _body(self, name):
        def body(side, _prepared):
            self.asked.append((name, side))
            self._slowness = 0.99 * self._slowness + self._dice.gauss(0, self._noise) * math.sqrt(1 - 0.99**2)  # drifts
            self.seconds += 0.01 * math.exp(self._slowness) * self._slower.get(side, 1.0)
            if side == self._failing:
                raise DownError("down")

        return body


def pair(a, b):
    """One whose rounds took these seconds."""
    sides = [Measured(SimpleNamespace(operation=None)) for _ in "ab"]
    for side, rounds in zip(sides, (a, b), strict=True):
        side.runs += [Run(tuple(seconds)) for seconds in rounds]
    return Pair(*sides)


def test_collector_leaves_out_what_is_warm(monkeypatch):
    """It is told so between the warm-up and the first round."""
    machine, settled = Machine(), []
    session = machine.session("a")
    monkeypatch.setattr(heap, "settle", lambda: settled.append(len(machine.asked)))
    session.run()
    assert settled == [2 * WARM_UP_ATTEMPTS]


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_a_slower_side_is_found(noise):
    """A side that is 10 % slower is named, and the same two are not, however the machine drifts meanwhile."""
    for slower, verdict in ((1.10, Verdict.INFO), (1.0, Verdict.OK)):
        session = Machine({B: slower}, noise).session("read", effort=Effort(rounds=20, seconds_each=0.5))
        session.run()
        found = judge_pairs(session.pairs[0].log_ratios, 0.05, Family())
        assert (found.verdict, found.ratio) == (verdict, pytest.approx(slower, rel=0.02))


def test_the_machines_noise_cancels():
    """Where the machine drifts by a fifth, a round's ratio strays by a fraction of what its times do."""
    session = Machine(noise=0.2).session("read", effort=Effort(rounds=20, seconds_each=0.5))
    session.run()
    (only,) = session.pairs
    logs = [math.log(mean) for mean in only.b.run_means]
    assert max(logs) - min(logs) > 5 * (max(only.log_ratios) - min(only.log_ratios))


def test_turns():
    """In each round an operation is asked on both sides equally often, at most twice in a row on one, each first at times."""
    machine = Machine()
    session = machine.session("read")
    session.warm_up()
    machine.asked.clear()
    session.rounds(session.pairs, 1)
    sides = [side for _, side in machine.asked]
    turns = list(zip(sides[::2], sides[1::2], strict=True))
    assert set(turns) == {(A, B), (B, A)}
    assert len(session.pairs[0].a.runs[0].seconds) == len(session.pairs[0].b.runs[0].seconds) == len(turns)


def test_order():
    """Each round has its own order of operations, all of them in it."""
    machine = Machine()
    session = machine.session("one", "two", "three", effort=Effort(rounds=8, seconds_each=0.01))
    session.warm_up()
    machine.asked.clear()
    session.rounds(session.pairs, 8)
    asked = [name for name, _ in machine.asked[::2]]
    rounds = [tuple(asked[at : at + 3]) for at in range(0, len(asked), 3)]
    assert {frozenset(order) for order in rounds} == {frozenset(("one", "two", "three"))}
    assert len(set(rounds)) > 1


def test_seconds_are_both_sides():
    """What a round may take is shared by both sides."""
    session = Machine().session("read", effort=Effort(rounds=1, seconds_each=0.2))
    session.run()
    assert len(session.pairs[0].b.runs[0].seconds) == 10


def test_a_side_that_never_succeeds_is_given_up():
    """It has no round, it is not asked on, and its failures are counted on its own side."""
    machine = Machine(failing=A)
    session = machine.session("read")
    session.run()
    (only,) = session.pairs
    assert (only.rounds, only.b.failed, only.log_ratios) == (0, 0, [])
    assert only.a.failed == len([side for _, side in machine.asked if side == A]) == 3


def test_settled():
    """What is not settled has more rounds until it is, or the most are reached; who is measured again is counted once."""
    session = Machine().session("one", "two", most_rounds=12)
    session.run()
    session.settle(lambda pair: pair.operation.name == "sql.two" or pair.rounds >= 9)
    assert [pair.rounds for pair in session.pairs] == [9, 5]
    session.settle(lambda _pair: False)
    assert [pair.rounds for pair in session.pairs] == [12, 12]
    assert session.again == 2


def test_no_time_left():
    """When the time for further rounds is over, what is open stays open."""
    session = Machine().session("one", effort=Effort(rounds=5, seconds_more=0.0))
    session.run()
    session.settle(lambda _pair: False)
    assert session.pairs[0].rounds == 5


def test_stopping():
    """Asked to stop, it ends once both sides were asked as often; what they took counts."""
    session = Machine().session("one", "two")
    session.warm_up()
    steps = []

    def watch(step):
        steps.append(step)
        session.stopping = len(steps) == 4

    session.watch = watch
    session.rounds(session.pairs, 5)
    assert [pair.rounds for pair in session.pairs] == [2, 2]
    assert min(len(run.seconds) for pair in session.pairs for run in pair.b.runs) == 1


def test_typical():
    """A round's time is the mean of its faster half: one attempt that was held up does not move it."""
    assert typical([1, 2, 3]) == 1.5
    assert typical([4]) == 4
    assert typical([1, 1, 1, 90]) == 1


def test_means_see_the_tail():
    """A few attempts that got slower by much are in the ratio of means alone."""
    found = pair([[1, 1, 1, 1]] * 3, [[1, 1, 1, 5]] * 3)
    assert found.log_ratios == [0.0] * 3
    assert found.log_ratios_of_means == pytest.approx([math.log(2)] * 3)


def test_no_time_at_all():
    """A clock that saw nothing pass is no ratio."""
    assert pair([[0.0], [1.0]], [[1.0], [1.0]]).log_ratios == [0.0]
