"""What operations left in a stack's targets, counted from outside by a client of its own for each."""

import contextlib
from collections.abc import Iterator

from steadyline import catalogue
from steadyline.backend import Client
from steadyline.settings import Settings


def leaked(settings: Settings) -> dict[str, int]:
    """How many artefacts of ours lie in each backend's targets and should be gone."""
    return {name: sum(client.leaked() for client in _clients(name, settings)) for name in catalogue.backends()}


def swept(settings: Settings) -> int:
    """Delete what is left everywhere, as the janitor does; how many that were."""
    return sum(client.sweep() for name in catalogue.backends() for client in _clients(name, settings))


def _clients(name: str, settings: Settings) -> Iterator[Client]:
    """One for each target of a backend, in turn."""
    for target in settings.targets_of(name).values():
        with contextlib.closing(catalogue.backend(name).connect(target)) as client:
            yield client
