"""The run's clock, on a machine whose clock is set."""

import time

from load.clock import Clock


def test_it_does_not_jump_with_the_machine(monkeypatch) -> None:
    """A machine that is set an hour on or back is not followed within a run, and is from the next one on."""
    clock = Clock()
    before, real = clock(), time.time
    for hours in (1, -1):
        monkeypatch.setattr(time, "time", lambda hours=hours: real() + hours * 3600)
        assert 0 <= clock() - before < 60
    clock.follow()
    assert clock() - before < -3000
