"""One run of the suite from end to end, as `run`, `compare` and `baseline record --rounds` share it.

Targets served where no stack serves them, connections checked, rounds made, unsettled ones measured again, all cleaned up;
the first Ctrl-C ends it after the attempt under way, the second at once.
"""

import os
import random
import signal
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from deploy.native.interruption import SIGNALS
from deploy.native.own_targets import is_stack_up, served
from exporters.connection import Connection, check, close_all, connect
from exporters.janitor import clean
from exporters.job import Job
from runner.choice import Choice, Chosen
from runner.effort import Effort
from runner.measured import Measured
from runner.memory import Ledger
from runner.session import Session
from steadyline import catalogue, provenance
from steadyline.baseline import Baseline, most_specific
from steadyline.cli.run_result import Made
from steadyline.cli.run_screen import Screen
from steadyline.errors import UnreachableError
from steadyline.recorder import Recorder
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

CLOSE_SECONDS = 30.0
"""Deleting all that a run wrote, data sets of ten thousands of rows among it."""
Settled = Callable[[Measured], bool]
"""Whether more runs of an operation would only say it again."""


@dataclass(slots=True)
class Ran:
    """What came of a run.

    Attributes:
        id: of the run.
        started: Unix time.
        ended: Unix time.
        seed: of the dice that made the order.
        rounds: that were asked for.
        targets: whose the embedded ones were: `this run's own` or `the running stack's`; empty where there are none.
        measured: one for each operation and target that answered.
        recorder: what the operations' metrics are rendered from.
        unreachable: one sentence for each target that did not answer.
        bugs: operations whose error no backend knows, with its kind.
        signal: by which it was ended early.
        is_clean: whether all that was written is deleted, as far as its targets let us.
    """

    rounds: int
    seed: int
    started: float
    targets: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    ended: float = 0.0
    measured: list[Measured] = field(default_factory=list)
    recorder: Recorder = field(default_factory=lambda: Recorder(Driver.BENCH))
    unreachable: list[str] = field(default_factory=list)
    bugs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    signal: int | None = None
    is_clean: bool = True

    def made(self, versions: Mapping[str, str], command: str) -> Made:
        """Where, when and how, as it is kept; `command` is what repeats it."""
        return Made(
            id=self.id,
            started=moment(self.started),
            ended=moment(self.ended),
            host=provenance.host(),
            revision=provenance.revision(Path.cwd()),
            rounds=self.rounds,
            seed=self.seed,
            targets=self.targets,
            driver=Driver.BENCH,
            interrupted=self.signal is not None,
            versions=versions,
            command=command,
        )


