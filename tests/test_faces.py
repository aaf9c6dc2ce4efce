"""The seed's own commands are thin faces: what they give to steadyline, and that they do."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SUITE = TESTS / "run_performance_tests.py"
BASELINES = TESTS / "performance" / "run_performance_tests.py"


def loaded(path):
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(f"face_{path.parent.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], (["run", "--all"], False)),
        (["--fast"], (["run", "--fast"], False)),
        (["--stress"], (["run", "--stress"], False)),
        (["--scalability"], (["run", "--scalability"], False)),
        (["--verbose"], (["run", "--all", "--verbose"], False)),
        (["--coverage"], (["run", "--all"], True)),
        (["--fast", "--stress", "--rounds", "7"], (["run", "--fast", "--stress", "--rounds", "7"], False)),
    ],
)
def test_suite(given, expected):
    """Every flag of the seed becomes one of `steadyline run`; what it does not know is passed on."""
    assert loaded(SUITE).arguments(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--baseline"], ["baseline", "record", "--rounds", "5"]),
        (["--compare"], ["compare"]),
        (["--report"], ["report"]),
        (["--compare", "--fail-on", "critical"], ["compare", "--fail-on", "critical"]),
    ],
)
def test_baselines(given, expected):
    """Likewise of the commands for baselines."""
    assert loaded(BASELINES).arguments(given) == expected


@pytest.mark.parametrize("given", [[], ["--baseline", "--compare"]])
def test_one_of_them(given, capsys):
    """Exactly one command is asked for; argparse says which there are."""
    with pytest.raises(SystemExit) as ended:
        loaded(BASELINES).arguments(given)
    assert ended.value.code == 2
    assert "--baseline" in capsys.readouterr().err


def run(script, *arguments, folder):
    """A script as a user runs it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STEADYLINE_")}
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=240, check=False)


def test_as_a_user_runs_them(tmp_path):
    """They measure, record, compare and report, with the exit codes of steadyline."""
    one = ("--operation", "sql.item_read")
    done = run(SUITE, "--fast", "--coverage", *one, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "sql.item_read" in done.stdout
    assert "TOTAL" in done.stdout
    done = run(BASELINES, "--baseline", *one, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    path = tmp_path / ".steadyline/baselines.json"
    document = json.loads(path.read_text())
    document["baselines"][0]["value"] /= 100
    path.write_text(json.dumps(document))
    done = run(BASELINES, "--compare", folder=tmp_path)
    assert (done.returncode, "CRITICAL" in done.stdout) == (1, True), done.stderr
    done = run(BASELINES, "--report", folder=tmp_path)
    assert (done.returncode, "CRITICAL" in done.stdout) == (0, True)
