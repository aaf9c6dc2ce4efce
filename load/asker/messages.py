"""What goes over the asker's wire: asks one way, answers the other."""

from typing import Any, NamedTuple

from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError
from steadyline.outcome import Outcome, Reason

QUEUED = "queued"
"""The phase of an outcome in which its attempt waited for a free connection to its target, before it began."""
ITSELF = 0
"""The id of what is said of the asker itself, not of one ask."""


class Ask(NamedTuple):
    """Run this operation on that target."""

    id: int
    operation: str
    backend: str
    alias: str


class Open(NamedTuple):
    """Connect to these targets (backend and alias) and ask each whether it is there."""

    id: int
    places: tuple[tuple[str, str], ...]


class Cancel(NamedTuple):
    """Nobody waits for that ask any more: unless it has begun, it need not."""

    id: int


class Answered(NamedTuple):
    """What came of an ask."""

    id: int
    outcome: Outcome


class Refused(NamedTuple):
    """Why an ask was not run, or what is wrong with the targets that were to be opened; no faults: nothing is."""

    id: int
    faults: tuple[str, ...]
    exit_code: int = 0

    @property
    def error(self) -> SteadylineError | None:
        """It as the error it was, where it was one."""
        if not self.faults:
            return None
        if self.exit_code == UnreachableError.exit_code:
            return UnreachableError("\n".join(self.faults))
        return ConfigurationError(self.faults)


Request = Ask | Open | Cancel
Answer = Answered | Refused
_REQUESTS: tuple[type[Request], ...] = (Ask, Open, Cancel)


def refused(number: int, error: SteadylineError) -> Refused:
    """The answer that says this error."""
    return Refused(number, tuple(error.faults), error.exit_code)


def plain(message: Request | Answer) -> list[Any]:
    """A message as msgpack carries it: its kind, then its fields."""
    fields = list(message)
    if isinstance(message, Answered):
        outcome = message.outcome
        fields = [message.id, [*outcome[:5], dict(outcome.phases), outcome.detail]]
    return [type(message).__name__, *fields]


def request(read: list[Any]) -> Request:
    """The request that `plain` made this of.

    Raises:
        ValueError: it is none.
    """
    kind, *fields = read
    for known in _REQUESTS:
        if kind == known.__name__:
            return (
                Open(fields[0], tuple((backend, alias) for backend, alias in fields[1])) if known is Open else known(*fields)
            )
    raise ValueError(f"no request is called {kind!r}")


def answer(read: list[Any]) -> Answer:
    """The answer that `plain` made this of.

    Raises:
        ValueError: it is none.
    """
    kind, *fields = read
    if kind == Answered.__name__:
        number, (seconds, reason, *rest) = fields
        return Answered(number, Outcome(seconds, None if reason is None else Reason(reason), *rest))
    if kind == Refused.__name__:
        number, faults, code = fields
        return Refused(number, tuple(faults), code)
    raise ValueError(f"no answer is called {kind!r}")
