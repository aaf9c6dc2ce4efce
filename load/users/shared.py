"""What the users of one process share of a target: its run-scoped projects, and whether it ever answered as it should.

Each user asks over connections of its own, but 200 users do not make 200 data sets: they are functions over one client, and
what that client wrote is deleted when the load ends.
"""

import logging
from abc import ABC, abstractmethod
from functools import partial
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import gevent
from gevent import Greenlet
from locust.env import Environment

from load.users.connections import Fuse, QuickConnections
from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.backend import Client
from steadyline.errors import UnreachableError
from steadyline.operations.http.connection import Place, place_of
from steadyline.outcome import IntegrityError
from steadyline.target import Target

LOG = logging.getLogger(__name__)
FUSE_SECONDS = 1.0
"""Users that wait for a data set of a target that does not answer are all told so by one failed try a second."""
BEGIN_SECONDS = 30.0
"""How long a user waits for the projects at most."""
SETTLE_SECONDS = 0.5
"""A request that was cut off may still be at work in the target: what it writes is deleted when it has done so."""
END_SECONDS = 30.0
"""How long the process waits at its end for what was written to be deleted; the rest is left to a janitor."""

Member = TypeVar("Member", bound=Client)


class Shared(ABC, Generic[Member]):
    """One target's.

    Args:
        alias: the label `target`.
        target: as the settings have it.
    """

    def __init__(self, alias: str, target: Target) -> None:
        """Ask nothing yet."""
        self.alias = alias
        self.target = target
        self.place = place_of(target)
        self.answered = False
        self._backend = catalogue.backend(target.backend)
        self._made: WeakSet[QuickConnections] = WeakSet()
        self.home = self._home()
        self._beginning: Greenlet | None = None
        self._cut = False

    @abstractmethod
    def _home(self) -> Member:
        """The client that has the run-scoped projects; it asks over `fused`."""

    @abstractmethod
    def member(self) -> Member:
        """The same over connections of a user's own."""

    @abstractmethod
    def leave(self, member: Member) -> None:
        """Close a member's connections."""

    def connections(self, place: Place | None) -> QuickConnections:
        """New ones, that are closed with all others in the end."""
        made = QuickConnections(place, self._note_cut)
        self._made.add(made)
        return made

    def _note_cut(self) -> None:
        self._cut = True

    def fused(self) -> Fuse:
        """Those of the client that all share."""
        return Fuse(QuickConnections(self.place, self._note_cut), FUSE_SECONDS)

    def attempt(self, member: Member) -> Attempt:
        """What runs operations for one user."""
        return Attempt(self._backend, member, redact=partial(self._backend.redact, target=self.target))

    @abstractmethod
    def fill(self) -> None:
        """Make the run-scoped projects that users will work in."""

    def begin(self, *, writes: bool) -> None:
        """Once, for all users: say what is wrong with the target, clear away what crashed runs left, make the projects.

        Args:
            writes: whether users will need the projects.
        """
        if self._beginning is None:
            self._beginning = gevent.spawn(self._begin, writes=writes)

    def wait_until_begun(self) -> None:
        """Until that is done, or so long that users had better see for themselves."""
        if self._beginning is not None:
            self._beginning.join(BEGIN_SECONDS)

    def _begin(self, *, writes: bool) -> None:
        try:
            self.home.check()
        except UnreachableError as error:
            LOG.error("%s", error)  # noqa: TRY400 - it says all; a trace would hide it
            return
        try:
            self.home.sweep()
            if writes:
                self.fill()
        except Exception as error:
            reason = self._backend.classify(error)
            if reason is None and not isinstance(error, IntegrityError):
                raise
            said = self._backend.redact(str(error), self.target)
            LOG.warning("%s target %s cannot be made ready: %s", self.target.backend, self.alias, said)

    def refuse(self) -> None:
        """Send nothing more for users; what they began lies in run-scoped projects, which go as a whole."""
        for connections in self._made:
            connections.refuse()

    def close(self) -> None:
        """Delete all that was written, and disconnect."""
        if self._beginning is not None:
            self._beginning.kill()
        for connections in list(self._made):
            connections.close()
        if self._cut:
            gevent.sleep(SETTLE_SECONDS)
        self.home.close()


class Process:
    """All that the users of this process share in one run after the other.

    Args:
        environment: Locust's.
    """

    def __init__(self, environment: Environment) -> None:
        """Share nothing yet."""
        self._environment = environment
        self._shared: dict[tuple[str, str], Shared[Any]] = {}
        self._ending: list[Greenlet] = []
        environment.events.test_stopping.add_listener(self._refuse)  # type: ignore[no-untyped-call]
        environment.events.test_stop.add_listener(self._end)  # type: ignore[no-untyped-call]
        environment.events.quit.add_listener(self._join)  # type: ignore[no-untyped-call]

    def shared(self, kind: type[Shared[Any]], alias: str, target: Target) -> Shared[Any]:
        """What users share of a target; made by the first of them."""
        found = self._shared.get((target.backend, alias))
        if found is None:
            found = self._shared[target.backend, alias] = kind(alias, target)
        return found

    def _refuse(self, **_facts: object) -> None:
        """Users are about to be killed, unless they are given time to finish."""
        if not self._environment.stop_timeout:
            for shared in self._shared.values():
                shared.refuse()

    def _end(self, **_facts: object) -> None:
        """Beside the last reports, which must not wait for it."""
        self._ending = [one for one in self._ending if not one.ready()]
        self._ending += [gevent.spawn(shared.close) for shared in self._shared.values()]
        self._shared.clear()

    def _join(self, **_facts: object) -> None:
        self._end()
        if len(gevent.joinall(self._ending, timeout=END_SECONDS)) < len(self._ending):
            LOG.warning("not all that was written could be deleted in %g s; a janitor will", END_SECONDS)


_processes: "WeakKeyDictionary[Environment, Process]" = WeakKeyDictionary()


def of(environment: Environment) -> Process:
    """The part of this process."""
    found = _processes.get(environment)
    if found is None:
        found = _processes[environment] = Process(environment)
    return found
