"""Result files of runs, as a run writes them."""

import json
import math
from typing import Any

from runner.choice import Chosen
from runner.measured import Measured, Run
from runner.memory import Memory
from steadyline.baseline import Baseline, Quantity
from steadyline.cli import run_rows
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.target import Target

STEADY = (0.100, 0.101, 0.099, 0.1, 0.102)
RUN = {
    "id": "run1",
    "started": "2026-11-20T10:00:00+00:00",
    "ended": "2026-11-20T10:02:05+00:00",
    "host": "A processor, 4 cores, 8 GiB",
    "revision": "abc123",
    "rounds": 5,
    "seed": 7,
    "targets": "this run's own",
    "interrupted": False,
}
"""As runs of old were told of."""
MADE = {**RUN, "driver": "bench", "versions": {"python": "3.11.7"}, "command": "steadyline run --rounds 5 --seed 7"}


def row(
    name: str = "sql.x",
    factor: float = 1.0,
    *,
    alias: str = "main",
    means: tuple[float, ...] = STEADY,
    baseline: float | None = 0.1,
    failures: int = 0,
    detail: str = "no answer",
    budget: float = 20.0,
) -> dict[str, Any]:
    """One operation, judged as a run judges it: `factor` times as slow as its baseline."""
    operation = Operation(name=name, tells="x", body=lambda *_: None, budget_seconds=budget)
    found = Measured(Chosen(operation, alias, Target.model_validate({"backend": "sql", "url": "sqlite:////nowhere"})))
    found.runs = [Run((mean * factor,) * 20, Memory(90_000_000)) for mean in means]
    found.slowest_seconds = max((mean * factor for mean in means), default=0.0)
    for _ in range(failures):
        found.note(Outcome(0.1, Reason.TIMEOUT, detail=detail))
    held = Baseline(name, "bench", Quantity.DURATION, baseline, 0.1, 0.03, "a source") if baseline else None
    return run_rows.plain_row(run_rows.row(found, held))


GROWTH = {
    "family": "sql.scale_made_up",
    "target": "main",
    "exponent": math.log(8) / math.log(10),
    "points": [[100, 0.001], [1000, 0.008], [10000, 0.064]],
    "means": "grows as the work does",
}


def document(*rows: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A run's results."""
    plain = {
        "format": 1,
        "run": MADE,
        "exit_code": 0,
        "operations": list(rows),
        "growth": [],
        "left_out": [],
        "unreachable": [],
    }
    return plain | facts


def text(*rows: dict[str, Any], **facts: Any) -> str:
    """The file's text."""
    return json.dumps(document(*rows, **facts))
