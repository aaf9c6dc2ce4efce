"""`pytest --steadyline-compare` as a user runs it, over two operations and baselines made up for them."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from alerts.judgement.gate import Family, judge
from runner.choice import Chosen
from steadyline import catalogue, provenance
from steadyline.baseline import GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.baselines import save_recorded
from steadyline.cli.pytest_compare import measured, pytest_configure
from steadyline.operation_version import version_of
from steadyline.settings import EMBEDDED
from steadyline.vocabulary import Driver

ROOT = Path(__file__).parents[2]
FILE = "tests/performance/test_database_performance.py"
TESTS = [f"{FILE}::{name}" for name in ("test_item_lookup_by_id_indexed", "test_item_create")]
READ, CREATE = "sql.item_read", "sql.item_create"
HIDDEN = ("PYTEST_", "STEADYLINE_", "COV_")
"""The environment of the run that is under way, and targets of the developer's own."""


def baseline(operation, seconds, **more):
    """Of the suite runner, recorded here a moment ago."""
    facts = Recorded(
        "2026-01-01T00:00:00Z",
        provenance.host(),
        "abc",
        10,
        100,
        None,
        {},
        (),
        {},
        operation_version=version_of(catalogue.named(operation)),
    )
    return Baseline(
        operation,
        Driver.BENCH,
        Quantity.DURATION,
        seconds,
        tolerance=0.2,
        spread=0.05,
        source="made up for a test",
        target=EMBEDDED,
        recorded=replace(facts, **more),
    )


@pytest.fixture
def run(tmp_path):
    """`run(baselines, *options)` measures both tests for a moment, in a state folder of its own with these baselines."""

    def start(baselines, *options):
        state = tmp_path / "state"
        if baselines:
            save_recorded(state / "baselines.json", baselines)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
        command = [Path(sys.executable).with_name("pytest"), *TESTS, "--benchmark-max-time=0.01", "-p", "no:cacheprovider"]
        return subprocess.run(
            [*command, *options],
            cwd=ROOT,
            env={**kept, "STEADYLINE_STATE_DIR": str(state)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return start


def told(done):
    """What it says at the end."""
    return [line.removeprefix("steadyline: ") for line in done.stdout.splitlines() if line.startswith("steadyline: ")][1:]


def test_worst_first_and_an_alarm_fails_the_run(run):
    """Far slower than recorded fails a run whose tests pass; a baseline of another version is refused, with its reason."""
    done = run([baseline(CREATE, 1000.0, operation_version="00000000"), baseline(READ, 1e-9)], "--steadyline-compare")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    judged, end, refused = told(done)
    assert judged.startswith(f"{READ} on {EMBEDDED}: CRITICAL: surely above 1.20")
    assert f"runs {GATE_RUNS} / 10" in judged
    assert end == "1 judged, 1 at warning or worse: the run has failed"
    assert refused.startswith(f"1 of 2 baselines cannot be compared with ({CREATE}: recorded for another version")
    assert "say --steadyline-other-version" in refused


def test_pass_and_what_has_no_baseline(run):
    """Far faster is no alarm, and passes; so do another version and load that are meant. What has no baseline is counted."""
    held = [baseline(CREATE, 1000.0, operation_version="00000000", load_running=True)]
    meant = ("--steadyline-other-version", "--steadyline-other-load")
    done = run(held, "--steadyline-compare", "--steadyline-fail-on=info", *meant)
    assert done.returncode == 0, done.stdout + done.stderr
    judged, end = told(done)
    assert judged.startswith(f"{CREATE} on {EMBEDDED}: IMPROVED: faster for sure")
    assert end == "1 judged, none at info or worse, 1 without a baseline"


@pytest.mark.parametrize(
    ("baselines", "options", "message"),
    [
        pytest.param([], {}, "steadyline baseline record --rounds 10", id="none recorded"),
        pytest.param(
            [baseline(READ, 1.0, host="another machine")],
            {},
            f"recorded on another host (another machine; this is {provenance.host()})); record them here, "
            "or say --steadyline-other-host",
            id="another host",
        ),
        pytest.param(
            [], {"--steadyline-compare": "missing.json"}, "--steadyline-compare missing.json: no such file", id="no file"
        ),
        pytest.param([baseline(READ, 1.0)], {"benchmark_disable": True}, "leave out what switches it off", id="off"),
    ],
)
def test_refused_before_anything_is_measured(tmp_path, monkeypatch, baselines, options, message):
    """What could be held to nothing ends pytest with one message before the first test."""
    monkeypatch.setenv("STEADYLINE_STATE_DIR", str(tmp_path))
    if baselines:
        save_recorded(tmp_path / "baselines.json", baselines)
    given = {"--steadyline-compare": "", "benchmark_disable": False} | options
    plugins = SimpleNamespace(hasplugin=lambda name: name == "benchmark")
    with pytest.raises(pytest.UsageError, match=re.escape(message)):
        pytest_configure(SimpleNamespace(getoption=given.get, pluginmanager=plugins))


@pytest.mark.parametrize(
    ("attempts", "sizes"),
    [(0, []), (3, [1, 1, 1]), (5, [1] * 5), (7, [1, 1, 2, 1, 2]), (100, [20] * 5)],
)
def test_attempts_become_runs_in_their_order(attempts, sizes):
    """Five runs of as many attempts each as there are, each attempt in one; fewer attempts than runs are no judgement."""
    seconds = [0.01 + number / 1000 for number in range(attempts)]
    found = measured(Chosen(catalogue.named(READ), EMBEDDED, None), seconds)
    assert [len(one.seconds) for one in found.runs] == sizes
    assert found.seconds == seconds
    judgement = judge(found.run_means, baseline(READ, 0.01), 1, Family(2))
    assert (judgement.estimate is None) == (attempts < GATE_RUNS)
