"""A far end that a test makes slow, failing or memory-hungry, and sessions over it without a network or a clock."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from runner.choice import Chosen
from runner.effort import Effort
from runner.memory import Ledger, Peak
from runner.session import Session
from steadyline.attempt import Attempt
from steadyline.operation import Operation
from steadyline.outcome import Reason
from steadyline.recorder import Recorder
from steadyline.target import Target

TARGET = Target(backend="sql", url=SecretStr("sqlite:////nowhere/trace.db"), allow_writes=True)


class FarEndError(Exception):
    """What the far end fails with."""


@dataclass
class World:
    """Time that passes only when an operation takes it, and everything that was asked."""

    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)

    def clock(self) -> float:
        """The present moment."""
        return self.seconds

    def operation(
        self, name: str, takes: float = 0.01, *, fails: Callable[[int], bool] = lambda _n: False, **facts: Any
    ) -> Operation:
        """One that takes so long, and fails when it is asked to."""

        def body(_client: object, _prepared: object) -> None:
            self.asked.append(name)
            self.seconds += takes
            if fails(self.asked.count(name)):
                raise FarEndError("down")

        return Operation(name=f"sql.{name}", tells="x", body=body, **facts)

    def chosen(self, *operations: Operation) -> tuple[Chosen, ...]:
        """All of them on one target."""
        return tuple(Chosen(operation, "main", TARGET) for operation in operations)

    def session(self, *operations: Operation, effort: Effort = Effort(), resident: int = 100, **facts: Any) -> Session:  # noqa: B008
        """A session over them."""
        backend = SimpleNamespace(
            name="sql", classify=lambda error: Reason.SERVER_ERROR if isinstance(error, FarEndError) else None
        )
        connection = SimpleNamespace(attempt=lambda clock, on_bug: Attempt(backend, object(), clock, on_bug))
        recorder = Recorder("bench")
        for operation in operations:
            recorder.declare(operation, "main", ())
        return Session(
            {("sql", "main"): connection},
            self.chosen(*operations),
            recorder,
            effort,
            random.Random(1),
            Ledger(Peak(lambda: resident)),
            clock=self.clock,
            **facts,
        )


@pytest.fixture
def world() -> World:
    """A new one."""
    return World()
