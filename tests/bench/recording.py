"""What recording one outcome costs, beside prometheus_client's `labels(...).observe()` alone."""

from collections.abc import Iterator

from paired import Figure, paired
from prometheus_client import Histogram

from steadyline.edges import own_edges, with_ladder
from steadyline.operation import Operation
from steadyline.outcome import Outcome
from steadyline.recorder import Recorder
from steadyline.vocabulary import OPERATION_LABELS, Driver

CALLS = 20_000
PAIRS = 41
ASKED = 1.0


def figures() -> Iterator[Figure]:
    """One line: label lookup, histogram, items and bytes against label lookup and histogram."""
    recorder = Recorder(Driver.PROBE)
    operation = Operation(name="sql.item_create", tells="x", body=lambda _client, _prepared: None)
    own = own_edges(0.05, 0.1, [20])
    recorder.declare(operation, "embedded", own)
    outcome = Outcome(0.0517, None, 1, 120, 340)
    theirs = Histogram("theirs", "The same edges.", OPERATION_LABELS, buckets=with_ladder(own), registry=None)

    def ours() -> None:
        for _ in range(CALLS):
            recorder.record("sql.item_create", "embedded", outcome)

    def observe() -> None:
        for _ in range(CALLS):
            theirs.labels("sql.item_create", "sql", "embedded", "probe").observe(0.0517)

    ratio = paired(ours, observe, pairs=PAIRS)
    yield Figure(
        "recording one outcome (label lookup, histogram, items, bytes) / prometheus_client's labels().observe()",
        f"<= {ASKED:g}x",
        f"{ratio.a_over_b:.2f}x ({ratio.a_seconds / CALLS * 1e6:.2f} us / {ratio.b_seconds / CALLS * 1e6:.2f} us)",
        ratio.a_over_b <= ASKED,
    )
