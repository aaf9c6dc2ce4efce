"""What a reload keeps of the schedule, and what it ends."""

from schedule_bench import Bench


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


def test_disowned_is_waited_for() -> None:
    """What a swap leaves under way still counts as under way, until it ends."""
    bench = Bench()
    workers = bench.workers()
    task = bench.task("a", workers)
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0)
    schedule.step()
    schedule.swap([])
    assert not workers.wait_idle(0)
    bench.finish()
    assert workers.wait_idle(0)


def test_disowned_is_abandoned_in_silence() -> None:
    """What a swap leaves under way and hangs is given up at its deadline, and told to nobody."""
    bench = Bench()
    workers = bench.workers()
    task = bench.task("a", workers)
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0)
    schedule.step()
    schedule.swap([bench.task("b", workers, interval=1000)])
    bench.now += task.timeout_seconds
    schedule.step()
    assert (workers.wait_idle(0), bench.late) == (True, [])
    bench.finish(1)
    assert bench.settled == []


def test_swap_counts_what_was_due() -> None:
    """A start that came due since the loop's last step is counted, though the swap takes its place."""
    bench = Bench()
    task = bench.task("a", bench.workers())
    schedule = bench.schedule(task)
    bench.now = task.pacing.start(0)
    schedule.swap([task])
    schedule.step()
    assert (bench.jobs, bench.skips) == ([], ["a"])
    bench.now = task.pacing.start(1)
    schedule.step()
    bench.finish()
    assert (bench.settled, bench.skips) == (["a"], ["a"])
