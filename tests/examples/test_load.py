"""The example of a load of one's own, as its README has it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from trace_target import trace_api

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "load"
ITEM = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def locust(tmp_path, free_port):
    """`locust(*options)` runs the example where a user would have it, against a Trace API that holds one item."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns(".steadyline", "__pycache__"))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("STEADYLINE_", "LOCUST_"))}
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}") as url:
        with httpx.Client(base_url=url, trust_env=False) as user:
            user.post("/api/v1/projects", json={"id": "p", "name": "mine"}).raise_for_status()
            item = {"id": ITEM, "project_id": "p", "title": "mine", "status": "todo"}
            user.post("/api/v1/items", json=item).raise_for_status()

        def run(*options):
            common = (
                "--headless",
                "--host",
                url,
                "--metrics-port",
                str(free_port()),
                "--result",
                str(tmp_path / "result.json"),
            )
            return subprocess.run(
                [sys.executable, "-m", "locust", *common, *options],
                cwd=folder,
                env={**inherited, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

        yield run


def test_iterations(locust, tmp_path):
    """So many iterations and no more, counted under a name of one's own and under a route; the load passes."""
    ended = locust("--users", "3", "--iterations", "30")
    assert ended.returncode == 0, ended.stderr
    text = (tmp_path / "result.json").read_text()
    assert json.loads(text)
    assert '"GET search"' in text
    assert '"GET /api/v1/items/{id}"' in text


def test_criterion_that_is_broken(locust):
    """A criterion over a name of one's own decides the exit code."""
    ended = locust("--users", "2", "--run-time", "6s", "--expect", "GET search p95 < 0.01ms")
    assert ended.returncode == 1, ended.stderr
    assert "GET search" in ended.stderr


def test_open_model(locust):
    """Its users take part in an open model."""
    ended = locust("--users", "10", "--spawn-rate", "10", "--run-time", "8s", "--arrival-rate", "20")
    assert ended.returncode == 0, ended.stderr
