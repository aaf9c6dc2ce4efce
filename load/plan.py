"""What the master decides for a whole run and every worker goes by: who, which load, which edges. Pure data, sent as JSON."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

from steadyline.baseline import ANY, Baseline
from steadyline.criterion import Criterion
from steadyline.edges import own_edges
from steadyline.operation import Operation
from steadyline.vocabulary import Driver


@dataclass(frozen=True, slots=True)
class Plan:
    """One run.

    Attributes:
        run: its id.
        start: when it began, Unix time.
        profile: low, medium, high, or "" where the load is the user's own.
        shape: of the load.
        users: at full load.
        revision: git revision of the folder it was started in.
        arrival_rate: starts per second of the open model at full load; None in the closed model.
        run_seconds: how long the load lasts; infinite without an end.
        edges: each judged operation's own edges, seconds; a name that is not here has the ladder alone.
    """

    run: str
    start: float
    profile: str = ""
    shape: str = "constant"
    users: int = 1
    revision: str = "unknown"
    arrival_rate: float | None = None
    run_seconds: float = math.inf
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def message(self) -> dict[str, Any]:
        """The plan as msgpack and JSON carry it."""
        return asdict(self)

    @classmethod
    def of_message(cls, message: Mapping[str, Any]) -> "Plan":
        """The plan that a message carries."""
        return cls(**{**message, "edges": {name: tuple(edges) for name, edges in message["edges"].items()}})


def edges_of(
    operations: Mapping[str, Operation], baselines: Iterable[Baseline], criteria: Iterable[Criterion], profile: str
) -> dict[str, tuple[float, ...]]:
    """Each operation's own edges: round its baselines of this profile, at its budget, and at the limits of criteria.

    Args:
        operations: by name, those that users may run.
        baselines: all that are known.
        criteria: of this run; those over all operations need no edge, for sums are over the ladder.
        profile: of the run.
    """
    known = [one for one in baselines if one.driver == Driver.LOAD and one.profile in (ANY, profile)]
    asked = list(criteria)
    edges = {}
    for name, operation in operations.items():
        limits = [edge for one in asked if one.operation == name for edge in one.edge_seconds]
        own = [one for one in known if one.operation == name]
        # A recorded baseline is of one target, and all targets of a name have the same edges.
        around = [own_edges(one.seconds_per_call(operation.items), one.tolerance) for one in own]
        edges[name] = own_edges(None, 0.0, (operation.budget_seconds, *limits, *chain.from_iterable(around)))
    for one in asked:  # a name of the user's own
        if one.operation not in operations and one.edge_seconds:
            edges[one.operation] = own_edges(None, 0.0, (*edges.get(one.operation, ()), *one.edge_seconds))
    return edges
