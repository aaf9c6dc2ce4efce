"""What the schedule makes of attempts that hang."""

import pytest
from schedule_bench import Bench

from exporters.schedule import Schedule, Task


def test_hanging_attempt_is_late_at_once() -> None:
    """At its timeout an attempt counts as late, its result is ignored when it comes, and the next start begins."""
    bench = Bench()
    task = bench.task("a", bench.workers(), timeout=1.5)
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0)
    schedule.step()
    bench.now += 1.5
    schedule.step()
    assert bench.late == ["a"]
    bench.now = task.pacing.start(1)
    schedule.step()
    assert len(bench.jobs) == 2
    bench.finish(1)
    assert bench.settled == []
    bench.finish()
    assert (bench.settled, bench.late) == (["a"], ["a"])


def hang(bench: Bench, schedule: Schedule, task: Task, starts: range) -> None:
    """Let the task's starts come and their timeouts pass; no thread returns."""
    for k in starts:
        bench.now = task.pacing.start(k)
        schedule.step()
        bench.now += task.timeout_seconds
        schedule.step()


def test_abandoned_are_bounded_and_leave_room() -> None:
    """One hanging operation holds at most half of its target's connections; its further starts are timeouts, others go on."""
    bench = Bench()
    workers = bench.workers(capacity=4)
    hangs, other = bench.task("hangs", workers, timeout=0.5), bench.task("other", workers, timeout=60)
    schedule = bench.schedule(hangs)
    hang(bench, schedule, hangs, range(5))
    assert (len(bench.jobs), bench.late, bench.skips) == (2, ["hangs"] * 5, [])
    schedule.swap([hangs, other])
    bench.now += 2.2
    schedule.step()
    assert len(bench.jobs) == 3


@pytest.mark.parametrize(("capacity", "permits"), [(1, 1), (4, 1), (16, 1), (16, 10)])
def test_hung_operation_fails_in_every_window(capacity: int, permits: int) -> None:
    """An operation that hangs for good fails at each start, whatever its share of the cap, and is well once it answers."""
    bench = Bench()
    task = bench.task("hangs", bench.workers(capacity), permits, timeout=0.5)
    schedule = bench.schedule(task)
    for window in range(3):
        hang(bench, schedule, task, range(window * 15, (window + 1) * 15))
        assert (len(bench.late), bench.skips) == ((window + 1) * 15, [])
    bench.finish()
    bench.now = task.pacing.start(45)
    schedule.step()
    bench.finish()
    assert (bench.settled, len(bench.late)) == (["hangs"], 45)


def test_several_hung_operations_all_fail() -> None:
    """Where each of several hung operations holds less than its share and together they hold all, each goes on failing."""
    bench = Bench()
    workers = bench.workers(capacity=2)
    tasks = [bench.task(name, workers, timeout=0.5) for name in "ab"]
    schedule = bench.schedule(*tasks)
    for k in range(8):
        bench.now = max(task.pacing.start(k) for task in tasks)
        schedule.step()
        bench.now += 0.5
        schedule.step()
    assert sorted(bench.late) == ["a"] * 8 + ["b"] * 8
    assert bench.skips == []


def test_crowded_out_is_skipped() -> None:
    """An operation that others' hanging leaves no room for is skipped: of itself nothing is known."""
    bench = Bench()
    workers = bench.workers(capacity=4)
    hangs, large = bench.task("hangs", workers, timeout=0.5), bench.task("large", workers, permits=4)
    schedule = bench.schedule(hangs)
    hang(bench, schedule, hangs, range(2))
    schedule.swap([hangs, large])
    bench.now = large.pacing.start(large.pacing.next_after(bench.now))
    schedule.step()
    assert "large" not in bench.late
    assert bench.skips == ["large"]
