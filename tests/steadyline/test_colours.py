"""The colours are legible, and told from each other."""

import pytest

from steadyline import colours

ALL = [*colours.SEVERITIES.values(), colours.QUIET, colours.STALE, colours.UNSURE, colours.GREY]
LEGIBLE = 4.5
"""WCAG 2, level AA, for text."""


def luminance(colour):
    """As WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """From 1, the same, to 21, black on white."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", ALL, ids=lambda colour: colour.name)
def test_legible(colour):
    """As text on white and on near black."""
    assert contrast(colour.on_light, "#ffffff") >= LEGIBLE
    assert contrast(colour.on_dark, "#1a1d23") >= LEGIBLE


def test_different():
    """No two are the same in any theme."""
    for shade in ("name", "on_light", "on_dark"):
        assert len({getattr(colour, shade) for colour in ALL}) == len(ALL)
