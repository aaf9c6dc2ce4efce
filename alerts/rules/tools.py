"""promtool and amtool: check rules and configuration, and run the rules' tests, with their words passed on."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

from steadyline.errors import ConfigurationError

_PACKAGES = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}
_GARBAGE_PERCENT = "400"
"""promtool's rule tests spend a third of their time in Go's garbage collector at its default of 100."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a tool said: whether it was content, and its words."""

    ok: bool
    said: str


def find(tool: str) -> str:
    """The tool's path.

    Raises:
        ConfigurationError: it is not on PATH.
    """
    path = shutil.which(tool)
    if path is None:
        package = _PACKAGES[tool]
        raise ConfigurationError(f"{tool}: not on PATH; it comes with {package} (Debian, Ubuntu: apt install {package})")
    return path


def check_rules(rules: Path) -> Checked:
    """Whether Prometheus would load the rules."""
    return _run([find("promtool"), "check", "rules", str(rules)])


def check_alertmanager(configuration: Path) -> Checked:
    """Whether Alertmanager would load the configuration."""
    return _run([find("amtool"), "check-config", str(configuration)])


def run_rule_tests(tests: Path) -> Checked:
    """Run one test file; it names the rules it tests."""
    return _run([find("promtool"), "test", "rules", str(tests)])


def count_cases(tests: Path) -> int:
    """How many cases a test file holds: each target of an operation is one, in every test."""
    document = yaml.safe_load(tests.read_text(encoding="utf-8"))
    names = (
        {one["series"].partition("{")[2].partition(",driver")[0] for one in test["input_series"]} for test in document["tests"]
    )
    return sum(len(each) for each in names)


def _run(command: list[str]) -> Checked:
    environment = {"GOGC": _GARBAGE_PERCENT, **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    return Checked(done.returncode == 0, (done.stdout + done.stderr).strip())
