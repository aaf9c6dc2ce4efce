"""Half an hour of load, pressed together: counts, their way and the page take no more memory at its end than after a third."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from load.names import NAMES_CAP

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "support" / "load_soak.py"
FLAT = 0.02


def soaked(names: str) -> dict[str, Any]:
    """What came of it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, PROGRAM, names]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=500)
    return dict(json.loads(ran.stdout))


def growth(found: dict[str, Any]) -> float:
    """How much more there is at the end than after a third, of allocated blocks or resident memory, whichever grew more."""
    third, end = found["memory"]
    return max(after / before - 1 for before, after in zip(third, end, strict=True))


@pytest.mark.parametrize(("names", "kept"), [("steady", 10), ("unique", NAMES_CAP + 1)])
def test_memory_stays_flat(names, kept):
    """Whether the names are always the same or never: everything is counted, and nothing grows."""
    found = soaked(names)
    assert found["started"] == found["ended"] == found["events"]
    assert found["names"] == kept
    assert growth(found) < FLAT


def test_a_leak_is_seen():
    """One number kept of each request is more than the bound."""
    assert growth(soaked("kept")) > FLAT
