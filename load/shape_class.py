"""A shape as Locust runs one: how many users there should be, asked each second, until the shape is over or past the knee.

Without `--shape`, and for `constant`, Locust's own way stays: it spawns, its keys add and remove users, its run time ends the
run. In the open model the shape moves the rate of the starts, and the users are a pool that is there in full from the start.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from locust import LoadTestShape
from locust.env import Environment
from locust.runners import STATE_RUNNING, Runner

from load.knee import Step, find, past_knee
from load.profiles import Size, size
from load.shapes import BREAKPOINT, CONSTANT, Piece, Shape, shape
from load.web_form import WebForm

LOG = logging.getLogger(__name__)
POOL_SPAWN_RATE = 100.0
"""Users of an open model's pool that are started per second at most; Locust warns of more."""
OPEN_TAIL_SECONDS = 1.0
"""How much longer an open run lasts than its shape: its schedule begins a little after the pool is full."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One run as it was asked for when it began; what the form says later is for the next one."""

    size: Size
    shape: Shape
    is_open: bool


class SteadylineShape(LoadTestShape):
    """The shape that the options name, over the users and the run time that they or the profile name.

    Args:
        environment: Locust's.
        runner: Locust's, the one that leads.
        steps: what was measured at each level so far, for the shape that looks for the knee.
    """

    abstract = True  # Locust would take any other for the run's shape wherever a locustfile imports it
    use_common_options = True

    def __init__(self, environment: Environment, runner: Runner, steps: Callable[[], Sequence[Step]]) -> None:
        """No run yet."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.runner = runner
        self._environment = environment
        self._steps = steps
        self._own = environment.shape_class
        self._asked = self._read()
        self._pool_is_full = False
        self._piece: Piece | None = None

    def choose(self) -> None:
        """Let Locust run this shape if the options name one, else what it would run without us."""
        chosen = self._options.shape
        self._environment.shape_class = self._own if chosen in (None, "", CONSTANT) else self

    def reset_time(self) -> None:
        """A run begins: read what it is to be."""
        super().reset_time()  # type: ignore[no-untyped-call]
        self._asked = self._read()
        self._pool_is_full = False
        self._piece = None

    def tick(self) -> tuple[int, float] | None:
        """How many users there should be now and how many to start per second; None ends the run."""
        if self._asked.is_open:
            return self._open_tick()
        elapsed, asked = self._elapsed(), self._asked
        piece = asked.shape.stretch_at(elapsed)
        if piece is None or self._is_past_knee(piece):
            return None
        full = asked.size.users
        return asked.shape.users(elapsed, full), max(asked.size.spawn_rate, abs(piece.slope) * full)

    @property
    def _options(self) -> Any:
        """As the command line said, or since then the web page."""
        return self._environment.parsed_options

    def _open_tick(self) -> tuple[int, float] | None:
        asked = self._asked
        if not self._pool_is_full:
            self._pool_is_full = self.runner is not None and self.runner.state == STATE_RUNNING
            super().reset_time()  # type: ignore[no-untyped-call]
        elapsed = self._elapsed()
        piece = asked.shape.stretch_at(elapsed)
        if elapsed >= asked.shape.duration_seconds + OPEN_TAIL_SECONDS or (piece is not None and self._is_past_knee(piece)):
            return None
        return asked.size.users, min(POOL_SPAWN_RATE, float(asked.size.users))

    def _elapsed(self) -> float:
        return float(self.get_run_time())  # type: ignore[no-untyped-call]

    def _is_past_knee(self, piece: Piece) -> bool:
        """Asked when a step has ended; what the next one measured already is not enough to judge it by."""
        ended, self._piece = self._piece, piece
        if self._asked.shape.name != BREAKPOINT or ended is None or ended == piece:
            return False
        steps = [step for step in self._steps() if step.load < self._load(piece)]
        past = past_knee(steps)
        if past:
            LOG.info("past the knee, the run ends: %s", find(steps).sentence)
        return past

    def _load(self, piece: Piece) -> float:
        asked = self._asked
        if asked.is_open:
            return asked.shape.rate(piece.begin, float(self._options.arrival_rate))
        return asked.shape.users(piece.begin, asked.size.users)

    def _read(self) -> _Asked:
        options = self._options
        name = options.shape or CONSTANT
        sized = size(
            self._environment.profile,
            name,
            users=options.num_users,
            spawn_rate=options.spawn_rate,
            run_time=options.run_time,
        )
        return _Asked(sized, shape(name, sized.duration_seconds), options.arrival_rate not in (None, ""))


def install(
    environment: Environment,
    runner: Runner,
    steps: Callable[[], Sequence[Step]],
    check: Callable[[], Any] = lambda: None,
) -> SteadylineShape:
    """Let the command line and the web page choose the shape and the profile.

    Args:
        environment: Locust's; its options have `shape` and `arrival_rate`.
        runner: Locust's, the one that leads.
        steps: what was measured at each level so far, the latest last.
        check: raises ConfigurationError when the options as the web page set them cannot be run.
    """
    shaped = SteadylineShape(environment, runner, steps)
    shaped.choose()
    if environment.web_ui is not None:
        WebForm(environment, runner, shaped, shaped.choose, check).put_on(environment.web_ui)
    return shaped
