"""One backend with a far end that is looked at from outside: what the contract suite needs to know of it, whatever it is."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.backend import Backend, Client
from steadyline.environment import PREFIX, variable
from steadyline.operation import Operation
from steadyline.target import Target


@dataclass
class Clock:
    """Unix time that a test moves by hand."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        """The present moment."""
        return self.seconds


@dataclass
class System(ABC):
    """One backend and its far end.

    Attributes:
        backend: with the clock injected.
        clock: what run-scoped data ages by.
        leaver: an operation that leaves artefacts when its cleanup is left out.
        reads: how many things of `add_users_data` the read-only operations answer.
    """

    backend: Backend
    clock: Clock
    leaver: str
    reads: int
    _clients: list[Client] = field(init=False, default_factory=list)

    @abstractmethod
    def target(self, *, allow_writes: bool = True) -> Target:
        """The target as the settings would have it."""

    @abstractmethod
    def artefacts(self) -> dict[str, int]:
        """How many things of each kind lie in the far end, ours and others', as `leaked` and `sweep` count them."""

    @abstractmethod
    def scopes(self) -> set[str]:
        """Names of the run-scoped places (projects, prefixes, schemas) that are there."""

    @abstractmethod
    def writes_seen(self) -> Any:
        """A mark that changes exactly when a client writes."""

    @abstractmethod
    def add_users_data(self) -> None:
        """Put something there that is not ours, for the read-only operations to read."""

    @abstractmethod
    def damage(self, operation: str) -> None:
        """Change what is there from outside, so that the operation's answer, or what it left, is wrong."""

    @abstractmethod
    def empty(self) -> None:
        """Delete every run-scoped place from outside."""

    @abstractmethod
    def pass_time(self, seconds: float) -> None:
        """Let time pass for the client and for whatever dates what it writes."""

    @property
    def nothing(self) -> dict[str, int]:
        """What `artefacts` says of an empty far end."""
        return dict.fromkeys(self.artefacts(), 0)

    def client(self, *, allow_writes: bool = True) -> Client:
        """A client that is closed at the test's end, if the test has not done so."""
        made = self.backend.connect(self.target(allow_writes=allow_writes))
        self._clients.append(made)
        return made

    def attempt(self, client: Client, **facts: Any) -> Attempt:
        """What a driver makes of a client."""
        return Attempt(self.backend, client, **facts)

    def operations(self) -> Mapping[str, Operation]:
        """What the backend is asked."""
        return catalogue.operations([self.backend.name])

    def close_clients(self) -> None:
        """Close what the test left open."""
        for client in self._clients:
            client.close()


@dataclass(frozen=True, slots=True)
class Case:
    """How the suite comes by a system.

    Attributes:
        backend: whose operations it is asked.
        opened: makes it for one test, and ends it.
        marks: of every test that runs on it.
    """

    backend: str
    opened: Callable[[pytest.FixtureRequest], AbstractContextManager[System]]
    marks: Iterable[pytest.MarkDecorator] = ()


def naming(systems: Iterable[System]) -> dict[str, str]:
    """The environment of a command that asks these far ends, and nothing else of ours."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for system in systems:
        target = system.target()
        said = {
            "url": target.url.get_secret_value(),
            "allow_writes": "true",
            "access_key": target.access_key,
            "secret_key": target.secret_key and target.secret_key.get_secret_value(),
            "bucket": target.bucket,
        }
        environ |= {variable((target.backend, key)): value for key, value in said.items() if value}
    return environ
