"""Two recorded baselines, files that hold some, and what a refusal said."""

import json
import platform
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from typer.testing import Result

from steadyline import catalogue, provenance
from steadyline.baseline import Baseline, Quantity, Recorded
from steadyline.baseline_format import text_of
from steadyline.errors import SteadylineError
from steadyline.operation_version import version_of

FACTS = Recorded(
    at="2026-01-01T00:00:00+00:00",
    host=provenance.host(),
    revision="abc",
    runs=10,
    samples=100,
    cadence_seconds=None,
    quantiles={"0.5": 0.002},
    edges=(0.001, 0.002, 0.005),
    versions={"python": "3"},
    operation_version=version_of(catalogue.operations()["sql.item_read"]),
    histogram=(0, 80, 20, 0),
    load_running=False,
)
READ = Baseline(
    operation="sql.item_read",
    driver="bench",
    quantity=Quantity.DURATION,
    value=0.002,
    tolerance=0.15,
    spread=0.0,
    source="recorded 2026-01-01T00:00:00+00:00 over 10 rounds",
    target="embedded",
    recorded=FACTS,
)
CREATE = replace(READ, operation="sql.item_create", value=0.004, spread=0.1, recorded=replace(FACTS, operation_version=None))
Steadyline = Callable[..., Result]


def written(path: Path, *baselines: Baseline) -> Path:
    """A file of these."""
    path.write_text(text_of(baselines), encoding="utf-8")
    return path


def refused(done: Result, kind: type[SteadylineError]) -> list[str]:
    """What the command said instead of doing it."""
    assert isinstance(done.exception, kind), done.output
    return done.exception.faults


def benched(path: Path, mean: float, **facts: Any) -> str:
    """A file of pytest-benchmark, as its version 5 writes them."""
    one = {"name": "test_item_read", "fullname": "t.py::test_item_read", "group": "sql", "params": None,
           "extra_info": {"operation": "sql.item_read", "target": "embedded"}, "options": {},
           "stats": {"mean": mean, "rounds": 20, "stddev": 0.0, "data": [mean] * 20}} | facts  # fmt: skip
    machine = {
        "node": platform.node(),
        "machine": "x86_64",
        "system": "Linux",
        "release": "6",
        "cpu": {"brand_raw": "Z80", "count": 2},
    }
    document = {"machine_info": machine, "commit_info": {"id": "0123456789abcdef", "dirty": True},
                "benchmarks": [one], "datetime": "2026-03-01T00:00:00+00:00", "version": "5.0"}  # fmt: skip
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


MEANS = (0.0020, 0.0021, 0.0019, 0.0022, 0.0018)
