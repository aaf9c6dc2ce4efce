import pytest
from prometheus_client import CollectorRegistry

from runner.effort import Effort
from runner.memory import Ledger, Memory, Peak
from runner.session import HOPELESS_FAILURES, PASSES, Step
from runner.warming import WARM_UP_ATTEMPTS
from steadyline import heap
from steadyline.baseline import GATE_MOST_RUNS
from steadyline.outcome import Reason


def recorded(session, name, **labels):
    """What the session's recorder says of operation sql.a."""
    registry = CollectorRegistry()
    registry.register(session.recorder)
    where = {"operation": "sql.a", "backend": "sql", "target": "main", "driver": "bench", **labels}
    return registry.get_sample_value(name, where)


def test_rounds(world):
    """After the warm-up every operation has one turn a round, as many attempts each time as its share of time allows."""
    names = ["a", "b", "c", "d"]
    session = world.session(*(world.operation(name, 0.01) for name in names), effort=Effort(rounds=6, seconds_each=0.055))
    session.run()
    assert [len(one.runs) for one in session.measured.values()] == [6, 6, 6, 6]
    assert {len(run.seconds) for one in session.measured.values() for run in one.runs} == {5}
    after = world.asked[WARM_UP_ATTEMPTS * len(names) :]
    orders = [tuple(dict.fromkeys(after[at : at + 20])) for at in range(0, len(after), 20)]
    assert all(sorted(order) == names for order in orders)
    assert len(set(orders)) > 1


def test_round_is_parted(world):
    """An operation's attempts in a round are made at several moments of it, so that a slow one falls on all alike."""
    names = "abcdef"
    session = world.session(
        *(world.operation(name, 0.01) for name in names), effort=Effort(rounds=1, seconds_each=0.01 * 2 * PASSES)
    )
    session.run()
    asked = world.asked[WARM_UP_ATTEMPTS * len(names) :]
    passes = [asked[at : at + 2 * len(names)] for at in range(0, len(asked), 2 * len(names))]
    assert [sorted(one) for one in passes] == [sorted(names * 2)] * PASSES
    assert len({tuple(one) for one in passes}) > 1


def test_order_can_be_repeated(world):
    """The same seed makes the same order."""
    first = world.session(*(world.operation(name) for name in "abcde"))
    first.run()
    asked = list(world.asked)
    world.asked.clear()
    world.seconds = 0.0
    again = world.session(*(world.operation(name) for name in "abcde"))
    again.run()
    assert world.asked == asked


def test_collector_leaves_out_what_is_warm(world, monkeypatch):
    """A collection of all that was imported takes longer than most attempts: it is over before the first sample."""
    settled = []
    monkeypatch.setattr(heap, "settle", lambda: settled.append(list(world.asked)))
    world.session(world.operation("a"), world.operation("b")).run()
    assert settled == [["a"] * WARM_UP_ATTEMPTS + ["b"] * WARM_UP_ATTEMPTS]


def test_warm_up_is_no_sample(world):
    """What the first attempts take is neither measured nor recorded."""
    session = world.session(world.operation("a"), effort=Effort(rounds=1, seconds_each=0.0))
    session.run()
    (found,) = session.measured.values()
    assert len(found.seconds) == 1
    assert recorded(session, "steadyline_operation_duration_seconds_count") == 1


def test_failures_are_counted_and_are_no_samples(world):
    """A failing attempt is counted and recorded by its reason, its duration is no sample, and the rounds go on."""
    session = world.session(
        world.operation("a", fails=lambda number: number % 4 == 0), effort=Effort(rounds=3, seconds_each=0.045)
    )
    session.run()
    (found,) = session.measured.values()
    assert found.failures == {Reason.SERVER_ERROR: 3}
    assert len(found.seconds) == 9
    assert found.detail == "FarEndError: down"
    assert recorded(session, "steadyline_operation_failures_total", reason="server_error") == 3


def test_hopeless_is_given_up(world):
    """An operation that never succeeds is asked a few times only: each time may be a timeout. The others go on."""
    session = world.session(
        world.operation("down", 20.0, fails=lambda _number: True), world.operation("up"), effort=Effort(rounds=5)
    )
    session.run()
    down, up = session.measured.values()
    assert (down.failed, world.asked.count("down")) == (HOPELESS_FAILURES, HOPELESS_FAILURES)
    assert (down.runs, len(up.runs)) == ([], 5)


