"""How users wait for a target that does not answer."""

import pytest

from load.users.patience import FIRST_SECONDS, LONGEST_SECONDS, Patience
from steadyline.outcome import Reason


def test_nobody_answers():
    """Waits double up to a bound, and the first success ends them."""
    patience = Patience(lambda: 1.0)
    waits = [patience.after(Reason.CONNECT, answered=True) for _ in range(8)]
    assert waits[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert waits[-1] == LONGEST_SECONDS
    assert patience.after(None, answered=True) == 0
    assert patience.after(Reason.DNS, answered=True) == FIRST_SECONDS


@pytest.mark.parametrize("reason", [Reason.SERVER_ERROR, Reason.THROTTLED, Reason.TIMEOUT, Reason.INTEGRITY])
def test_failures_of_a_target_that_answers(reason):
    """Whatever a target that works answers, the load goes on as asked; one that never did is asked ever more rarely."""
    assert Patience(lambda: 1.0).after(reason, answered=True) == 0
    assert Patience(lambda: 1.0).after(reason, answered=False) == FIRST_SECONDS


def test_users_part():
    """Users that failed together come back apart, and none at once."""
    assert {Patience(lambda dice=dice: dice).after(Reason.CONNECT, answered=True) for dice in (0.0, 0.5, 1.0)} == {
        FIRST_SECONDS / 2,
        FIRST_SECONDS * 3 / 4,
        FIRST_SECONDS,
    }
