"""What SqlUser, S3User and VastUser have in common: they ask the catalogue's operations of their backend, through the asker.

Their clients block in C; in the asker's threads they do, and a user waits without holding up the others.
"""

import logging
import os
import random
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import gevent
from locust import between, task
from locust.env import Environment
from locust.exception import StopTest
from locust.runners import MasterRunner, WorkerRunner

from load.arriving import ArrivingUser
from load.asker.caps import share
from load.asker.client import Asker
from load.asking import ask
from load.users.mix import Mix, Picker, mix
from load.users.patience import Patience
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operation import Operation
from steadyline.outcome import Outcome

LOG = logging.getLogger(__name__)
Attempt = Callable[[Operation], Outcome]


class AskerUser(ArrivingUser):
    """A user who does one operation in each iteration, at random by its share of the mix, on any target in the settings.

    Attributes:
        backend: of its operations and targets.
        operations: names or globs of what it asks where `--operation` says nothing; empty for all that is probed.
    """

    abstract = True
    wait_time = between(0.1, 0.5)
    backend: ClassVar[str]
    operations: ClassVar[Sequence[str]] = ()

    @classmethod
    def prepare(cls, environment: Environment) -> None:
        """Decide what users of the class ask, and look whether their targets are there, before there are any users.

        Raises:
            ConfigurationError: nothing fits or nothing may run, or the settings are wrong.
        """
        shared = of(environment)
        shared.ready(cls)
        if isinstance(environment.runner, MasterRunner):  # has no users
            shared.end()

    def __init__(self, environment: Environment) -> None:
        """Connect, where no user of the backend did before.

        Raises:
            StopTest: nothing can be done; the text says why.
        """
        super().__init__(environment)
        try:
            self._pick, self._attempts = of(environment).ready(type(self))
        except ConfigurationError as error:
            raise StopTest(str(error)) from None
        self._patience = Patience(random.random)
        self._answered: set[str] = set()

    @task
    def operate(self) -> None:
        """One attempt at one operation."""
        one = self._pick()
        outcome = ask(self, one.operation, one.alias, self._attempts[one.alias])
        if outcome.ok:
            self._answered.add(one.alias)
        wait_seconds = self._patience.after(outcome.reason, answered=one.alias in self._answered)
        if wait_seconds:
            gevent.sleep(wait_seconds)


class Shared:
    """What such users of one process share: the asker, and for each class what it asks. All of it ends with the run.

    Args:
        environment: Locust's.

    Raises:
        ConfigurationError: the settings are wrong.
    """

    def __init__(self, environment: Environment) -> None:
        """Read the settings; start nothing yet."""
        options = environment.parsed_options
        self._globs: Sequence[str] = getattr(options, "operation", None) or ()
        self._workers: int = getattr(options, "expect_workers", None) or 1
        self._tells = not isinstance(environment.runner, WorkerRunner)  # its master has
        self._settings = settings_module.load(os.environ)
        self._mixes: dict[type[AskerUser], Mix] = {}
        self._opened: set[str] = set()
        self.asker = Asker(workers=self._workers)
        environment.events.test_stop.add_listener(self.end)  # type: ignore[no-untyped-call]
        environment.events.quit.add_listener(self._join)  # type: ignore[no-untyped-call]

    def mix_of(self, user: type[AskerUser]) -> Mix:
        """What users of a class ask; what is left out is told once.

        Raises:
            ConfigurationError: nothing fits, or nothing that fits may run.
        """
        if user not in self._mixes:
            targets = {
                alias: target.model_copy(update={"concurrency": share(target.concurrency, self._workers)})
                for alias, target in self._settings.targets_of(user.backend).items()
            }
            found = mix(user.backend, catalogue.operations([user.backend]), targets, self._globs or user.operations)
            for sentence in found.left_out if self._tells else ():
                LOG.warning("%s", sentence)
            self._mixes[user] = found
        return self._mixes[user]

    def ready(self, user: type[AskerUser]) -> tuple[Picker, dict[str, Attempt]]:
        """What picks a user's next operation, and what runs it on each target, which was asked once whether it is there.

        Raises:
            ConfigurationError: as `mix_of`, or a target's settings are wrong.
        """
        found, backend = self.mix_of(user), user.backend
        aliases = dict.fromkeys(one.alias for one in found.shares)
        if backend not in self._opened:
            try:
                self.asker.open((backend, alias) for alias in aliases)
            except UnreachableError as error:
                LOG.error("%s; trying on", error)  # noqa: TRY400 - each attempt has an outcome of its own
            self._opened.add(backend)
        return found.picker(random.Random()), {alias: self.asker.attempt(backend, alias) for alias in aliases}  # noqa: S311

    def end(self, **_facts: Any) -> None:
        """The users are gone; what they wrote is deleted while the run is judged."""
        self._opened.clear()
        self.asker.end()

    def _join(self, **_facts: Any) -> None:
        self.end()
        self.asker.join()


_shared: "WeakKeyDictionary[Environment, Shared]" = WeakKeyDictionary()


def of(environment: Environment) -> Shared:
    """The process's own, made when it is first needed.

    Raises:
        ConfigurationError: the settings are wrong.
    """
    found = _shared.get(environment)
    if found is None:
        found = _shared[environment] = Shared(environment)
    return found
