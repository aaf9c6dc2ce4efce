"""One comparison of A with B from end to end: targets served or reached, rounds made, more for what is not settled, all gone.

The first Ctrl-C or SIGTERM ends it; what was measured stands, and cleaning up is not interrupted.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.native.interruption import Interruption, interruptible
from deploy.native.own_targets import own_folder
from exporters.connection import Connection, check, close_all, connect
from runner.effort import Effort
from runner.pairs import Pair, PairSession
from steadyline import catalogue
from steadyline.cli.ab_sides import Side
from steadyline.cli.ab_targets import at_url, of_revision
from steadyline.cli.measuring import CLOSE_SECONDS
from steadyline.cli.run_screen import Screen
from steadyline.errors import UnreachableError
from steadyline.operation import Operation
from steadyline.settings import Settings
from steadyline.target import Target


@dataclass(frozen=True, slots=True)
class PairOrder:
    """What to compare.

    Attributes:
        sides: A and B.
        operations: what both are asked.
        effort: how much.
        seed: of the dice.
        settled: asked of each operation after the rounds.
        allow_writes: whether what is not on this machine may be written to.
    """

    sides: tuple[Side, Side]
    operations: tuple[Operation, ...]
    effort: Effort
    seed: int
    settled: Callable[[Pair], bool]
    allow_writes: bool = False

    @property
    def backends(self) -> tuple[str, ...]:
        """Those that are asked."""
        return tuple(dict.fromkeys(one.backend for one in self.operations))


@dataclass(slots=True)
class Compared:
    """What came of it.

    Attributes:
        pairs: one an operation.
        again: how many were measured again.
        bugs: operations whose error no backend knows, by side, with its kind.
        signal: by which it was ended early.
    """

    pairs: Sequence[Pair] = ()
    again: int = 0
    bugs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    signal: int | None = None


def measure_pairs(settings: Settings, order: PairOrder, screen: Screen) -> Compared:
    """Compare.

    Raises:
        UnreachableError: a side does not answer or does not start; the text says which.
        ConfigurationError: a target's settings are wrong, or git has not what it takes.
        KeyboardInterrupt: ended before anything was measured.
    """
    compared = Compared()
    with interruptible() as asked, screen.live(), ExitStack() as until_end:
        connections = until_end.enter_context(_connected(settings, order, screen, asked))
        session = PairSession(connections, order.operations, order.effort, random.Random(order.seed), screen)  # noqa: S311
        try:
            session.run()
            session.settle(order.settled)
        except KeyboardInterrupt:
            if not any(pair.rounds for pair in session.pairs):
                raise
        screen.say("cleaning up")
    compared.pairs, compared.again, compared.bugs, compared.signal = session.pairs, session.again, session.bugs, asked.signal
    return compared


@contextmanager
def _connected(
    settings: Settings, order: PairOrder, screen: Screen, asked: Interruption
) -> Iterator[Mapping[tuple[str, str], Connection]]:
    """A connection to each side's targets, by side and backend; all that was written is deleted at the end."""
    with ExitStack() as until_end:
        connections: dict[tuple[str, str], Connection] = {}
        served = any(side.revision for side in order.sides)
        folder = until_end.enter_context(own_folder(settings)) if served else None
        for side in order.sides:
            screen.say(f"{side.name}: {side.shown}")
            for backend, target in until_end.enter_context(_reached(side, settings, order, folder, asked)).items():
                opened = connect(catalogue.backend(backend), side.name, target)
                connections[side.name, backend] = opened
                until_end.callback(close_all, [opened], 0.0, CLOSE_SECONDS)
                _check(opened, side)
        yield connections


@contextmanager
def _reached(
    side: Side, settings: Settings, order: PairOrder, folder: Path | None, asked: Interruption
) -> Iterator[Mapping[str, Target]]:
    """A side's targets by backend."""
    if folder is not None and side.revision is not None:
        with of_revision(side, settings, order.backends, folder, asked) as targets:
            yield targets
        return
    yield {backend: at_url(side, settings, backend, allow_writes=order.allow_writes) for backend in order.backends}


def _check(opened: Connection, side: Side) -> None:
    try:
        check(opened)
    except UnreachableError as error:
        raise UnreachableError(f"{side.name}, {side.shown}: {opened.redact(str(error))}") from None
