"""A against B for real: two embedded targets, one of them 10 % slower or neither, as `compare --ab` measures them.

The step is in the client's body, so that it is exact however fast the machine is meanwhile. At most 20 rounds are made.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from paired import Figure
from subject import Found, Tell, percent, table

from alerts.judgement.gate import Family
from deploy.native.own_targets import own_folder, serving
from exporters.connection import Connection, check, close_all, connect
from runner.effort import Effort
from runner.pairs import SIDES, B, PairSession
from steadyline import catalogue, settings
from steadyline.cli import ab_rows
from steadyline.cli.compare_ab import SECONDS_IN_ALL, TOLERANCE, seconds_each
from steadyline.operation import Operation
from steadyline.severity import Severity, Verdict

OPERATIONS = ("sql.item_create", "sql.item_read", "trace.item_read")
COMPARISONS = 20
STEP = 0.10
MOST_ROUNDS = 20
RIGHT = 0.9
CLOSE_SECONDS = 30.0
SURELY_SLOWER = (Verdict.INFO, Verdict.WARNING, Verdict.CRITICAL)
FAMILY = Family(len(OPERATIONS))


@contextmanager
def connected(backends: tuple[str, ...]) -> Iterator[Mapping[tuple[str, str], Connection]]:
    """Both sides' targets, each with its own data."""
    own = settings.load(os.environ)
    with ExitStack() as until_end:
        folder = until_end.enter_context(own_folder(own))
        found = {}
        for side in SIDES:
            (folder / side).mkdir()
            reached = until_end.enter_context(serving(own, backends, folder / side))
            for backend in backends:
                opened = connect(catalogue.backend(backend), side, reached.embedded_target(backend))
                until_end.callback(close_all, [opened], 0.0, CLOSE_SECONDS)
                check(opened)
                found[side, backend] = opened
        yield found


def slower(operation: Operation, step: float, clients: list[Any]) -> Operation:
    """The operation that takes a step longer where one of these clients asks."""

    def body(client: Any, prepared: Any) -> Any:
        start = time.perf_counter()
        result = operation.body(client, prepared)
        if any(client is one for one in clients):
            until = start + (time.perf_counter() - start) * (1 + step)
            while time.perf_counter() < until:
                pass
        return result

    return replace(operation, body=body)


def compared(connections: Mapping[tuple[str, str], Connection], step: float, seed: int) -> dict[str, Verdict | None]:
    """One comparison's verdicts."""
    clients = [connection.client for (side, _), connection in connections.items() if side == B]
    operations = [slower(catalogue.named(name), step, clients) for name in OPERATIONS]
    effort = Effort(seconds_each=seconds_each(len(operations)), seconds_more=SECONDS_IN_ALL)
    session = PairSession(connections, operations, effort, random.Random(seed), most_rounds=MOST_ROUNDS)
    session.run()
    session.settle(ab_rows.settled_at(TOLERANCE, FAMILY))
    rows = [ab_rows.row(pair, TOLERANCE, FAMILY) for pair in session.pairs]
    return {row.operation: row.verdict for row in rows}


def found(tell: Tell) -> Found:
    """How often the step is found, and how often the same two are told apart."""
    verdicts: dict[float, dict[str, Counter[Verdict | None]]] = {
        step: {name: Counter() for name in OPERATIONS} for step in (STEP, 0.0)
    }
    backends = tuple(dict.fromkeys(catalogue.named(name).backend for name in OPERATIONS))
    with connected(backends) as connections:
        for number in range(COMPARISONS):
            for step, by_name in verdicts.items():
                for name, verdict in compared(connections, step, number).items():
                    by_name[name][verdict] += 1
            tell(number + 1, COMPARISONS)
    of_all = {step: sum(by_name.values(), Counter()) for step, by_name in verdicts.items()}
    return Found(_figures(of_all), [_table(verdicts)])


def _figures(of_all: Mapping[float, Counter[Verdict | None]]) -> list[Figure]:
    seen = sum(of_all[STEP][one] for one in SURELY_SLOWER) / of_all[STEP].total()
    alarms = sum(of_all[0.0][one] for one in (Verdict.WARNING, Verdict.CRITICAL)) / of_all[0.0].total()
    return [
        Figure(
            f"+{STEP:.0%} in A/B within {MOST_ROUNDS} rounds: surely slower",
            f">= {percent(RIGHT)}",
            percent(seen),
            seen >= RIGHT,
        ),
        Figure(f"the same twice in A/B: {Severity.WARNING} or worse", "0 %", percent(alarms), alarms == 0),
    ]


def _table(verdicts: Mapping[float, Mapping[str, Counter[Verdict | None]]]) -> str:
    load = f"load {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores over the last quarter of an hour"
    says = f"{COMPARISONS} comparisons each of A with B; {load}:"
    names = [verdict for verdict in Verdict if any(counts[verdict] for by in verdicts.values() for counts in by.values())]
    rows = [
        [f"+{step:.0%}", name, *(str(counts[verdict]) for verdict in names)]
        for step, by_name in verdicts.items()
        for name, counts in by_name.items()
    ]
    return table(says, ["step", "operation", *names], rows)
