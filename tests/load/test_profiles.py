import math

import pytest

from load.profiles import PROFILES, Size, checked, described, size
from steadyline.baseline import GATE_RUNS
from steadyline.errors import ConfigurationError
from steadyline.live import LIVE


def test_three_profiles():
    """Low, medium and high are 10, 50 and 200 users, grow in every figure, and last as long as the gate needs."""
    assert {name: one.users for name, one in PROFILES.items()} == {"low": 10, "medium": 50, "high": 200}
    low, medium, high = PROFILES.values()
    assert low.spawn_rate < medium.spawn_rate < high.spawn_rate
    assert low.duration_seconds < medium.duration_seconds < high.duration_seconds
    assert all(
        one.duration_seconds >= one.users / one.spawn_rate + GATE_RUNS * LIVE.load_run_seconds for one in PROFILES.values()
    )
    assert described() == "low: 10 users, medium: 50 users, high: 200 users"


@pytest.mark.parametrize("text", ["hgih", "LOW", "nightly run 3"])
def test_other_texts_are_refused(text):
    """Locust takes any text as a profile; here another one is refused, naming the three."""
    with pytest.raises(ConfigurationError) as caught:
        checked(text)
    assert str(caught.value) == f"there is no profile {text!r}; --profile takes low, medium, high"


@pytest.mark.parametrize("text", [None, ""])
def test_no_profile(text):
    """Without a profile a run is one of Locust's own: one user, no end."""
    assert size(text, "constant") == Size(None, 1, 1.0, math.inf)


def test_what_is_said_wins():
    """Users, spawn rate and run time that were said go before the profile's, each for itself."""
    assert size("high", "constant") == Size("high", 200, 20.0, 300.0)
    assert size("high", "constant", users=500) == Size("high", 500, 20.0, 300.0)
    assert size("high", "ramp", spawn_rate=3.5, run_time=60) == Size("high", 200, 3.5, 60)


@pytest.mark.parametrize(
    ("profile", "shape", "seconds"),
    [
        (None, "ramp", 120.0),
        ("medium", "ramp", 240.0),
        ("medium", "soak", 1800.0),
        (None, "breakpoint", 300.0),
        ("low", "breakpoint", 300.0),
    ],
)
def test_duration_that_was_not_said(profile, shape, seconds):
    """A soak stays long and a breakpoint has time for its steps whatever the profile; the others last as it says."""
    assert size(profile, shape).duration_seconds == seconds
