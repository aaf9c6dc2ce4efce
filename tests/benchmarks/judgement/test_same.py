"""The gate over recorded run sets: what it counts."""

import random

import pytest
from draws import at_random, one_after_the_other
from record import RunSets, of_document
from same import compared, seeds_own, tolerances
from sequential import exit_code

from steadyline import catalogue
from steadyline.operation import Suite
from steadyline.severity import Verdict

NAMES = ("sql.item_read", "sql.query_count")
TOLERANCES = dict.fromkeys(NAMES, 0.20)


def recording(spread: float, slower_from: int = 1000) -> RunSets:
    """Sixty rounds of two operations; the first is twice as slow from a round on."""
    dice = random.Random(2)
    means = {name: [dice.lognormvariate(0, spread) for _ in range(60)] for name in NAMES}
    means[NAMES[0]][slower_from:] = [2 * mean for mean in means[NAMES[0]][slower_from:]]
    return RunSets("2026-11-27", 60, None, {name: tuple(found) for name, found in means.items()})


def test_quiet_recording():
    """Runs that hardly differ exit with 0, whatever is drawn."""
    tally = compared(recording(0.02), at_random(random.Random(3), 60, 10, 50), TOLERANCES)
    assert (tally.passing, tally.alarms, tally.spoilers) == (1.0, 0, {})
    assert tally.judged == 50 * len(NAMES)


def test_planted_regression():
    """An operation that got slower between baseline and current runs is an alarm of each comparison, and of it alone."""
    draws = [draw for draw in one_after_the_other(60, 10) if draw.baseline[-1] == 19]
    tally = compared(recording(0.02, slower_from=20), draws, TOLERANCES)
    assert dict(tally.exits) == {1: 1}
    assert tally.spoilers == {NAMES[0]: {Verdict.CRITICAL: 1}}


def test_noise_is_not_settled():
    """Runs that differ too much to say anything exit with 3, and it is told whose."""
    tally = compared(recording(0.8), at_random(random.Random(3), 60, 10, 20), TOLERANCES)
    assert tally.exits[3] > 0
    assert tally.spoilers.keys() <= set(NAMES)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.OK, Verdict.INFO, Verdict.IMPROVED], 0),
        ([Verdict.OK, Verdict.SUSPECT], 3),
        ([Verdict.INCONCLUSIVE], 3),
        ([Verdict.NO_DATA], 3),
        ([Verdict.SUSPECT, Verdict.WARNING], 1),
        ([Verdict.CRITICAL], 1),
    ],
)
def test_exit_codes(verdicts, code):
    """As the gate's own: an alarm before what is not settled."""
    assert exit_code(verdicts) == code


def test_only_whole_rows():
    """An operation that missed a round, as a failing one does, is not compared."""
    rows = [{"operation": "sql.a", "run_means": [1, 2, 3]}, {"operation": "sql.b", "run_means": [1, 2]}]
    sets = of_document({"run": {"started": "2026-11-27T10:00:00+00:00"}, "operations": rows})
    assert (sets.rounds, sets.run_means) == (3, {"sql.a": (1, 2, 3)})


def test_as_many_as_the_seed():
    """Of the sql performance suite so many operations are taken as the seed has tests, each once."""
    suite = [one.name for one in catalogue.shipped().values() if one.backend == "sql" and one.suite is Suite.PERFORMANCE]
    chosen = seeds_own(suite)
    assert len(chosen) == len(set(chosen)) == 39


def test_tolerances():
    """A sourced baseline's own, else the default."""
    assert tolerances(["sql.item_create", "sql.item_browse"]) == {"sql.item_create": 0.10, "sql.item_browse": 0.20}
