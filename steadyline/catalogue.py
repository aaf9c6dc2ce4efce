"""The catalogue: which backends and operations there are, found by looking into the modules that hold them.

Who loads settings (`settings.load`) has the user's own operations in it too, by that alone.
"""

import difflib
import fnmatch
import importlib
from collections.abc import Iterable
from pathlib import Path

from steadyline.backend import PHASES, Backend, BackendModules
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation, found_in
from steadyline.own_operations import OwnOperations

MODULES: dict[str, BackendModules] = {
    "sql": BackendModules(
        "steadyline.operations.sql.backend",
        tuple(
            f"steadyline.operations.sql.{subject}"
            for subject in (
                *("items", "lookups", "lists", "pages", "joins", "aggregates"),
                *("bulk", "bulk_changes", "bulk_links", "concurrent", "contention", "growth"),
            )
        ),
    ),
    "trace": BackendModules(
        "steadyline.operations.trace.backend",
        tuple(f"steadyline.operations.trace.{subject}" for subject in ("items", "queries")),
        PHASES,
    ),
    "s3": BackendModules(
        "steadyline.operations.s3.backend",
        tuple(
            f"steadyline.operations.s3.{subject}"
            for subject in ("buckets", "segments", "multipart", "concurrent", "memory", "cleanup", "stress", "scalability")
        ),
        PHASES,
    ),
    "vast": BackendModules(
        "steadyline.operations.vast.backend",
        tuple(
            f"steadyline.operations.vast.{subject}"
            for subject in (
                *("session", "tables", "inserts", "rows", "concurrent", "imports"),
                *("memory", "cleanup", "stress", "scalability"),
            )
        ),
        PHASES,
    ),
    "tams": BackendModules(
        "steadyline.operations.tams.backend",
        tuple(
            f"steadyline.operations.tams.{subject}"
            for subject in ("service", "flows", "segments", "ingest", "cleanup", "stress", "scalability")
        ),
        PHASES,
    ),
    "http": BackendModules("steadyline.operations.http.backend", (), PHASES),
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
    """All operations of the given backends by name, in the order of their modules; each backend's own of the user last.

    Raises:
        ConfigurationError: two operations have one name, or the user's own cannot be used.
    """
    own = _OWN.by_name().items()
    return {
        name: operation
        for backend in names
        for name, operation in (
            *shipped([backend]).items(),
            *((name, one.operation) for name, one in own if one.operation.backend == backend),
        )
    }


def shipped(names: Iterable[str] = tuple(MODULES)) -> dict[str, Operation]:
    """The operations that come with the package alone: what generated files in the repository are made from.

    Raises:
        ConfigurationError: two operations have one name.
    """
    found: dict[str, Operation] = {}
    for name in names:
        for module in MODULES[name].operations if name in MODULES else ():
            for thing in found_in(importlib.import_module(module)):
                if found.setdefault(thing.name, thing) is not thing:
                    raise ConfigurationError(f"{module}: operation {thing.name} is there twice; rename one")
    return found


_OWN = OwnOperations(shipped)


def take_own(files: Iterable[Path]) -> None:
    """Let these files' operations, and those of installed packages, be in the catalogue; they are read when it is asked."""
    _OWN.take(files)


def own_faults() -> list[str]:
    """What is wrong with the user's own operations, each fault a sentence; none where they can be used."""
    try:
        _OWN.by_name()
    except ConfigurationError as error:
        return error.faults
    return []


def defined_in(operation: Operation) -> str:
    """The module that holds an operation, or the user's file."""
    own = _OWN.by_name().get(operation.name)
    return own.defined_in if own else str(getattr(operation.body, "__module__", ""))


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
