"""The schedule loop over an injected clock and workers whose threads the test moves."""

from collections.abc import Callable
from dataclasses import dataclass, field

from exporters.pacing import Pacing
from exporters.schedule import Schedule, Task
from exporters.workers import Workers


@dataclass
class Bench:
    """A clock that stands, threads that run when told, and what was counted."""

    now: float = 0.0
    jobs: list[Callable[[], None]] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)

    def workers(self, capacity: int = 4) -> Workers:
        """A target."""
        return Workers(capacity, self.jobs.append, lambda: self.now)

    def task(self, name: str, workers: Workers, permits: int = 1, interval: float = 2.0, timeout: float = 5.0) -> Task:
        """An operation of it."""
        return Task(
            name=name,
            pacing=Pacing(0.0, interval, 0.0, name),
            workers=workers,
            permits=permits,
            timeout_seconds=timeout,
            work=lambda: name,
            settle=self.settled.append,
            late=lambda: self.late.append(name),
            delayed=self.delays.append,
            skipped=lambda: self.skips.append(name),
        )

    def finish(self, count: int | None = None) -> None:
        """Let the oldest threads run to their end."""
        for job in [self.jobs.pop(0) for _ in range(len(self.jobs) if count is None else count)]:
            job()

    def schedule(self, *tasks: Task) -> Schedule:
        """The loop over these."""
        made = Schedule(lambda: self.now)
        made.swap(tasks)
        return made


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


def test_abandoned_are_bounded_and_leave_room() -> None:
    """One hanging operation holds at most half of its target's connections; its further starts are skipped, others go on."""
    bench = Bench()
    workers = bench.workers(capacity=4)
    hangs, other = bench.task("hangs", workers, timeout=0.5), bench.task("other", workers, timeout=60)
    schedule = bench.schedule(hangs)
    for k in range(5):
        bench.now = hangs.pacing.start(k)
        schedule.step()
        bench.now += 0.5
        schedule.step()
    assert (len(bench.jobs), bench.late, bench.skips) == (2, ["hangs"] * 2, ["hangs"] * 3)
    schedule.swap([hangs, other])
    bench.now += 2.2
    schedule.step()
    assert len(bench.jobs) == 3


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


def test_swap_keeps_what_is_under_way() -> None:
    """A reload does not start a second attempt beside one that is under way."""
    bench = Bench()
    workers = bench.workers()
    task = bench.task("a", workers, timeout=60)
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0)
    schedule.step()
    schedule.swap([bench.task("a", workers, timeout=60)])
    bench.now = task.pacing.start(1)
    schedule.step()
    assert (len(bench.jobs), bench.skips) == (1, ["a"])
    bench.finish()
    assert bench.settled == ["a"]


def test_swap_disowns_what_is_gone() -> None:
    """The result of an operation that is scheduled no more is ignored."""
    bench = Bench()
    task = bench.task("a", bench.workers())
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0)
    schedule.step()
    schedule.swap([])
    bench.finish()
    assert (bench.settled, bench.late) == ([], [])


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
