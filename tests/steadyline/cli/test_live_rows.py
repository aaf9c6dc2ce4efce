from dataclasses import replace

import pytest

from alerts.judgement.judged import Judged
from alerts.judgement.limits import limits_of
from alerts.view.last_runs import LastRuns
from steadyline.baseline import ANY, Baseline, Quantity
from steadyline.cli.live_rows import Seen, holding, row
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.severity import Severity, Verdict
from steadyline.vocabulary import Driver

READ = Operation("sql.read", "x", body=lambda _client, _prepared: None, items=10)
SOURCED = Baseline("sql.read", Driver.PROBE, Quantity.THROUGHPUT, 1000.0, 0.2, LIVE.assumed_spread, "seed")
"""Ten items in 10 ms."""


def held(baseline=SOURCED, *others):
    """An operation under a baseline."""
    return Judged(READ, baseline, limits_of(baseline, 4.0), 2.0, others)


def runs(mean, last=None, count=LIVE.slow_runs):
    """So many equal runs of 15 attempts, and the last one."""
    return LastRuns((mean,) * count, last or mean, LIVE.samples_per_run * count)


@pytest.mark.parametrize(
    ("found", "verdict", "reason"),
    [
        pytest.param(runs(0.01), Verdict.OK, "not above 1.20", id="as it was"),
        pytest.param(runs(0.015), Verdict.CRITICAL, "surely above 1.20", id="slower"),
        pytest.param(runs(0.01, 0.02), Verdict.CRITICAL, "the last run alone: surely above", id="the last run alone"),
        pytest.param(runs(0.015, 0.01), Verdict.CRITICAL, "within its tolerance again: its alert lets go", id="mended"),
        pytest.param(runs(0.01, count=4), Verdict.NO_DATA, "4 of 10 runs", id="too few"),
        pytest.param(LastRuns(), Verdict.NO_DATA, "no run with a time above 0", id="none"),
    ],
)
def test_verdict_and_reason(found, verdict, reason):
    """As the live rules judge it, throughput as seconds per call; which rule it was and whether its alert holds is said."""
    judged = row(Seen(READ, "main", found), held())
    assert judged.verdict is verdict
    assert reason in judged.reason


def test_figures():
    """Attempts without the failures, the runs' means, and items a second."""
    found = row(Seen(READ, "main", runs(0.02), failures={"timeout": 20}), held())
    assert (found.n, len(found.run_means), found.mean) == (280, LIVE.slow_runs, pytest.approx(0.02))
    assert found.items_per_second == pytest.approx(500)
    assert found.baseline == pytest.approx(0.01)
    assert found.ratio == pytest.approx(2)


def test_what_its_budget_or_nothing_judges():
    """Without a baseline there is no verdict; a broken budget and failures are critical all the same."""
    bare = row(Seen(READ, "main", runs(0.02)), None)
    assert (bare.verdict, bare.severity, bare.reason) == (None, None, "its budget alone judges")
    for seen in (Seen(READ, "main", runs(0.02), {"timeout": 3}), Seen(READ, "main", runs(0.02), is_over_budget=True)):
        assert row(seen, None).severity is Severity.CRITICAL


def test_a_targets_own_baseline_judges_it():
    """The one of the target before that of all others, which does not judge a target that has its own."""
    own, of_others = held(replace(SOURCED, target="main")), held(SOURCED, "main")
    assert of_others.baseline.target == ANY
    assert holding([of_others, own], "sql.read", "main") is own
    assert holding([of_others, own], "sql.read", "other") is of_others
    assert holding([of_others], "sql.read", "main") is None
    assert holding([own], "sql.write", "main") is None
