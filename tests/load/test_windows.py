"""What a run is cut into: windows for baselines, steps for the knee."""

import pytest

from load.series import Key, Series
from load.steps import StepMeter
from load.windows import MINIMUM_SAMPLES, WINDOW_SECONDS, Windows
from steadyline.outcome import Outcome, Reason

KEY = Key("trace.item_read", "trace", "embedded")


def counted(series, successes, seconds, failures=0):
    """Count some more."""
    for _ in range(successes):
        series.started += 1
        series.finish(Outcome(seconds), None)
    for _ in range(failures):
        series.started += 1
        series.finish(Outcome(seconds, Reason.TIMEOUT), None)


def test_each_whole_window_of_the_steady_phase_is_a_run():
    """The mean of each window is that of its own successes; the ramp is none, and neither is a window cut short."""
    windows, series = Windows(), Series(KEY)
    now = 0.0
    counted(series, 100, 9.0)  # while the load still rose
    windows.take(now, 10, steady=False, series={KEY: series})
    for seconds in (0.010, 0.020):
        windows.take(now, 10, steady=True, series={KEY: series})
        counted(series, 50, seconds)
        now += WINDOW_SECONDS
    windows.take(now, 10, steady=True, series={KEY: series})
    counted(series, 50, 0.5)
    windows.take(now + 1, 10, steady=True, series={KEY: series})
    windows.take(now + 2, 10, steady=False, series={KEY: series})
    assert [(window.mean_seconds, window.samples) for window in windows.by_key[KEY]] == [
        (pytest.approx(0.010), 50),
        (pytest.approx(0.020), 50),
    ]


def test_a_window_with_few_successes_is_left_out():
    """Its mean would be one attempt's luck."""
    windows, series = Windows(), Series(KEY)
    windows.take(0.0, 10, steady=True, series={KEY: series})
    counted(series, MINIMUM_SAMPLES - 1, 0.01)
    windows.take(WINDOW_SECONDS, 10, steady=True, series={KEY: series})
    assert windows.by_key == {}


def test_a_window_in_which_the_load_changed_is_none():
    """Steps follow each other without a ramp; a mean over two of them is of no load that there was."""
    windows, series = Windows(), Series(KEY)
    for second in range(int(2 * WINDOW_SECONDS) + 2):
        windows.take(float(second), 10 if second < WINDOW_SECONDS - 5 else 20, steady=True, series={KEY: series})
        counted(series, 5, 0.01)
    assert len(windows.by_key[KEY]) == 1


def test_a_step_is_what_was_measured_at_one_level():
    """Throughput, p95 and failures of each level come from what was counted while the load stood there."""
    meter, series = StepMeter(), Series(KEY)
    meter.take(0.0, 10.0, steady=True, series=[series])
    counted(series, 20, 0.02)
    meter.take(2.0, 10.0, steady=True, series=[series])
    meter.take(3.0, 20.0, steady=False, series=[series])
    counted(series, 1000, 5.0)  # while users were spawned: of no step
    meter.take(4.0, 20.0, steady=True, series=[series])
    counted(series, 30, 0.2, failures=10)
    meter.take(6.0, 20.0, steady=True, series=[series])
    first, second = meter.steps()
    assert (first.load, first.throughput_per_second, first.failure_ratio) == (10.0, 10.0, 0.0)
    assert (second.load, second.throughput_per_second, second.failure_ratio) == (20.0, 15.0, 0.25)
    assert 0.0178 < first.p95_seconds < 0.0317
    assert 0.17 < second.p95_seconds < 0.32
