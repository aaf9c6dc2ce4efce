"""What a run came to, as the JSON file that `steadyline load` reads and baselines are recorded from."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from load.conductor import Conductor
from load.series import NANOSECONDS, Cells, Series
from load.verdict import Verdict
from steadyline import provenance
from steadyline.histogram import quantile

VERSION = 1
QUANTILES = {"0.5": 0.5, "0.95": 0.95, "0.99": 0.99}


def of(conductor: Conductor, verdict: Verdict | None, knee: str | None) -> Mapping[str, Any]:
    """The document; durations in seconds, moments in Unix time."""
    plan = conductor.plan
    assert plan is not None  # a run was begun
    end = conductor.ended_at or plan.start
    series = sorted(conductor.merged.series.values(), key=lambda one: one.key)
    return {
        "version": VERSION,
        "run": plan.run,
        "start": plan.start,
        "steady": conductor.steady_at,
        "end": end,
        "profile": plan.profile,
        "shape": plan.shape,
        "users": plan.users,
        "arrival_rate": plan.arrival_rate,
        "revision": plan.revision,
        "host": provenance.host(),
        "versions": _versions({one.key.backend for one in series}),
        "operations": [_operation(one, max(end - plan.start, 1e-9)) for one in series],
        "windows": [
            {**one._asdict(), "runs": [[window.mean_seconds, window.samples] for window in windows]}
            for one, windows in sorted(conductor.windows.by_key.items())
        ],
        "course": conductor.course.points(),
        "dropped": conductor.dropped,
        "criteria": conductor.judge.shown(),
        "knee": knee,
        "saturated": sorted(conductor.saturated),
        "exit_code": None if verdict is None else int(verdict.code),
        "reasons": [] if verdict is None else list(verdict.reasons),
    }


def _versions(backends: Iterable[str]) -> dict[str, str]:
    """Of what drove the load, and of the clients of all backends that were asked."""
    return {name: version for one in ("", *sorted(backends)) for name, version in provenance.versions(one, "locust").items()}


def _operation(series: Series, seconds: float) -> dict[str, Any]:
    return {
        **series.key._asdict(),
        "attempts": series.successes + series.failed,
        "successes": series.successes,
        "failures": dict(sorted(series.failures.items())),
        "items": series.items,
        "rate_per_second": (series.successes + series.failed) / seconds,
        "service": _times(series.duration, series.edges),
        "response": _times(series.response, series.edges),
        "edges": list(series.edges),
        "histogram": list(series.duration.counts),
    }


def _times(cells: Cells, edges: Sequence[float]) -> dict[str, float] | None:
    if not cells.count:
        return None
    times = {name: quantile(level, edges, cells.counts) or 0.0 for name, level in QUANTILES.items()}
    return {"mean": cells.total_ns / cells.count / NANOSECONDS, **times}


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file as a whole, so that nobody reads half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
