"""The operation: what is asked of a backend, written once, without timing, metrics, logging or retries."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from types import ModuleType
from typing import Any

from steadyline.errors import ConfigurationError

Prepare = Callable[[Any], Any]
Body = Callable[[Any, Any], Any]
Verify = Callable[[Any, Any, Any], None]
Cleanup = Callable[[Any, Any, Any], None]

SINGLE_SECONDS = 2.0
"""Cadence of single operations on SQL, S3 and HTTP (DESIGN.md, Operation)."""
DEAR_SECONDS = 10.0
"""Cadence of queries, bulks up to 100 items and whatever is dear."""
INIT_BUDGET_SECONDS = 5.0
"""Source: the TAMS seed, "Initialization: < 5 seconds"."""
OPERATION_BUDGET_SECONDS = 20.0
"""Source: the TAMS seed, "Operations: < 20 seconds"."""
MEMORY_BUDGET_BYTES = 500_000_000
"""Source: the TAMS seed, "Memory: < 500MB peak usage"; held by each process of ours that measures or is measured."""
PARALLEL_BUDGET_SECONDS = 30.0
"""Source: the TAMS seed, "Concurrent: < 30 seconds for 10 parallel operations"."""
GROWN_SIZES = 3
"""Sizes that a family has at least: through two points any curve is a straight line."""


class Suite(StrEnum):
    """Which of the seeds' three kinds an operation belongs to."""

    PERFORMANCE = "performance"
    STRESS = "stress"
    SCALABILITY = "scalability"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing asked of a backend; made by the decorator `operation`.

    An attempt runs `prepare(client)`, times `body(client, prepared)`, then `verify(client, prepared, result)`, and in any
    case `cleanup(client, prepared, result)` (result is None when the body failed). What prepare or the client keep longer
    lies in the client's run-scoped project and goes when the client is closed.

    Attributes:
        name: `backend.name`, the label `operation` everywhere.
        tells: the docstring: what its number tells you.
        suite: performance, stress or scalability.
        items: how many items one call handles.
        writes: whether prepare, body, verify or cleanup writes.
        probe_every_seconds: cadence of the continuous probe; None is never probed.
        budget_seconds: absolute limit, judged apart from baselines.
        timeout_seconds: an attempt that takes longer is a failure with reason timeout.
        concurrency: how many connections to the target it needs at once.
        bytes_moved: payload bytes of one call, those of its prepare included, for the target's cap on bytes per second.
        asks_target: its body sends a request to the target itself, which can be held back; not so where all goes elsewhere.
        size: of what grows, where this is one of a family that differs in it alone (`growing`); 0 where nothing grows.
    """

    name: str
    tells: str
    body: Body
    suite: Suite = Suite.PERFORMANCE
    items: int = 1
    writes: bool = False
    probe_every_seconds: float | None = SINGLE_SECONDS
    budget_seconds: float = OPERATION_BUDGET_SECONDS
    timeout_seconds: float = OPERATION_BUDGET_SECONDS
    concurrency: int = 1
    bytes_moved: int = 0
    asks_target: bool = True
    size: int = 0
    prepare: Prepare | None = None
    verify: Verify | None = None
    cleanup: Cleanup | None = None

    @property
    def backend(self) -> str:
        """The part before the dot: the key of its backend in the catalogue."""
        return self.name.partition(".")[0]

    @property
    def family(self) -> str:
        """What all sizes of it are called together; its own name where nothing grows."""
        return self.name.removesuffix(f"_{self.size}") if self.size else self.name


LONGEST_NAME = 100
"""Of an operation: it is a label of every series, and a column of every table."""
FACTS = tuple(field.name for field in fields(Operation) if field.name not in ("name", "tells", "body"))
"""What the decorator may be told of an operation."""


@dataclass(frozen=True, slots=True)
class Sized:
    """The prepare step of one of a family: the family's, which is given the size too."""

    prepare: Callable[[Any, int], Any]
    size: int

    def __call__(self, client: Any) -> Any:
        """Prepare an attempt of this size."""
        return self.prepare(client, self.size)


