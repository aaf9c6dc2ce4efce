"""Change points: a step is found with its revision and its size, and noise has none."""

import random
import sys

import kept_runs
import pytest

from alerts.history.changes import FEWEST, SHORTEST, changes_of, ruptures, steps
from alerts.history.series import Series, series_of
from steadyline.errors import ConfigurationError

needs_ruptures = pytest.mark.skipif(sys.version_info >= (3, 14), reason="ruptures has no wheel for this Python yet")


def series(*levels: float, noise: float = 0.02, seed: int = 1) -> Series:
    """A synthetic history, one run a day."""
    (one,) = series_of(kept_runs.daily(levels, noise, seed))
    return one


@needs_ruptures
def test_a_step_is_found_with_its_revision_its_day_and_its_size() -> None:
    """Nine percent in the middle of sixty runs."""
    (change,) = changes_of(series(*[0.1] * 30, *[0.109] * 30))
    assert change.revisions == "rev0029..rev0030"
    assert change.size == pytest.approx(0.09, abs=0.02)
    assert change.words == f"{change.size:+.0%} on 2026-10-21, rev0029..rev0030".replace("%", " %")


@needs_ruptures
def test_each_step_of_several_is_found_also_back() -> None:
    """Up by a half, and mended later."""
    slower, mended = changes_of(series(*[0.1] * 12, *[0.15] * 8, *[0.1] * 12))
    assert (slower.index, mended.index) == (12, 20)
    assert slower.size == pytest.approx(0.5, abs=0.05)
    assert mended.size == pytest.approx(-1 / 3, abs=0.05)
    assert (slower.after, mended.after) == (mended.before, pytest.approx(0.1, rel=0.05))


@needs_ruptures
def test_a_step_within_one_revision_is_said_to_be_at_it() -> None:
    """It is not the code that changed."""
    runs = [kept_runs.run(kept_runs.result("sql.x", level), day=day) for day, level in enumerate([0.1] * 6 + [0.2] * 6)]
    (change,) = changes_of(series_of(runs)[0])
    assert change.revisions == "at 0123456789ab"


@needs_ruptures
@pytest.mark.parametrize("noise", [0.0, 0.02, 0.05, 0.1])
def test_noise_has_no_change_point(noise: float) -> None:
    """In a thousand series of noise alone at most a handful: one is what is promised."""
    dice = random.Random(11)
    found = sum(bool(steps([dice.gauss(0, noise) for _ in range(40)])) for _ in range(1000))
    assert found <= 4


@needs_ruptures
def test_one_slow_run_is_no_new_level() -> None:
    """Nor are two."""
    for slow in range(1, SHORTEST):
        assert changes_of(series(*[0.1] * 15, *[0.3] * slow, *[0.1] * 15)) == ()


@needs_ruptures
def test_a_slow_drift_of_the_machine_under_the_noise_is_none() -> None:
    """Two percent over forty runs."""
    assert changes_of(series(*(0.1 * (1 + day / 2000) for day in range(40)), noise=0.03)) == ()


@needs_ruptures
@pytest.mark.parametrize("count", range(1, FEWEST))
def test_too_few_runs_have_none(count: int) -> None:
    """Whatever they are."""
    assert changes_of(series(*[0.1, 0.9, 5.0, 7.0, 9.0][:count])) == ()


def test_without_ruptures_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence."""
    monkeypatch.setitem(sys.modules, "ruptures", None)
    with pytest.raises(ConfigurationError, match=r"ruptures, which is not installed: pip install 'steadyline\[trend\]'"):
        ruptures()
