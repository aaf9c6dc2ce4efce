"""Whether the settings can be read, and the user's own operations with them."""

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.doctor.finding import Finding, fault, ok
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from steadyline import catalogue


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read.

    Attributes:
        source: where the settings come from.
        faults: what is wrong with them.
        own_faults: what is wrong with the user's own operations.
    """

    source: str
    faults: tuple[str, ...]
    own_faults: tuple[str, ...]


def gather(scene: Scene) -> Facts:
    """All of it was read before; nothing is asked."""
    return Facts(scene.source, scene.faults, tuple(catalogue.own_faults()))


def settings(facts: Facts) -> Iterator[Finding]:
    """A fault for each key of the file or the environment that is unknown or wrong; what follows is told of the defaults."""
    if not facts.faults:
        yield ok(f"read from {facts.source}")
    for each in facts.faults:
        found, _, cure = each.partition("; ")
        yield fault(found, cure or "mend it: docs/settings.md has every key, its variable and its default")


def own_operations(facts: Facts) -> Iterator[Finding]:
    """A fault for each file of operations of your own that cannot be read: what runs goes on without it."""
    if not facts.own_faults:
        yield ok("yours, if there are any, are read")
    for each in facts.own_faults:
        yield fault(each, "mend the file, or take it out of the setting operations; then steadyline down and up")


SUBJECT = Subject("settings", gather, (settings, own_operations))
