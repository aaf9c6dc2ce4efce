"""The catalogue: which backends and operations there are, found by looking into the modules that hold them."""

import difflib
import fnmatch
import importlib
from collections.abc import Iterable, Iterator
from types import ModuleType

from steadyline.backend import PHASES, Backend, BackendModules
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation

MODULES: dict[str, BackendModules] = {
    "sql": BackendModules(
        "steadyline.operations.sql.backend",
        tuple(f"steadyline.operations.sql.{subject}" for subject in ("items", "queries", "bulk", "concurrent")),
    ),
    "trace": BackendModules(
        "steadyline.operations.trace.backend",
        tuple(f"steadyline.operations.trace.{subject}" for subject in ("items", "queries")),
        PHASES,
    ),
    "s3": BackendModules(
        "steadyline.operations.s3.backend",
        tuple(f"steadyline.operations.s3.{subject}" for subject in ("buckets", "segments", "multipart", "concurrent")),
        PHASES,
    ),
    "vast": BackendModules(
        "steadyline.operations.vast.backend",
        tuple(
            f"steadyline.operations.vast.{subject}"
            for subject in ("session", "tables", "inserts", "rows", "concurrent", "imports")
        ),
        PHASES,
    ),
    "tams": BackendModules(
        "steadyline.operations.tams.backend",
        tuple(f"steadyline.operations.tams.{subject}" for subject in ("service", "flows", "segments", "ingest")),
        PHASES,
    ),
}
"""Where each backend lives; nothing is imported until a driver asks for it."""


def backends() -> tuple[str, ...]:
    """The names of all backends, in their order."""
    return tuple(MODULES)


def backend(name: str) -> Backend:
    """The backend of that name, imported now if it was not yet."""
    found: Backend = importlib.import_module(MODULES[name].backend).BACKEND
    return found


def operations(names: Iterable[str] = tuple(MODULES)) -> dict[str, Operation]:
    """All operations of the given backends by name, in the order of their modules.

    Raises:
        ConfigurationError: two operations have one name.
    """
    found: dict[str, Operation] = {}
    for name in names:
        for module in MODULES[name].operations:
            for thing in _declared(importlib.import_module(module)):
                if found.setdefault(thing.name, thing) is not thing:
                    raise ConfigurationError(f"{module}: operation {thing.name} is there twice; rename one")
    return found


def _declared(module: ModuleType) -> Iterator[Operation]:
    """The operations in a module, those of a family in a tuple (`operation.growing`)."""
    for thing in vars(module).values():
        yield from (one for one in (thing if isinstance(thing, tuple) else (thing,)) if isinstance(one, Operation))


def named(name: str) -> Operation:
    """One operation by its full name.

    Raises:
        ConfigurationError: there is none of that name; the text names the nearest ones.
    """
    known = operations()
    if name in known:
        return known[name]
    near = (
        fnmatch.filter(known, f"*{name.partition('.')[2] or name}*")
        or difflib.get_close_matches(name, known, 5)
        or list(known)
    )
    raise ConfigurationError(f"no operation {name!r}; there are {', '.join(near[:5])} … (steadyline operations lists all)")
