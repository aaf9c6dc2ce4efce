"""The run as a whole: reports come together, and in the end every attempt and every start is accounted for."""

from itertools import count

import pytest

from load.conductor import Conductor, Load
from load.criteria import Judge, Standing
from load.plan import Plan
from load.saturation import REPORTS
from load.series import Key, Merged, Tally
from load.workers import TOGETHER_SECONDS
from steadyline.criterion import parse
from steadyline.load_vocabulary import Dropped, Phase
from steadyline.outcome import Outcome, Reason

KEY = Key("trace.item_read", "trace", "embedded")
STEADY = Load({"TraceUser": 2}, 2, None, steady=True)
RAMP = Load({"TraceUser": 1}, 2, None, steady=False)


class Worker:
    """A worker's side, in this process."""

    def __init__(self, run: str = "r") -> None:
        self.tally, self.run, self.numbers = Tally(), run, count(1)

    def attempts(self, successes: int, *, begun: int = 0, seconds: float = 0.01) -> None:
        """Attempts with an outcome, and some that only began."""
        series = self.tally.declare(KEY)
        for _ in range(successes):
            series.started += 1
            series.finish(Outcome(seconds), None)
        series.started += begun

    def report(self, **facts):
        """Its next report."""
        return {
            "run": self.run,
            "number": next(self.numbers),
            "series": self.tally.delta(),
            "health": [0.1, 0.001, 1, 10**7],
            "overflow": 0,
            "dropped": 0,
            "intended": 0,
            "final": False,
            **facts,
        }


@pytest.fixture
def told():
    """What the publisher was told."""
    return []


@pytest.fixture
def conductor(told):
    """A conductor whose run has begun."""
    made = Conductor()
    made.tell = told.append
    made.begin(Plan("r", 1000.0), Judge([parse("trace.item_read p95 < 1s")]), silence=False)
    return made


def shown(told):
    """What the publisher has merged."""
    merged = Merged()
    for frame in told:
        if frame["kind"] == "delta":
            merged.add(frame["series"])
    return merged.series


def test_what_is_told_is_what_was_merged(conductor, told):
    """The publisher's sums are the conductor's, whatever way the reports came."""
    workers = [Worker(), Worker()]
    for step in range(5):
        for label, worker in enumerate(workers):
            worker.attempts(step + label)
            conductor.take(str(label), worker.report())
        conductor.tick(STEADY)
    conductor.end()
    assert shown(told) == conductor.merged.series
    assert conductor.merged.series[KEY].successes == sum(range(5)) + sum(range(1, 6))


def test_what_never_ended_is_cancelled(conductor, told):
    """Attempts of a killed worker that only began are failures with the reason cancelled: begun is always what ended."""
    worker = Worker()
    worker.attempts(3, begun=2)
    conductor.take("0", worker.report())
    conductor.tick(STEADY)
    conductor.leave("0", lost_starts=0)
    conductor.end()
    series = shown(told)[KEY]
    assert (series.started, series.successes, series.failures, series.under_way) == (5, 3, {Reason.CANCELLED.value: 2}, 0)
    assert conductor.lost_workers == 1


def test_a_worker_that_ends_with_the_run_is_not_lost(conductor):
    """One that sent its final report may go a moment before the others."""
    conductor.take("0", Worker().report(final=True))
    conductor.leave("0", lost_starts=0)
    conductor.end()
    assert conductor.lost_workers == 0


def test_a_worker_that_ends_long_before_the_run_is_lost(conductor):
    """In order or not: its load was missing."""
    conductor.take("0", Worker().report(final=True))
    conductor.leave("0", lost_starts=0)
    conductor.workers["0"].left_at -= 2 * TOGETHER_SECONDS
    conductor.end()
    assert conductor.lost_workers == 1


def test_starts_of_a_lost_worker_are_drops(conductor, told):
    """What was due in its share and was never told of is dropped, under its own reason."""
    conductor.take("0", Worker().report(dropped=4, intended=100))
    conductor.leave("0", lost_starts=7)
    conductor.tick(STEADY)
    assert told[-1]["dropped"] == {Dropped.NO_FREE_USER: 4, Dropped.WORKER_LOST: 7}


def test_reports_of_another_run_are_left_out(conductor):
    """A report that comes late, after the next run began, is not counted there."""
    worker = Worker(run="the one before")
    worker.attempts(3)
    conductor.take("0", worker.report())
    assert conductor.merged.series == {}


def test_the_phases_follow_the_load(conductor, told):
    """Ramp until the load is there, steady after, stop in the end; the first steady moment is told once."""
    for load in (RAMP, STEADY, RAMP, STEADY):
        conductor.tick(load)
    conductor.end()
    assert [frame["phase"] for frame in told if frame["kind"] == "gauges"] == [
        *(Phase.RAMP, Phase.STEADY, Phase.RAMP, Phase.STEADY),
        Phase.STOP,
    ]
    assert [frame["kind"] for frame in told].count("steady") == 1
    assert told[-1]["kind"] == "end"


def test_saturation_counts_in_the_steady_phase_alone(conductor):
    """Spawning users costs processor time that says nothing of the run's latencies: what came before counts no more."""
    worker = Worker()
    for load, saturated in ((RAMP, set()), (STEADY, set()), (STEADY, {"worker 0"})):
        for _ in range(REPORTS):
            conductor.take("0", worker.report(health=[1.0, 0.0, 1, 1]))
        conductor.tick(load)
        assert conductor.saturated == saturated


def test_a_saturated_worker_stays_so_when_the_run_has_ended(conductor, told):
    """It left in order, and its last reports were fine: the page's last gauges still say what came of it, and none is lost."""
    worker = Worker()
    conductor.tick(STEADY)
    for _ in range(REPORTS):
        conductor.take("0", worker.report(health=[1.0, 0.0, 1, 1]))
    conductor.tick(STEADY)
    conductor.take("0", worker.report(health=[0.1, 0.0, 1, 1], final=True))
    conductor.leave("0", 0)
    conductor.end()
    last = [frame for frame in told if frame["kind"] == "gauges"][-1]["workers"]["0"]
    assert (last["saturated"], last["up"], last["users"]) == (1, 1, 0)
    assert conductor.lost_workers == 0


def test_a_worker_that_was_lost_stays_so_when_the_run_has_ended(conductor, told):
    """It never said that it ended."""
    conductor.take("0", Worker().report())
    conductor.leave("0", 0)
    conductor.end()
    last = [frame for frame in told if frame["kind"] == "gauges"][-1]["workers"]["0"]
    assert (last["saturated"], last["up"]) == (0, 0)
    assert conductor.lost_workers == 1


def test_a_publisher_that_begins_anew_is_told_everything_once(conductor, told):
    """What waited to be sent is in the whole, and is not sent again."""
    worker = Worker()
    worker.attempts(2)
    conductor.take("0", worker.report())
    frames = conductor.whole()
    conductor.tick(STEADY)
    assert shown([*frames, *told]) == conductor.merged.series


def test_a_criterion_without_a_steady_phase_has_no_data(conductor):
    """A run that never got steady never kept anything."""
    conductor.tick(RAMP)
    conductor.end()
    assert [state.standing for state in conductor.judge.states()] == [Standing.NO_DATA]


def test_the_next_run_begins_from_zero(conductor):
    """Nothing of a run is left in the next one's counts."""
    worker = Worker()
    worker.attempts(2)
    conductor.take("0", worker.report())
    conductor.end()
    conductor.begin(Plan("s", 2000.0), Judge([]), silence=False)
    assert (conductor.merged.series, conductor.workers, conductor.dropped) == ({}, {}, 0)
