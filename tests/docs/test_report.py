"""What the guide to the report tells a CI to run works as it is written there."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import run_results
import yaml
from command_line import STEADYLINE

GUIDE = Path(__file__).parents[2] / "docs" / "report.md"
SECONDS = 120


def steps() -> list[str]:
    """The commands of its steps, in order."""
    section = GUIDE.read_text(encoding="utf-8").partition("## In CI")[2]
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert found
    return [step["run"] for step in yaml.safe_load(found[1]) if "run" in step]


def ran(folder: Path, step: str) -> int:
    """Run as a CI's shell runs it: it ends at the first command that fails; the exit code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEADYLINE_")}
    environment |= {"PATH": f"{STEADYLINE.parent}{os.pathsep}{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": "summary.md"}
    return subprocess.run(["bash", "-e", "-c", step], cwd=folder, env=environment, check=False, timeout=SECONDS).returncode


def test_nothing_to_compare_with_fails_its_own_step_alone(tmp_path: Path) -> None:
    """In an empty folder comparing ends with 3 and leaves no file; the report's step is not one more failure."""
    compare, report = steps()
    assert ran(tmp_path, compare) == 3
    assert ran(tmp_path, report) == 0
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(("code", "unreachable"), [(1, []), (4, ["s3: refused"])])
def test_what_was_measured_is_reported(tmp_path: Path, code: int, unreachable: list[str]) -> None:
    """However it ended: as the page, and as the summary, which begins with the verdict."""
    rows = run_results.row(factor=1.6)
    (tmp_path / "results.json").write_text(run_results.text(rows, exit_code=code, unreachable=unreachable))
    assert ran(tmp_path, steps()[1]) == 0
    assert "1 got slower" in (tmp_path / "report.html").read_text()
    assert (tmp_path / "summary.md").read_text().startswith("### Steadyline: 1 got slower")