def test_failing_warm_up_counts(world):
    """A first attempt that fails is a failure though it is no sample."""
    session = world.session(world.operation("a", fails=lambda number: number == 1))
    session.run()
    (found,) = session.measured.values()
    assert found.failed == 1
    assert found.runs


def test_stopping(world):
    """Asked to stop, the run ends after the attempt under way, and what was measured stands."""

    def stop(step):
        if step.stage == "round 2 of 5" and len(world.asked) > 12:
            session.stopping = True

    session = world.session(
        *(world.operation(name) for name in "abc"), effort=Effort(rounds=5, seconds_each=0.025), watch=stop
    )
    session.run()
    runs = sorted(len(one.runs) for one in session.measured.values())
    assert runs[0] == 1
    assert sum(runs) < 6


def test_stopping_in_the_warm_up(world):
    """Asked to stop before the rounds, there are none."""
    session = world.session(*(world.operation(name) for name in "abc"))
    session.stopping = True
    session.run()
    assert world.asked == []


def test_settling(world):
    """What is not settled has further rounds by itself, until it is or the bound of runs is reached."""
    session = world.session(
        world.operation("a"), world.operation("b"), effort=Effort(rounds=5, seconds_each=0.0, seconds_more=1e9)
    )
    session.run()
    session.settle(lambda measured: measured.chosen.operation.name == "sql.a" or len(measured.runs) == 8)
    assert [len(one.runs) for one in session.measured.values()] == [5, 8]
    session.settle(lambda measured: measured.chosen.operation.name == "sql.a")
    assert [len(one.runs) for one in session.measured.values()] == [5, GATE_MOST_RUNS]


def test_settling_has_an_end(world):
    """Further rounds end with their time."""
    session = world.session(world.operation("a", 1.0), effort=Effort(rounds=5, seconds_each=0.0, seconds_more=3.0))
    session.run()
    session.settle(lambda _measured: False)
    assert [len(one.runs) for one in session.measured.values()] == [8]


def test_steps_are_told(world):
    """Who watches sees each turn with the work that is done and left."""
    seen = []
    session = world.session(
        world.operation("a"), world.operation("b"), effort=Effort(rounds=2, seconds_each=0.01), watch=seen.append
    )
    session.run()
    assert seen[0] == Step("warm-up", "sql.a", 0, 2, is_timed=False)
    stages = [step.stage for step in seen]
    assert stages == ["warm-up"] * 2 + ["round 1 of 2"] * 2 + ["round 2 of 2"] * 2
    rounds = seen[2:]
    assert [step.done for step in rounds] == pytest.approx([0, 0.01, 0.02, 0.03])
    assert [step.total for step in rounds] == pytest.approx([0.04] * 4)


def test_bug_is_told(world):
    """An error that no backend knows is a failure and is told as a bug."""

    def body(_client, _prepared):
        raise KeyError("x")

    operation = world.operation("a")
    session = world.session(operation.__class__(name="sql.a", tells="x", body=body))
    session.run()
    assert session.bugs == {("sql.a", "main"): "KeyError"}
    (found,) = session.measured.values()
    assert found.failures == {Reason.OTHER: HOPELESS_FAILURES}


def test_memory_of_each_run(world):
    """Each run, and the warm-up, keeps the highest resident memory and how far it grew."""
    sizes = iter(range(100, 10_000))
    session = world.session(world.operation("a"), effort=Effort(rounds=2, seconds_each=0.0))
    session.ledger = Ledger(Peak(lambda: next(sizes)))
    session.run()
    (found,) = session.measured.values()
    took = [run.memory for run in (found.warm_up, *found.runs)]
    assert took == [Memory(101, 1, 101, 100), Memory(103, 1, 102, 100), Memory(104, 1, 103, 100)]


def test_allocations(world):
    """Where it is asked, the peak of Python's allocations is that of one attempt more, which is no sample."""
    kept = []

    def body(_client, _prepared):
        kept.append(len(bytes(3_000_000)))

    plain = world.operation("a")
    session = world.session(plain.__class__(name="sql.a", tells="x", body=body), effort=Effort(rounds=1, seconds_each=0.0))
    session.run()
    samples = len(session.measured["sql.a", "main"].seconds)
    session.allocations()
    found = session.measured["sql.a", "main"]
    assert 3_000_000 <= found.allocated_bytes < 3_200_000
    assert len(found.seconds) == samples