def moment(seconds: float) -> str:
    """A Unix time as results keep it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Order:
    """What to run.

    Attributes:
        choice: of operations.
        effort: how much of each.
        seed: of the order's dice.
        baselines: whose edges the metrics take.
        settled: asked of each operation after the rounds.
        allocations: whether to trace Python's allocations in one attempt more.
    """

    choice: Choice
    effort: Effort
    seed: int
    baselines: Sequence[Baseline]
    settled: Settled = lambda _measured: True
    allocations: bool = False


def new_seed() -> int:
    """One that can be repeated by `--seed`."""
    return random.SystemRandom().randrange(1_000_000)


def measure(settings: Settings, order: Order, screen: Screen) -> Ran:
    """Run it.

    Raises:
        UnreachableError: no target answered at all, or an embedded one did not start.
        ConfigurationError: a target's settings are wrong.
    """
    ran = Ran(order.effort.rounds, order.seed, _now())
    try:
        _measure(settings, order, screen, ran)
    except KeyboardInterrupt:  # asked again while it cleans up
        if not any(one.runs for one in ran.measured):
            raise
        ran.is_clean = False
    ran.ended = _now()
    return ran


def _measure(settings: Settings, order: Order, screen: Screen, ran: Ran) -> None:
    with _stoppable(ran, screen) as interruption, screen.live(), ExitStack() as until_end:
        count = len(order.choice.chosen)
        noun = "operation" if count == 1 else "operations"
        screen.say(f"{count} {noun} on {', '.join(order.choice.backends)}; seed {order.seed}")
        ran.targets = _whose(settings, order.choice)
        reached = until_end.enter_context(served(settings, order.choice.backends))
        connections = until_end.enter_context(_connected(reached, order.choice, ran))
        _sweep(connections.values(), screen)
        chosen = tuple(one for one in order.choice.chosen if (one.operation.backend, one.alias) in connections)
        if not chosen:
            raise UnreachableError("\n".join(ran.unreachable))
        _declare(ran.recorder, chosen, order.baselines)
        ledger = until_end.enter_context(Ledger().sampling())
        session = Session(connections, chosen, ran.recorder, order.effort, random.Random(order.seed), ledger, screen)  # noqa: S311
        ran.measured = list(session.measured.values())
        ran.bugs = session.bugs
        with interruption(session):
            _all_rounds(session, order)


def _all_rounds(session: Session, order: Order) -> None:
    """The rounds that were asked for, and more for what they leave open, within the bounds."""
    session.run()
    session.settle(order.settled)
    if order.allocations:
        session.allocations()


def _now() -> float:
    return datetime.now(UTC).timestamp()


def _whose(settings: Settings, choice: Choice) -> str:
    if not any(one.target.embedded for one in choice.chosen):
        return ""
    return "the running stack's" if is_stack_up(settings) else "this run's own"


@contextmanager
def _connected(settings: Settings, choice: Choice, ran: Ran) -> Iterator[dict[tuple[str, str], Connection]]:
    """A connection to each target that answers; all that was written is deleted at the end."""
    found: dict[tuple[str, str], Connection] = {}
    try:
        for backend, alias in dict.fromkeys((one.operation.backend, one.alias) for one in choice.chosen):
            opened = connect(catalogue.backend(backend), alias, settings.targets_of(backend)[alias])
            found[backend, alias] = opened
            try:
                check(opened)
            except UnreachableError as error:
                ran.unreachable.append(opened.redact(str(error)))
                close_all([found.pop((backend, alias))], 0.0)
        yield found
    finally:
        close_all(found.values(), 0.0, CLOSE_SECONDS)


def _sweep(connections: Iterable[Connection], screen: Screen) -> None:
    """What killed runs left in targets of the user's own goes when its time is over: not everybody runs an exporter, too."""
    for connection in connections:
        if connection.target.allow_writes and not connection.target.embedded:
            swept = clean(connection).swept
            if swept:
                screen.say(f"{connection.alias}: deleted {swept} artefacts that crashed runs had left")


def _declare(recorder: Recorder, chosen: Sequence[Chosen], baselines: Sequence[Baseline]) -> None:
    for one in chosen:
        baseline = most_specific(baselines, one.operation.name, one.alias, Driver.BENCH)
        recorder.declare(one.operation, one.alias, Job(one.operation, one.alias, one.target, 0.0, baseline).edges)


@contextmanager
def _stoppable(ran: Ran, screen: Screen) -> Iterator[Callable[[Session], "_Listening"]]:
    """Listen for requests to stop; the handlers of before come back, or nothing more is heard: showing it is done whole."""
    listening = _Listening(ran, screen)
    before = {number: signal.signal(number, listening.on_signal) for number in SIGNALS}
    try:
        yield listening.during
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if ran.signal else handler)


class _Listening:
    """What a signal does: before and after the rounds it breaks off; during them it ends them, the second breaks off."""

    def __init__(self, ran: Ran, screen: Screen) -> None:
        self._ran = ran
        self._screen = screen
        self._session: Session | None = None

    def during(self, session: Session) -> "_Listening":
        """The rounds of this session."""
        self._session = session
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        """What was measured stands, also when an attempt was broken off."""
        self._session = None
        return kind is KeyboardInterrupt

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """End the rounds after the attempt under way; asked again, or when there are none, at once."""
        again, self._ran.signal = self._ran.signal is not None, number
        if self._session is None or again:
            raise KeyboardInterrupt
        self._session.stopping = True
        if os.isatty(2) or number != signal.SIGHUP:
            self._screen.say("Ending after the attempt under way and cleaning up; once more breaks it off.")
