"""`steadyline status` as it is run, over a real Prometheus and no native stack."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.stack


def status(prometheus: str, folder: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """The command to its end."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("STEADYLINE_", "COLUMNS"))}
    env = ours | {"STEADYLINE_PROMETHEUS_URL": prometheus, "STEADYLINE_STATE_DIR": str(folder)} | more
    command = [Path(sys.executable).with_name("steadyline"), "status", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_what_it_tells(held_prometheus: str, tmp_path: Path) -> None:
    """Scrapes, rules, verdicts, what each operation is held to and can show, what to do, and the alerts."""
    found = status(held_prometheus, tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    for told in (
        f"Stack    none of this folder runs; the Prometheus at {held_prometheus} is asked",
        "steadyline-exporter 127.0.0.1:9464 up",
        "2 loaded, 0 broken",
        "50 ms ±10% sourced",
        "from 0.71x now",
        "only what breaks the budget",
        "sql.item_count_made_up: judged by their budget alone; `steadyline baseline record`",
        "trace.item_create on embedded: 81 ms is 1.62x",
    ):
        assert told in found.stdout
    assert found.stderr == ""


def test_for_programs(held_prometheus: str, tmp_path: Path) -> None:
    """One JSON object with the same facts."""
    found = json.loads(status(held_prometheus, tmp_path, "--json").stdout)
    assert [(row["operation"], row["held"], row["verdict"]) for row in found["operations"]] == [
        ("trace.item_create", "sourced", "CRITICAL"),
        ("sql.item_count_made_up", "budget only", None),
    ]
    assert found["alerts"][0]["severity"] == "critical"
    assert found["rules"] == {"loaded": 2, "broken": {}}
    assert found["problems"] == []


def test_a_broken_part(start_prometheus: Callable[..., str], tmp_path: Path) -> None:
    """A Prometheus without our rules judges nothing: exit code 1, and what to do."""
    found = status(start_prometheus(), tmp_path)
    assert found.returncode == 1
    assert "! Prometheus has loaded no rules: steadyline rules generate" in found.stdout


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["text", "json"])
def test_own_operations_that_are_gone(
    held_prometheus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """What runs is shown all the same, the message beside it, with its exit code."""
    monkeypatch.chdir(tmp_path)
    found = status(held_prometheus, tmp_path, *arguments, STEADYLINE_OPERATIONS="gone.py")
    assert found.returncode == 2
    assert "steadyline-exporter 127.0.0.1:9464" in found.stdout
    assert "gone.py: no such file; the setting operations names it" in found.stdout
    assert found.stderr == ""


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["text", "json"])
def test_nothing_runs(free_port: Callable[[], int], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 3, and how to start it."""
    found = status(f"http://127.0.0.1:{free_port()}", tmp_path, *arguments)
    assert found.returncode == 3
    assert "steadyline up" in found.stdout
    assert found.stderr == ""
