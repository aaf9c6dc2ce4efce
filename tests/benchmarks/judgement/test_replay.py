"""The gate over replayed noise: a guard with few comparisons, and what is read off the matrix."""

import numpy as np
import pytest
from confusion import Confusion
from noise import Kind, Noise
from replay import CLEAR, Case, replayed
from sequential import Concluded, concluded, held, level

from alerts.judgement.gate import ALONE, Judgement
from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS
from steadyline.severity import Severity, Verdict

TRIALS = 300


def test_guard():
    """At 5 % noise and ten baseline runs 0, 25 and 45 % get their level in 95 % of cases and more, and seldom a higher one."""
    *_, matrix = replayed(Case(Noise(0.05), 10, trials=TRIALS), CLEAR, np.random.default_rng(7))
    assert {step: matrix.right(step) >= 0.95 for step in CLEAR} == dict.fromkeys(CLEAR, True)
    assert max(map(matrix.too_high, CLEAR)) <= 0.01


def test_planted_step():
    """A step that is planted is counted as what it is, and what it took."""
    found = concluded(held([1.0, 1.01, 0.99, 1.0, 1.0], 0.15), [1.5] * GATE_MOST_RUNS, ALONE)
    assert (found.verdict, found.runs) == (Verdict.CRITICAL, GATE_RUNS)


def test_runs_out():
    """What never settles takes all runs that there are."""
    wild = [1.0, 3.0] * (GATE_MOST_RUNS // 2)
    assert concluded(held([1.0, 2.0, 0.5, 1.5, 1.0], 0.15), wild, ALONE).runs == GATE_MOST_RUNS
    assert concluded(held([1.0, 2.0, 0.5, 1.5, 1.0], 0.15), wild[:7], ALONE).runs == 7


def test_matrix():
    """Right, too high and runs are read off the counts."""
    matrix = Confusion(0.15)
    for verdict, runs in ((Verdict.WARNING, 5), (Verdict.WARNING, 6), (Verdict.CRITICAL, 7), (Verdict.SUSPECT, 30)):
        matrix.count(0.25, Concluded(Judgement(verdict, 1.2, None, runs, 0.15), runs))
    assert (matrix.right(0.25), matrix.too_high(0.25), matrix.mean_runs(0.25)) == (0.5, 0.25, 12)
    assert "| +25% | 0 % | 0 % | 25 % | 50 % | 25 % | 50 % | 25 % | 12.0 |" in matrix.markdown("x")


@pytest.mark.parametrize(
    ("step", "tolerance", "severity"),
    [
        (1.0, 0.15, None),
        (1.14, 0.10, None),
        (1.16, 0.10, Severity.WARNING),
        (1.16, 0.20, None),
        (1.29, 0.15, Severity.WARNING),
        (1.31, 0.15, Severity.CRITICAL),
        (1.31, 0.40, None),
    ],
)
def test_levels(step, tolerance, severity):
    """What a step is without noise."""
    assert level(step, tolerance) == severity


@pytest.mark.parametrize("kind", Kind)
def test_noise_is_as_wide_as_said(kind):
    """Each kind deviates as much as its spread says."""
    logs = np.log(Noise(0.05, kind).means(np.random.default_rng(3), 4000, 20))
    assert logs.std() == pytest.approx(0.05, rel=0.05)
    assert logs.mean() == pytest.approx(0, abs=0.002)


def test_drifting_remembers():
    """Neighbouring runs are alike where the environment drifts, and nowhere else."""
    alike = {}
    for kind in Kind:
        logs = np.log(Noise(0.05, kind).means(np.random.default_rng(3), 4000, 20))
        alike[kind] = np.corrcoef(logs[:, :-1].ravel(), logs[:, 1:].ravel())[0, 1]
    assert alike == pytest.approx({Kind.LOGNORMAL: 0, Kind.HEAVY: 0, Kind.DRIFTING: 0.5}, abs=0.03)


def test_few_attempts_add_noise():
    """Fifteen attempts that spread 25 % add 6.5 % to the runs' spread."""
    logs = np.log(Noise(0.02, attempts=15).means(np.random.default_rng(3), 2000, 20))
    assert logs.std() == pytest.approx(0.067, rel=0.05)
