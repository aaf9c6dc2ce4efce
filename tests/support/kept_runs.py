"""Runs as the history keeps them."""

import math
import random
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from alerts.history.kept import KeptResult, KeptRun, Kind

DAY = 86400.0
BEGUN = 1_790_000_000.0
HOST = "A processor, 4 cores, 8 GiB"


def result(operation: str = "sql.x", *means: float, target: str = "main", version: str | None = "ab12cd34") -> KeptResult:
    """One operation's; five equal rounds of a tenth of a second where nothing else is said."""
    return KeptResult(operation, target, 25, means or (0.1,) * 5, version, p50=0.1, p95=0.2)


def run(*results: KeptResult, day: float = 0.0, revision: str = "0123456789ab", **facts: Any) -> KeptRun:
    """One of the suite runner's, so many days after the first."""
    started = BEGUN + day * DAY
    return KeptRun(
        **{
            "id": str(uuid.uuid4()),
            "kind": Kind.RUN,
            "driver": "bench",
            "started": started,
            "ended": started + 60,
            "host": HOST,
            "revision": revision,
            "results": results or (result(),),
            "versions": {"python": "3.11.7"},
            "seed": 7,
            **facts,
        }
    )


def daily(levels: Iterable[float], noise: float, seed: int = 1, **facts: Any) -> Sequence[KeptRun]:
    """One run a day, each at a revision of its own (`rev0000`, `rev0001`, …), with the run's mean about its level."""
    dice = random.Random(seed)
    return [
        run(result("sql.x", level * math.exp(dice.gauss(0, noise))), day=number, revision=f"rev{number:04}", **facts)
        for number, level in enumerate(levels)
    ]
