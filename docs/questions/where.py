"""What the time of an operation, and of a backend, is made of."""

from dashboards.queries import select
from docs.question import NO_FLOWS, PROBE, Group, Question
from steadyline.backend import PHASES
from steadyline.vocabulary import OPERATION_BYTES, OPERATION_DURATION, OPERATION_ITEMS, OPERATION_PHASE, RUN_MEAN


def _busy(labels: str, *matchers: str) -> str:
    return f"sum by ({labels}) (rate({select(OPERATION_DURATION, *matchers, suffix='_sum')}[5m]))"


_IN_PHASE = f"(rate({select(OPERATION_PHASE, PROBE, NO_FLOWS, suffix='_sum')}[5m]))"
_CONNECT, _FIRST_BYTE, _ = PHASES
_CONNECTS = f'{PROBE},{NO_FLOWS},phase="{_CONNECT}"'
_WAITS = f'{PROBE},{NO_FLOWS},phase="{_FIRST_BYTE}"'
_OVER_API, _IN_TABLES = 'operation="trace.item_create"', 'operation="sql.item_create"'
_BULKS = 'operation=~"sql[.]bulk_.*"'

QUESTIONS = (
    Question(
        "Connecting, waiting or transferring?",
        f"sum by (backend, phase) {_IN_PHASE}\n  / ignoring (phase) group_left () sum by (backend) {_IN_PHASE}",
        "Shares of the time over HTTP. Mostly `first_byte` is usual: the server works. `transfer` up: the network, or larger "
        "answers. `connect` up: connections are not kept. Backends that do not show phases (SQL) are missing.",
        Group.WHERE,
    ),
    Question(
        "Are connections used again?",
        f"sum by (backend) (rate({select(OPERATION_PHASE, _CONNECTS, suffix='_count')}[5m]))\n"
        f"  / sum by (backend) (rate({select(OPERATION_PHASE, _WAITS, suffix='_count')}[5m]))",
        "New connections per call that waited for an answer. Under 0.1: kept. Towards 1: each call pays for one, and TLS with "
        "it; look at keep-alive and at proxies. A tenth to a half comes of operations that run in parallel.",
        Group.WHERE,
    ),
    Question(
        "Is it the API, or the database below it?",
        f"{select(RUN_MEAN, PROBE, _OVER_API)}\n  / on (target, driver) {select(RUN_MEAN, PROBE, _IN_TABLES)}",
        "The same write over the API and straight into its tables. 2 to 5 is what an API costs. Larger than yesterday: the "
        "API; unchanged while both are slow: the database. Both targets need one alias for `on (target)`; else name each and "
        "match `on (driver)`.",
        Group.WHERE,
    ),
    Question(
        "Which operations take most of the time?",
        f"topk(10, {_busy('operation, driver')})",
        "Seconds of work per second: rate times mean. What is at the top is worth making faster, what is slow but rare is "
        "not.",
        Group.WHERE,
    ),
    Question(
        "How many calls does each backend have in hand at once?",
        f"sort_desc({_busy('backend, driver', NO_FLOWS)})",
        "Little's law: busy seconds per second are the mean concurrency. Near the cap of the target or the size of a pool: "
        "calls wait for each other. Failures are not in it.",
        Group.WHERE,
    ),
    Question(
        "What does an item of a bulk cost?",
        f"sort_desc({_busy('operation', PROBE, _BULKS)}\n"
        f"  / sum by (operation) (rate({select(OPERATION_ITEMS, PROBE, _BULKS)}[5m])))",
        "Seconds per item. It should be far below the mean of the single operation, or the bulk gains nothing. Compare sizes "
        "of one family: a cost per item that grows with the size is worse than linear.",
        Group.WHERE,
    ),
    Question(
        "How many bytes per second does it transfer while it is asked?",
        f"sort_desc(sum by (backend, direction) (rate({select(OPERATION_BYTES, PROBE, NO_FLOWS)}[5m]))\n"
        f"  / ignoring (direction) group_left () {_busy('backend', PROBE, NO_FLOWS)} > 0)",
        "Payload per busy second, not per second of the clock, so that it does not change with the cadence. Near the line's "
        "rate: only a faster line helps. Small objects are bound by round trips and give low numbers: that is no fault.",
        Group.WHERE,
    ),
)
