"""Two operations made by hand, one of each quantity and cadence, and what promtool says of rules made from them."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alerts.rule_tests.suite import unit_tests
from alerts.rules.generate import RULE_TESTS, RULES, SLOW_RULE_TESTS, as_yaml
from alerts.rules.groups import rule_groups
from alerts.rules.tools import _GARBAGE_PERCENT
from steadyline.baseline import Baseline, Quantity
from steadyline.operation import Operation
from steadyline.settings import Settings

Promtool = Callable[..., "subprocess.CompletedProcess[str]"]


def _operation(name: str, **facts: Any) -> Operation:
    return Operation(name, "what a test asks for", lambda _client, _prepared: None, **facts)


@pytest.fixture
def operations() -> dict[str, Operation]:
    """Three scheduled operations, one of them without a baseline, and one that is never probed."""
    found = (
        _operation("sql.made_create"),
        _operation("sql.made_bulk", items=100, probe_every_seconds=10.0, budget_seconds=30.0),
        _operation("trace.made_join"),
        _operation("trace.made_huge", probe_every_seconds=None),
    )
    return {one.name: one for one in found}


@pytest.fixture
def baselines() -> tuple[Baseline, ...]:
    """A duration and a throughput."""
    return (
        Baseline("sql.made_create", "probe", Quantity.DURATION, 0.05, 0.10, 0.05, "made for tests"),
        Baseline("sql.made_bulk", "probe", Quantity.THROUGHPUT, 200, 0.20, 0.05, "made for tests", tolerance_is_default=True),
        Baseline("sql.made_create", "bench", Quantity.DURATION, 0.01, 0.10, 0.05, "another driver's"),
    )


@pytest.fixture
def write_rules(tmp_path: Path) -> Callable[..., Path]:
    """`write_rules(operations, baselines)` writes the rules and their tests into a folder and answers it."""

    def write(operations: dict[str, Operation], baselines: tuple[Baseline, ...], settings: Settings | None = None) -> Path:
        chosen = settings or Settings()
        fast, slow = unit_tests(operations, baselines, chosen, RULES)
        (tmp_path / RULES).write_text(as_yaml(rule_groups(operations, baselines, chosen)))
        (tmp_path / RULE_TESTS).write_text(as_yaml(fast))
        (tmp_path / SLOW_RULE_TESTS).write_text(as_yaml(slow))
        return tmp_path

    return write


@pytest.fixture
def promtool() -> Promtool:
    """`promtool("check", "rules", path)` runs it, as `steadyline rules` does."""
    environment = {"GOGC": _GARBAGE_PERCENT, **os.environ}

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = ["promtool", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200, env=environment)

    return run
