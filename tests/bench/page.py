"""What /metrics with 10 000 series costs, beside prometheus_client's `generate_latest` over the same series."""

import gc
import itertools
from collections.abc import Iterator

from paired import Figure, paired
from prometheus_client import CollectorRegistry, generate_latest

from steadyline.edges import own_edges
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.recorder import Recorder
from steadyline.vocabulary import Driver

SERIES = 10_000
PAIRS = 31
ASKED = 10.0


def filled() -> tuple[Recorder, list[Operation]]:
    """A recorder with at least 10 000 series."""
    recorder = Recorder(Driver.PROBE)
    operations: list[Operation] = []
    while recorder.render().count(b"\n") < SERIES:
        for _ in range(20):
            name = f"sql.operation_{len(operations)}"
            operations.append(Operation(name=name, tells="x", body=lambda _client, _prepared: None))
            recorder.declare(operations[-1], "embedded", own_edges(0.05, 0.1, [20]))
    return recorder, operations


def figures() -> Iterator[Figure]:
    """Two lines: the ratio, and that the bytes are the same; every value changes between renders."""
    recorder, operations = filled()
    registry = CollectorRegistry()
    registry.register(recorder)
    rounds = itertools.count(1)

    def change() -> None:
        """Change every value on the page: all buckets, all reasons, the streak."""
        streak = next(rounds) % 5
        for operation in operations:
            recorder.record(operation.name, "embedded", Outcome(0.00005, None, 1, 10, 20))
            for reason in Reason:
                recorder.record(operation.name, "embedded", Outcome(0.0, reason))
            for _ in range(streak):
                recorder.record(operation.name, "embedded", Outcome(0.0, Reason.OTHER))

    change()
    series = sum(not line.startswith(b"#") for line in recorder.render().splitlines())
    gc.collect()
    ratio = paired(lambda: generate_latest(registry), recorder.render, pairs=PAIRS, change=change)
    same = recorder.render() == generate_latest(registry)
    yield Figure(
        f"prometheus_client's generate_latest / our page, {series} series, changed between renders",
        f">= {ASKED:g}x",
        f"{ratio.a_over_b:.1f}x ({ratio.a_seconds * 1e3:.1f} ms / {ratio.b_seconds * 1e3:.2f} ms)",
        ratio.a_over_b >= ASKED,
    )
    yield Figure("the two pages, byte for byte", "the same", "the same" if same else "different", same)
