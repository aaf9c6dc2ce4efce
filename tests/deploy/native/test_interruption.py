"""Being asked to stop."""

import os
import signal

import pytest

from deploy.native.interruption import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_only_the_first_signal_interrupts(number: signal.Signals) -> None:
    """The first signal interrupts; those that come while cleaning up do not, and the handlers of before return."""
    before = signal.getsignal(number)
    with interruptible() as asked:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        assert asked.signal == number
    assert signal.getsignal(number) is before


def test_held_lines_run_to_their_end() -> None:
    """A signal that comes in between is raised after the lines that must not be cut."""
    done = []
    with interruptible() as asked:
        held = asked.held()
        held.__enter__()
        os.kill(os.getpid(), signal.SIGTERM)
        done.append("held")
        with pytest.raises(KeyboardInterrupt):
            held.__exit__(None, None, None)
    assert done == ["held"]