def in_run_scope(_client: Any, _prepared: Any, _result: Any) -> None:
    """The cleanup of what needs none: all that was written lies in the client's run-scoped project, and goes with it."""


def found_in(module: ModuleType) -> Iterator[Operation]:
    """The operations in a module, those of a family in a tuple (`growing`) or a list."""
    for thing in vars(module).values():
        # by its type alone: what stands for another, as Flask's `request` does, may raise where it is asked for its class
        several = thing if issubclass(type(thing), tuple | list) else (thing,)
        yield from (one for one in several if issubclass(type(one), Operation))


def operation(name: str, **facts: Any) -> Callable[[Body], Operation]:
    """Turn a plain function over a client into an `Operation`; its docstring becomes `tells`.

    Args:
        name: `backend.name`.
        facts: any other field of `Operation` (suite, items, writes, probe_every_seconds, prepare, verify, cleanup …).

    Returns:
        A decorator that answers the `Operation`; the catalogue finds it in its module.

    Raises:
        ConfigurationError: the name has no backend part, the function no docstring, or an operation no such fact.
    """
    if not isinstance(name, str):  # as where the parentheses were forgotten: @operation
        raise ConfigurationError(
            f'operation: its name is {type(name).__name__}; give text, as in @operation("sql.item_create")'
        )
    for fact in facts.keys() - set(FACTS):
        near = difflib.get_close_matches(fact, FACTS, n=1)
        cure = f"did you mean {near[0]}?" if near else f"there are {', '.join(FACTS)}"
        raise ConfigurationError(f"operation {name!r}: {fact} is no fact of an operation; {cure}")

    def decorate(body: Body) -> Operation:
        if not all(part.isidentifier() for part in name.split(".")) or name.count(".") != 1:
            raise ConfigurationError(f"operation {name!r}: name it backend.name, as in sql.item_create")
        if len(name) > LONGEST_NAME:
            raise ConfigurationError(f"operation {name[:LONGEST_NAME]!r}…: name it with {LONGEST_NAME} characters at most")
        tells = " ".join((body.__doc__ or "").split())
        if not tells:
            raise ConfigurationError(f"operation {name!r}: give the function a docstring that says what its number tells")
        return Operation(name=name, tells=tells, body=body, **facts)

    return decorate


def growing(
    family: str, sizes: Sequence[int], *, prepare: Callable[[Any, int], Any], **facts: Any
) -> Callable[[Body], tuple[Operation, ...]]:
    """Turn a plain function into one operation for each size, `family_size`; the runner tells how their cost grows.

    They belong to the suite scalability and are not probed. What is common to all of them is given as to `operation`.

    Args:
        family: `backend.name`, without the size.
        sizes: of what grows: rows, segments, bytes …; ascending.
        prepare: is given the client and the size.
        facts: any other field of `Operation`; one that is a function of the size is asked for it (`items=lambda size: size`).

    Returns:
        A decorator that answers the operations; keep the tuple in the module, where the catalogue finds it.

    Raises:
        ConfigurationError: as `operation`, or fewer than three sizes, or none that are whole and ascending.
    """
    if not _are_sizes(sizes):
        raise ConfigurationError(
            f"operation {family!r}: give at least {GROWN_SIZES} whole numbers above 0, ascending, as sizes; got {sizes}"
        )
    common = {"suite": Suite.SCALABILITY, "probe_every_seconds": None, **facts}
    steps = {"verify", "cleanup"}

    def decorate(body: Body) -> tuple[Operation, ...]:
        return tuple(
            operation(
                f"{family}_{size}",
                size=size,
                prepare=Sized(prepare, size),
                **{key: fact(size) if callable(fact) and key not in steps else fact for key, fact in common.items()},
            )(body)
            for size in sizes
        )

    return decorate


def _are_sizes(given: object) -> bool:
    if not isinstance(given, Sequence) or any(type(size) is not int for size in given):
        return False
    return len(given) >= GROWN_SIZES and list(given) == sorted(set(given)) and given[0] >= 1
