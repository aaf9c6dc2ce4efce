"""When it is said that it is rather the machine."""

from dataclasses import replace

import compared
import pytest
from rich.console import Console

from steadyline.cli.verdicts import markdown, slow_machine, text

BUSY = "load average 9.0 on 2 cores"


def results(*factors, **made):
    """Of operations that are so many times as slow as they were."""
    rows = (compared.run_results.row(f"sql.x{number}", factor) for number, factor in enumerate(factors))
    found = compared.compared(*rows)
    return replace(found, made=replace(found.made, machine=BUSY, **made))


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        pytest.param((2.7, 2.6, 2.8, 2.7, 2.7), f"All are about 2.7x: rather the machine than the program ({BUSY})", id="all"),
        pytest.param((2.7, 2.6, 2.8, 2.7, 1.0, 2.7), "5 of 6 are about 2.7x: rather", id="most"),
        pytest.param((2.7, 2.7, 2.7, 2.7), "", id="too few"),
        pytest.param((2.7, 2.7, 2.7, 2.7, 2.7, 1.0, 1.0), "", id="not most"),
        pytest.param((1.3, 1.6, 2.2, 3.0, 4.0), "", id="not alike"),
        pytest.param((1.0, 1.01, 1.0, 1.02, 1.0), "", id="not slower"),
    ],
)
def test_told(factors, said):
    """It is said of five or more that are most of all, slower than is tolerated, and alike."""
    told = slow_machine.told(results(*factors))
    assert told.startswith(said)
    assert bool(told) is bool(said)


def test_not_of_an_ab():
    """There the machine's slowness cancels."""
    assert not slow_machine.told(results(*(2.7,) * 5, driver="pairs"))


def test_shown():
    """Text and Markdown say it, the latter above its tables; both say how busy the machine was in any case."""
    slow, fine = results(*(2.7,) * 5), results(1.0)
    out = Console(width=200, color_system=None)
    with out.capture() as captured:
        text.draw(slow, out)
        text.draw(fine, out)
    assert captured.get().count("rather the machine") == 1
    assert captured.get().count(f"seed 7, {BUSY}.") == 2
    above, _, folded = markdown.write(slow).partition("| operation")
    assert "rather the machine" in above
    assert BUSY in folded
    assert "rather" not in markdown.write(fine)
