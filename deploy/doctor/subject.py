"""A subject: facts that are gathered at the edge, and checks that are pure over them.

A new check is a function with a docstring in its subject's `checks`; a new subject is a module and a line in `subjects`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from deploy.doctor.finding import Finding, fault, unknown
from deploy.doctor.scene import Scene
from steadyline.errors import SteadylineError
from steadyline.outcome import Reason

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Checked:
    """A finding, and which check of which subject it is of."""

    subject: str
    check: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Subject(Generic[F]):
    """One subject.

    Attributes:
        name: a word or two.
        gather: asks whoever knows, in bounded time each; a SteadylineError means that the subject cannot be told of.
        checks: each reads the facts and says what it found; its docstring says when that is a fault, and when a warning.
        asks_prometheus: whether it can tell nothing without the Prometheus of the settings.
    """

    name: str
    gather: Callable[[Scene], F]
    checks: tuple[Callable[[F], Iterable[Finding]], ...]
    asks_prometheus: bool = False

    def examined(self, scene: Scene) -> Iterator[Checked]:
        """What all its checks say; what is a bug in one is said too, so that the other subjects are told of."""
        if self.asks_prometheus and not scene.judges:
            yield Checked(self.name, self.name, unknown("Prometheus does not answer, and nobody else knows"))
            return
        try:
            facts = self.gather(scene)
            for check in self.checks:
                yield from (Checked(self.name, named(check), finding) for finding in check(facts))
        except SteadylineError as error:
            yield Checked(self.name, self.name, unknown(error.faults[0]))
        except Exception as error:  # noqa: BLE001 - one subject's bug must not hide what the others have found
            words = f"this check itself broke: {type(error).__name__}: {error}"
            yield Checked(self.name, self.name, fault(words, "tell whoever maintains steadyline", Reason.OTHER))

    def late(self, seconds: float) -> Checked:
        """What is said where it took too long."""
        return Checked(self.name, self.name, unknown(f"not answered within {seconds:g} s", "see what hangs, and ask again"))


def named(check: Callable[..., object]) -> str:
    """The check's name in words: its function's."""
    return getattr(check, "__name__", "").replace("_", " ").strip()
