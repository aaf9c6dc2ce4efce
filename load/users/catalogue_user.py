"""A user that asks an API over HTTP the catalogue's operations: each verified, cleaned up, and counted by itself."""

import logging
import os
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import gevent
from locust import between, task
from locust.env import Environment
from locust.exception import StopTest

from load.arriving import ArrivingUser
from load.asking import ask
from load.names import TARGET
from load.quick.user import QuickHttpUser
from load.users import shared
from load.users.flows import Course, Courses, Flow, courses
from load.users.mix import mix
from load.users.patience import Patience
from load.users.places import targets_of
from load.users.transactions import Transactions
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.attempt import Attempt
from steadyline.errors import ConfigurationError
from steadyline.operations.http.connection import place_of
from steadyline.outcome import Outcome
from steadyline.settings import Settings
from steadyline.target import Target

LOG = logging.getLogger(__name__)


class CatalogueUser(ArrivingUser, QuickHttpUser):
    """One of the users of an API.

    `self.client` is a session for flows of your own on the first target; its requests are named by their route.

    Attributes:
        backend: whose operations.
        weights: how often each is asked, by name; 0 is asked in flows only.
        flows: of several operations.
        share: what all users of a process share of a target.
        takes_host: `--host` is for this class.
    """

    abstract = True
    wait_time = between(0.1, 0.5)
    backend: ClassVar[str]
    weights: ClassVar[Mapping[str, float]]
    flows: ClassVar[Iterable[Flow]]
    share: ClassVar[type[shared.Shared[Any]]]
    takes_host: ClassVar[bool] = False

    @classmethod
    def prepare(cls, environment: Environment) -> None:
        """Say what is wrong with the options and settings, before anything starts.

        Raises:
            ConfigurationError: nothing can be done with them.
        """
        chosen(environment, cls)

    def __init__(self, environment: Environment) -> None:
        """Choose what to do; connect later.

        Raises:
            StopTest: nothing can be done; the text says why.
        """
        try:
            self._chosen = chosen(environment, type(self))
        except ConfigurationError as error:
            raise StopTest(str(error)) from None
        self.host = shown_to_flows(next(iter(self._chosen.targets.values())))
        super().__init__(environment)
        self._dice = random.Random()  # noqa: S311 - which course is next is no secret
        self._patience = Patience(self._dice.random)
        self._transactions = Transactions(environment)
        self._attempts: dict[str, tuple[shared.Shared[Any], Any, Attempt]] = {}

    def on_start(self) -> None:
        """Wait until the targets are ready: what that takes is no user's time."""
        writes = self._chosen.courses.writes
        there = [self._on(alias)[0] for alias in self._chosen.targets]
        for one in there:
            one.begin(writes=writes)
        for one in there:
            one.wait_until_begun()
        super().on_start()

    @task
    def iterate(self) -> None:
        """One course: an operation, or a flow of several."""
        course = self._chosen.courses.pick(self._dice)
        if course.flow:
            self._transactions.record(course.flow, self.backend, course.alias, lambda: self._run(course), self.lag())
        else:
            self._run(course)

    def _run(self, course: Course) -> Outcome:
        """Each step in turn, up to the first that fails; the last one's outcome."""
        there, _, attempt = self._on(course.alias)
        for operation in course.steps:
            outcome = ask(self, operation, course.alias, attempt)
            there.answered = there.answered or outcome.ok
            wait_seconds = self._patience.after(outcome.reason, answered=there.answered)
            if wait_seconds:
                gevent.sleep(wait_seconds)
            if not outcome.ok:
                break
        return outcome

    def _on(self, alias: str) -> tuple[shared.Shared[Any], Any, Attempt]:
        found = self._attempts.get(alias)
        if found is None:
            there = shared.of(self.environment).shared(type(self).share, alias, self._chosen.targets[alias])
            member = there.member()
            found = self._attempts[alias] = (there, member, there.attempt(member))
        return found

    def on_stop(self) -> None:
        """Disconnect."""
        for there, member, _ in self._attempts.values():
            there.leave(member)
        self._attempts.clear()
        super().on_stop()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What users of one class do.

    Attributes:
        targets: by alias.
        courses: on those.
    """

    targets: Mapping[str, Target]
    courses: Courses


@cache
def settings() -> Settings:
    """This process's."""
    return settings_module.load(os.environ)


def chosen(environment: Environment, user: type[CatalogueUser]) -> Chosen:
    """What users of a class do by the options and the settings.

    Raises:
        ConfigurationError: nothing, or settings or options that cannot be used.
    """
    options = environment.parsed_options
    globs = tuple(getattr(options, "operation", None) or ())
    host = environment.host if user.takes_host else None
    return _chosen(user, host, globs, allow_writes=bool(getattr(options, "allow_writes", False)))


@cache
def _chosen(user: type[CatalogueUser], host: str | None, globs: tuple[str, ...], *, allow_writes: bool) -> Chosen:
    """The same for all users of a class, so decided and told once."""
    targets = targets_of(user.backend, host, settings().targets_of(user.backend), allow_writes=allow_writes)
    try:
        found = mix(user.backend, catalogue.operations([user.backend]), targets, globs)
    except ConfigurationError as error:
        raise ConfigurationError([_cured(fault, targets) for fault in error.faults]) from None
    for sentence in found.left_out:
        LOG.warning("%s", _cured(sentence, targets))
    return Chosen(targets, courses(found, user.weights, user.flows))


def _cured(sentence: str, targets: Mapping[str, Target]) -> str:
    """A host of the command line has no settings; it has an option."""
    return sentence.replace("allow_writes lets", "--allow-writes lets") if TARGET in targets else sentence


def shown_to_flows(target: Target) -> str:
    """The base URL for a user's own flows, with the target's credentials."""
    place = place_of(target)
    url = place.url.copy_with(username=place.user, password=place.password) if place.credentials else place.url
    return str(url).rstrip("/")
