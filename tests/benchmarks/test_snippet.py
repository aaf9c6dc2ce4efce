"""The CI snippet as it stands in the quick reference: the first run makes the baseline, the next ones judge."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.utils import get_machine_id

ROOT = Path(__file__).parents[2]
SNIPPET = "pytest tests/performance/ --benchmark-only --benchmark-compare=baseline --benchmark-compare-fail=mean:10% -v"
FEW = ("-k", "test_item_lookup_by_id_indexed or test_item_create")
SINGLE = "tests/performance/test_database_performance.py::test_item_lookup_by_id_indexed"
HIDDEN = ("PYTEST_", "STEADYLINE_", "COV_")
"""The environment of the run that is under way, and targets of the developer's own."""


@pytest.fixture
def run(tmp_path):
    """`run(command, *more)` is that command with little to do, in a state folder and a storage of its own."""

    def start(command, *more, **environment):
        pytest_program, *arguments = shlex.split(command)
        short = ("--benchmark-max-time=0.01", f"--benchmark-storage={tmp_path / 'stored'}", "-p", "no:cacheprovider")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
        return subprocess.run(
            [Path(sys.executable).with_name(pytest_program), *arguments, *more, *short],
            cwd=ROOT,
            env={**kept, "STEADYLINE_STATE_DIR": str(tmp_path / "state"), **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return start


def stored(tmp_path):
    """The files of stored runs, in their order."""
    return sorted((tmp_path / "stored").glob("*/*.json"))


def scale(source, factor, to=None, **more):
    """Write a stored run as if all had taken so many times as long."""
    run = json.loads(source.read_text()) | more
    for benchmark in run["benchmarks"]:
        benchmark["stats"] = {name: value * factor if name == "mean" else value for name, value in benchmark["stats"].items()}
    (to or source).write_text(json.dumps(run))


def test_makes_the_baseline_and_judges(run, tmp_path):
    """Run as it is: first nothing is stored and it becomes the baseline, then it is held to it."""
    first = run(SNIPPET, *FEW)
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.count("no baseline was stored") == 2
    assert "2 passed" in first.stdout
    assert re.search(r"the next is compared with it; \d+ deselected tests are not in it", first.stdout)
    (baseline,) = stored(tmp_path)
    assert baseline.name == "0001_baseline.json"
    assert [one["extra_info"]["operation"] for one in json.loads(baseline.read_text())["benchmarks"]] == [
        "sql.item_create",
        "sql.item_read",
    ]

    scale(baseline, 1000)
    faster = run(SNIPPET, *FEW)
    assert faster.returncode == 0, faster.stdout + faster.stderr
    assert "0001_baselin" in faster.stdout
    assert "NOW" in faster.stdout
    assert stored(tmp_path) == [baseline]

    scale(baseline, 1e-6)
    slower = run(SNIPPET, *FEW)
    assert slower.returncode == pytest.ExitCode.TESTS_FAILED
    assert "Performance has regressed" in slower.stderr
    assert "2 have regressed: the run has failed" in slower.stdout
    assert "Traceback" not in slower.stdout + slower.stderr


def test_newest_of_the_name(run, tmp_path):
    """It is held to the last run of exactly that name; what that does not hold is told; another machine is told."""
    assert run(SNIPPET.replace("compare=", "save=").replace("--benchmark-compare-fail=mean:10%", ""), *FEW).returncode == 0
    (first,) = stored(tmp_path)
    assert first.name == "0001_baseline.json"
    scale(first, 1e-6)
    scale(first, 1e-6, first.with_name("0002_other.json"))
    newest = json.loads(first.read_text())["benchmarks"][1:]
    scale(first, 1e12, first.with_name("0003_baseline.json"), benchmarks=newest, machine_info={"host": "another CPU"})
    scale(first, 1e-6, first.with_name("0004_baseline_of_old.json"))
    done = run(SNIPPET, *FEW)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0003_baseline.json" in done.stdout
    assert "1 are not in it and are not judged" in done.stdout
    assert "measured on another machine: host another CPU, here " in done.stdout


def test_failure_is_no_baseline(run, tmp_path, free_port):
    """A target that is down, or forbids it, fails its test; what is left is not stored as if it were all."""
    few = "test_item_lookup_by_id_indexed or trace.item_browse or trace.item_create"
    failing = run(SNIPPET, "-k", few, STEADYLINE_TRACE_URL=f"http://127.0.0.1:{free_port()}")
    assert failing.returncode == pytest.ExitCode.TESTS_FAILED
    assert "2 failed, 1 passed" in failing.stdout
    assert "trace.item_browse: " in failing.stdout
    assert "is read-only; set allow_writes" in failing.stdout
    assert "skipped" not in failing.stdout
    assert "not all of this run passed, so it is not stored as baseline" in failing.stdout
    assert stored(tmp_path) == []


def test_single_by_name(run, tmp_path):
    """One test by its name, as the seed names it."""
    done = run(f"pytest {SINGLE} -v")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SINGLE} PASSED" in done.stdout
    assert "benchmark 'sql': 1 tests" in done.stdout
    assert stored(tmp_path) == []


def test_broken_baseline(run, tmp_path):
    """A baseline that is broken off is one message that names it, before anything is measured."""
    folder = tmp_path / "stored" / get_machine_id()
    folder.mkdir(parents=True)
    (folder / "0001_baseline.json").write_text('{"benchmarks": [')
    done = run(SNIPPET, *FEW)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "0001_baseline.json: not a stored run; delete it" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_no_place_to_store(run, tmp_path):
    """Where the run could not be stored, that is one message before anything is measured."""
    (tmp_path / "stored").touch()
    done = run(SNIPPET, *FEW)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{tmp_path / 'stored'}: no folder that runs can be stored in" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_nothing_to_measure(run, tmp_path):
    """Where no test is chosen, nothing is stored, and pytest says what it always says."""
    done = run(SNIPPET, "-k", "no_such_test")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert stored(tmp_path) == []


def test_in_the_quick_reference():
    """What is tested here is what the reader is told."""
    told = " ".join((ROOT / "tests" / "performance" / "README.md").read_text().replace("\\\n", " ").split())
    assert SNIPPET in told
