"""Result files of load runs, as a run writes them."""

import json
from pathlib import Path
from typing import Any

READ, CREATE = "trace.item_read", "trace.item_create"
TIMES = {"mean": 0.01, "0.5": 0.009, "0.95": 0.02, "0.99": 0.03}
STEADY_MEANS = (0.0100, 0.0102, 0.0099, 0.0101, 0.0100, 0.0098)


def counted(operation: str = READ, target: str = "embedded", **facts: Any) -> dict[str, Any]:
    """One operation's counts."""
    plain = {
        "operation": operation,
        "backend": "trace",
        "target": target,
        "attempts": 600,
        "successes": 600,
        "failures": {},
        "items": 600,
        "rate_per_second": 5.0,
        "service": TIMES,
        "response": None,
        "edges": [0.01, 0.1],
    }
    return plain | facts


def windows(means: tuple[float, ...] = STEADY_MEANS, operation: str = READ, target: str = "embedded") -> dict[str, Any]:
    """One operation's windows."""
    return {"operation": operation, "backend": "trace", "target": target, "runs": [[mean, 100] for mean in means]}


def document(**facts: Any) -> dict[str, Any]:
    """A run of the profile low that passed."""
    plain = {
        "version": 1,
        "run": "run1",
        "start": 1000.0,
        "steady": 1002.0,
        "end": 1182.0,
        "profile": "low",
        "shape": "constant",
        "users": 10,
        "arrival_rate": None,
        "revision": "abc",
        "operations": [counted()],
        "windows": [windows()],
        "dropped": 0,
        "criteria": [],
        "knee": None,
        "saturated": [],
        "exit_code": 0,
        "reasons": [],
    }
    return plain | facts


def written(path: Path, **facts: Any) -> Path:
    """The file of such a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(**facts)))
    return path
