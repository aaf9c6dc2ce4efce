"""Which operations a run measures on which targets, and what of it is left out and why; decided before anything is asked."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from steadyline.errors import ConfigurationError
from steadyline.operation import Operation, Suite
from steadyline.settings import Settings
from steadyline.target import Target

Key = tuple[str, str]
"""An operation's name and a target's alias."""
EVERY = frozenset(Suite)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for.

    Attributes:
        suites: of these kinds.
        fast: of the performance suite only what is light enough to be probed continuously.
        pattern: name or glob.
        backend: of this one alone.
        target: on this target alone.
    """

    suites: frozenset[Suite] = frozenset({Suite.PERFORMANCE})
    fast: bool = False
    pattern: str = "*"
    backend: str | None = None
    target: str | None = None

    def takes(self, operation: Operation) -> bool:
        """Whether the operation's suite was asked for."""
        heavy = operation.suite is Suite.PERFORMANCE and operation.probe_every_seconds is None
        return operation.suite in self.suites and not (self.fast and heavy)

    @property
    def words(self) -> str:
        """The kinds, for people."""
        names = [suite.value for suite in Suite if suite in self.suites]
        return " and ".join(["fast ones" if self.fast and name == Suite.PERFORMANCE else name for name in names])


@dataclass(frozen=True, slots=True)
class Chosen:
    """One operation to be measured on one target."""

    operation: Operation
    alias: str
    target: Target

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return self.operation.name, self.alias


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One that is not, and why."""

    operation: str
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is measured, in the catalogue's order, and what is not."""

    chosen: tuple[Chosen, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def backends(self) -> tuple[str, ...]:
        """Those that are asked."""
        return tuple(dict.fromkeys(one.operation.backend for one in self.chosen))

    @property
    def reasons(self) -> list[str]:
        """Why operations are left out, one sentence a target and reason, however many it keeps out."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.left_out:
            found.setdefault((one.target, one.why), []).append(one.operation)
        return [f"{_counted(names)} on {target}: {why}" for (target, why), names in found.items()]


def choose(operations: Mapping[str, Operation], settings: Settings, wanted: Wanted) -> Choice:
    """Sort the catalogue by what was asked for and by what the targets allow.

    Raises:
        ConfigurationError: nothing fits, or nothing that fits may run; the text says what there is.
    """
    named = _named(operations, wanted)
    fitting = [one for one in named if wanted.takes(one)]
    if not fitting:
        kinds = ", ".join(sorted({one.suite.value for one in named}))
        raise ConfigurationError(
            f"--operation {wanted.pattern}: what fits belongs to {kinds}, and asked for is {wanted.words}; "
            "give --all, or no kind at all"
        )
    found = [
        Chosen(operation, alias, target)
        for operation in fitting
        for alias, target in settings.targets_of(operation.backend).items()
        if wanted.target in (None, alias)
    ]
    if not found:
        aliases = {alias for one in fitting for alias in settings.targets_of(one.backend)}
        raise ConfigurationError(f"--target {wanted.target}: no such target here; there are {', '.join(sorted(aliases))}")
    left_out = {one.key: why for one in found if (why := _why_not(one))}
    choice = Choice(
        tuple(one for one in found if one.key not in left_out), tuple(LeftOut(*key, why) for key, why in left_out.items())
    )
    if not choice.chosen:
        raise ConfigurationError(choice.reasons)
    return choice


def _named(operations: Mapping[str, Operation], wanted: Wanted) -> list[Operation]:
    backends = tuple(dict.fromkeys(one.backend for one in operations.values()))
    if wanted.backend is not None and wanted.backend not in backends:
        raise ConfigurationError(f"--backend {wanted.backend}: no such backend; there are {', '.join(backends)}")
    of_backend = [one for one in operations.values() if wanted.backend in (None, one.backend)]
    named = [one for one in of_backend if fnmatchcase(one.name, wanted.pattern)]
    if not named:
        near = _nearest(wanted.pattern, (one.name for one in of_backend))
        of = f" of {wanted.backend}" if wanted.backend else ""
        raise ConfigurationError(
            f"--operation {wanted.pattern}: no operation{of} fits; there are {', '.join(near)} … (steadyline operations)"
        )
    return named


def _nearest(pattern: str, names: Iterable[str]) -> list[str]:
    known = list(names)
    return difflib.get_close_matches(pattern.replace("*", ""), known, 3, 0.4) or known[:3]


def _counted(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} operations ({names[0]} …)"


def _why_not(one: Chosen) -> str:
    if one.operation.writes and not one.target.allow_writes:
        return "the target is read-only; set allow_writes for what writes to run"
    if one.operation.concurrency > one.target.concurrency:
        return (
            f"{one.operation.concurrency} connections are needed and the target is capped at {one.target.concurrency}; "
            "raise its concurrency"
        )
    return ""
