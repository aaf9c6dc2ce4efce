"""Where values lie, and which are named."""

from itertools import pairwise

import pytest

from steadyline.cli.report_page.plots import BOTTOM, LABEL_HEIGHT, TOP, apart
from steadyline.cli.report_page.scale import Scale, around


def test_the_same_slowdown_is_as_high_everywhere():
    """From 1 to 1.3 ms it is as far as from 10 to 13 ms."""
    scale = Scale(0.001, 0.1, 100.0, 0.0)
    assert scale.at(0.001) - scale.at(0.0013) == pytest.approx(scale.at(0.01) - scale.at(0.013), abs=0.11)
    assert (scale.at(0.0001), scale.at(5.0)) == (100.0, 0.0)


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        pytest.param(0.9, 2.1, [1.0, 1.5, 2.0], id="near each other"),
        pytest.param(0.004, 0.011, [0.004, 0.006, 0.008, 0.01], id="milliseconds"),
        pytest.param(0.001, 0.05, [0.001, 0.002, 0.005, 0.01, 0.02, 0.05], id="over a power of ten"),
        pytest.param(0.001, 30.0, [0.001, 0.01, 0.1, 1.0, 10.0], id="over many"),
    ],
)
def test_marks(low, high, marks):
    """They are round numbers, and few."""
    assert Scale(low, high, 0.0, 100.0).marks() == pytest.approx(marks)


@pytest.mark.parametrize("values", [[], [0.0], [1.0], [1.0, 1.0], [float("inf"), 2.0]])
def test_around_is_never_nothing(values):
    """A single value, or none above 0, has room on both sides all the same."""
    low, high = around(values)
    assert 0 < low < high


@pytest.mark.parametrize("places", [[], [50.0], [50.0, 49.0, 48.0], [TOP, TOP + 1, TOP + 2, TOP], [BOTTOM, TOP]])
def test_names_of_lines_do_not_lie_over_each_other(places):
    """However near the lines are, and within the frame."""
    moved = sorted(apart(places))
    assert len(moved) == len(places)
    assert all(above + LABEL_HEIGHT <= below + 0.11 for above, below in pairwise(moved))
    assert all(place >= TOP for place in moved)
