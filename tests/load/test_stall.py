"""A run that ends in silence."""

from load.series import Key, Series
from load.stall import SILENT_SECONDS, Stall
from steadyline.outcome import Outcome


def told(answers_per_second, seconds_silent, *, under_way=True, every=1):
    """A run of a minute that answers so often, and then nothing."""
    stall, series = Stall(), Series(Key("trace.item_read", "trace", "embedded"))
    series.started += under_way
    for second in range(60):
        for _ in range(answers_per_second if second % every == 0 else 0):
            series.started += 1
            series.finish(Outcome(0.01), None)
        stall.take(float(second), [series])
    for second in range(60, 60 + seconds_silent):
        stall.take(float(second), [series])
    return stall.seconds


def test_a_target_that_freezes_is_seen():
    """It answered all the time, and then nothing while somebody waited."""
    assert told(10, 8) == 8


def test_a_moment_is_no_silence():
    """Less than a few seconds may be chance."""
    assert told(10, int(SILENT_SECONDS) - 1) == 0


def test_nobody_waits():
    """Users that pause are not kept waiting."""
    assert told(10, 8, under_way=False) == 0


def test_what_takes_long_is_answered_seldom():
    """A silence that is usual for the run is none."""
    assert told(1, 19, every=20) == 0


def test_nothing_was_answered_ever():
    """That a target never answered is another verdict's."""
    assert told(0, 30) == 0
