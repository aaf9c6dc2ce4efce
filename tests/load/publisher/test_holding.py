"""How long a run waits for its last values to be held, and what it takes for an answer."""

import pytest

from load.publisher.holding import Held, Hold, Scrapes


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        """Seconds."""
        return self.now


class Told:
    """What a Prometheus would say."""

    def __init__(self, *, expected=False, holds=None):
        self.expected, self.answer = expected, holds

    def will_scrape(self):
        """Whether its configuration names the page."""
        return self.expected

    def holds(self, run):
        """Whether it has the end of that run."""
        return self.answer and run == "r1"


def _scraped(*, before=0, after=0):
    scrapes = Scrapes()
    for number in range(before + after):
        scrapes.note(float(number), final=number >= before)
    return scrapes


@pytest.mark.parametrize(
    ("scrapes", "told", "seconds", "held"),
    [
        pytest.param({}, {}, 0, Held.NOBODY, id="nobody ever came"),
        pytest.param({}, {"expected": True}, 14, None, id="its configuration says that it will come"),
        pytest.param({}, {"expected": True}, 16, Held.NOBODY, id="it was expected, and did not come"),
        pytest.param({"before": 3}, {}, 14, None, id="it came before"),
        pytest.param({"before": 3}, {}, 16, Held.NOBODY, id="it came before, and then no more"),
        pytest.param({"before": 3, "after": 1}, {}, 0, Held.SCRAPE, id="it came, and nobody can be asked"),
        pytest.param({"before": 3, "after": 1}, {"holds": True}, 0, Held.PROMETHEUS, id="it came, and has them"),
        pytest.param({"before": 3, "after": 1}, {"holds": False}, 14, None, id="somebody came, and it has them not yet"),
        pytest.param({"before": 3, "after": 1}, {"holds": False}, 16, Held.SCRAPE, id="somebody else came"),
        pytest.param({"before": 3}, {"holds": True}, 0, None, id="a run of the same name is no evidence before a scrape"),
    ],
)
def test_who_holds(scrapes, told, seconds, held):
    """A scrape with the end on it, and Prometheus' own word where it can be asked; bounded, and not at all for nobody."""
    clock = Clock()
    hold = Hold("r1", _scraped(**scrapes), Told(**told), 15.0, clock)
    first = hold.look()
    clock.now += seconds
    assert (hold.look() if first is None else first) is held


def test_the_interval_of_the_scrapes_is_seen():
    """The gap between the last two scrapes, whatever they showed; nothing before there are two."""
    scrapes = Scrapes()
    seen = []
    for at in (0.0, 60.0, 120.0, 150.0):
        scrapes.note(at, final=False)
        seen.append(scrapes.gap_seconds)
    assert seen == [0.0, 60.0, 60.0, 30.0]
