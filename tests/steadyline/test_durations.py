"""Durations that people write."""

import pytest

from steadyline import durations
from steadyline.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("3m", 180), ("1h", 3600), ("1h30m", 5400), ("250ms", 0.25), ("2.5s", 2.5), ("1d", 86400)],
)
def test_a_duration_is_its_seconds(text: str, seconds: float) -> None:
    """Each unit, and units in a row, add up."""
    assert durations.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "3", "m", "3 minutes", "-3m", "3x", "3m!", "1h 30m", "0s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    """The message shows how to write one."""
    with pytest.raises(ConfigurationError, match="90s"):
        durations.parse(text)


@pytest.mark.parametrize(("seconds", "text"), [(30, "30s"), (7.5, "7500ms"), (150.0, "150s")])
def test_promql_takes_whole_units_only(seconds: float, text: str) -> None:
    """A fraction of a second is written in milliseconds."""
    assert durations.promql(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (44.2, "45 s"),
        (120, "120 s"),
        (200, "3 min 20 s"),
        (180, "3 min"),
        (600, "10 min"),
        (601, "11 min"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_a_wait_is_rounded_up(seconds: float, text: str) -> None:
    """Nobody is told to come back too early."""
    assert durations.spoken(seconds) == text
