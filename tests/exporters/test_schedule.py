"""When the schedule starts attempts, and what it counts where it cannot."""

from schedule_bench import Bench


def test_starts_at_its_time_and_not_before() -> None:
    """Nothing begins before its start; the loop asks to be woken exactly then."""
    bench = Bench(now=-0.5)
    task = bench.task("a", bench.workers())
    schedule = bench.schedule(task)
    wait = schedule.step()
    assert (bench.jobs, wait) == ([], task.pacing.start(0) + 0.5)
    bench.now += wait
    schedule.step()
    assert len(bench.jobs) == 1


def test_delay_is_from_the_scheduled_start() -> None:
    """The delay counts from the scheduled start to the thread's own beginning."""
    bench = Bench()
    task = bench.task("a", bench.workers())
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0) + 0.25
    schedule.step()
    bench.now += 0.5
    bench.finish()
    assert bench.delays == [0.75]


def test_slow_attempt_skips_and_never_shifts() -> None:
    """A start whose attempt before is under way is counted as skipped, and later starts keep their times."""
    bench = Bench()
    task = bench.task("a", bench.workers(), timeout=60)
    schedule = bench.schedule(task)
    for k in range(3):
        bench.now = task.pacing.start(k)
        schedule.step()
    assert (len(bench.jobs), bench.skips) == (1, ["a", "a"])
    bench.finish()
    assert schedule.step() == min(1.0, task.pacing.start(3) - bench.now)
    bench.now = task.pacing.start(3)
    schedule.step()
    bench.finish()
    assert bench.settled == ["a", "a"]
    assert bench.delays[-1] == 0


def test_sleeping_machine_catches_up_with_one() -> None:
    """Starts missed while the machine slept are counted as skipped; one attempt is made, not all of them."""
    bench = Bench()
    task = bench.task("a", bench.workers())
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(9)
    schedule.step()
    assert (len(bench.jobs), len(bench.skips)) == (1, 9)


def test_full_target_waits_then_skips() -> None:
    """Where all connections are in use a start waits for one, and is skipped when its next start comes first."""
    bench = Bench()
    workers = bench.workers(capacity=1)
    first, second = bench.task("first", workers, interval=100, timeout=99), bench.task("second", workers)
    schedule = bench.schedule(first, second)
    bench.now = 6.0
    schedule.step()
    assert (len(bench.jobs), set(bench.skips)) == (1, {"second"})
    skipped = len(bench.skips)
    bench.now = 6.2
    bench.finish()
    schedule.step()
    bench.finish()
    assert bench.settled == ["first", "second"]
    assert len(bench.skips) <= skipped + 1


def test_large_one_is_not_starved() -> None:
    """Who needs many connections is served in turn: later small ones wait behind it."""
    bench = Bench()
    workers = bench.workers(capacity=2)
    small, large = bench.task("small", workers, timeout=60), bench.task("large", workers, permits=2)
    later = bench.task("later", workers)
    schedule = bench.schedule(small)
    bench.now = small.pacing.start(0)
    schedule.step()
    schedule.swap([small, large, later])
    bench.now = max(large.pacing.start(1), later.pacing.start(1), small.pacing.start(1))
    schedule.step()
    assert len(bench.jobs) == 1
    bench.finish()
    schedule.step()
    bench.finish()
    schedule.step()
    bench.finish()
    assert bench.settled == ["small", "large", "later"]


def test_stopped_schedule_begins_nothing() -> None:
    """After the end is called for no further attempt begins, whatever is due."""
    bench = Bench()
    task = bench.task("a", bench.workers())
    schedule = bench.schedule(task)
    schedule.stop()
    bench.now = task.pacing.start(3)
    schedule.step()
    assert bench.jobs == []


def test_shut_target_begins_nothing() -> None:
    """A target that is about to be closed takes no attempt any more, from anyone."""
    bench = Bench()
    workers = bench.workers()
    workers.shut()
    task = bench.task("a", workers)
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0)
    schedule.step()
    assert bench.jobs == []


def test_ready_when_each_target_began() -> None:
    """The schedule has begun when every target had a first start."""
    bench = Bench()
    near, far = bench.task("near", bench.workers()), bench.task("far", bench.workers(), interval=1000)
    schedule = bench.schedule(near, far)
    bench.now = near.pacing.start(0)
    schedule.step()
    assert not schedule.begun()
    bench.now = far.pacing.start(0)
    schedule.step()
    assert schedule.begun()
