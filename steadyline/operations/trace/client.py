"""The connection to one Trace target: requests, run-scoped projects, and the janitor's questions."""

import time
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from functools import partial
from typing import Any, Self

import httpx

from steadyline.operations.dataset import DATASET_ITEMS, WORKING_ITEMS
from steadyline.operations.http.connection import Place
from steadyline.operations.http.exchange import Connections
from steadyline.operations.http.wire import Wire
from steadyline.operations.renewal import ClientClosedError, RenewedProject, Scoped, delete_each
from steadyline.operations.scoped_client import ScopedClient
from steadyline.operations.trace.artefacts import delete_project, left, row_ids
from steadyline.operations.trace.projects import ProjectStore
from steadyline.operations.trace.reachability import check
from steadyline.outcome import IntegrityError

API = "api/v1/"


def error_of(document: Any) -> Any:
    """What a Trace API says is wrong, out of its error document."""
    return document["error"]


class TraceClient(ScopedClient):
    """One target; safe for several threads.

    Operations write into `working`, whose first items stay; queries ask `dataset`, which nobody writes to.

    Args:
        connections: to the target.
        place: where it is.
        allow_writes: without it, whatever needs a run-scoped project is refused.
        now: Unix time.
    """

    def __init__(
        self, connections: Connections, place: Place, *, allow_writes: bool, now: Callable[[], float] = time.time
    ) -> None:
        """Send nothing yet."""
        self.wire = Wire(connections, API, error_of)
        self._place = place
        super().__init__(allow_writes=allow_writes, now=now)
        self._working = RenewedProject(ProjectStore("trace-working", self.wire, WORKING_ITEMS), now)
        self._dataset = RenewedProject(ProjectStore("trace-dataset", self.wire, DATASET_ITEMS), now)

    def over(self, connections: Connections) -> Self:
        """The same client, its run-scoped projects too, asking over other connections; close them, and this client last."""
        twin = copy(self)
        twin.wire = Wire(connections, API, error_of)
        return twin

    @property
    def working(self) -> Scoped:
        """The run-scoped project that operations write into."""
        self._require_writes()
        return self._working.current()

    @property
    def dataset(self) -> Scoped:
        """The run-scoped project that queries are asked of."""
        self._require_writes()
        return self._dataset.current()

    def get(self, path: str, **query: str | int) -> Any:
        """GET; the JSON answered."""
        return self.wire.send("GET", path, query=query)

    def post(self, path: str, body: Any) -> Any:
        """POST; the JSON answered."""
        return self.wire.send("POST", path, body=body)

    def put(self, path: str, body: Any) -> Any:
        """PUT; the JSON answered."""
        return self.wire.send("PUT", path, body=body)

    def delete(self, path: str) -> None:
        """DELETE what must be there."""
        self.wire.send("DELETE", path)

    def check(self) -> None:
        """Ask whether the target answers as a Trace API.

        Raises:
            UnreachableError: it does not, or it refuses; the text says what to do.
        """
        check(self.wire, self._place, allow_writes=self._allow_writes)

    def sweep(self) -> int:
        """Delete what crashed runs left, and own predecessors that are overdue; answer how many rows went."""
        if not self._allow_writes:
            return 0
        overdue = [project.delete_overdue for project in self._projects]
        deletions = [partial(delete_project, self.wire, found.id) for found in left(self.wire, self._ours)]
        return delete_each([*overdue, *deletions], (httpx.HTTPStatusError, IntegrityError))

    def leaked(self) -> int:
        """Count rows that should be gone: of crashed runs, of overdue predecessors, and what attempts left in ours."""
        return sum(found.rows for found in left(self.wire, self._ours, self._overdue)) + self._left_by_attempts()

    def _left_by_attempts(self) -> int:
        """Rows in the working project that were there at an earlier count too, so no attempt under way needs them."""
        held = self._working.held
        found = row_ids(self.wire, held.id).difference(held.items) if held else set()
        return len(self._lingering(found))

    @property
    def _projects(self) -> tuple[RenewedProject, RenewedProject]:
        return self._working, self._dataset

    @property
    def _ours(self) -> set[str]:
        return self._working.ids | self._dataset.ids

    @property
    def _overdue(self) -> set[str]:
        return self._working.overdue | self._dataset.overdue

    def close(self) -> None:
        """Delete all that this client wrote, and disconnect; what cannot be deleted now is left to a later sweep."""
        for project in self._projects:
            with suppress(httpx.HTTPError, IntegrityError, ClientClosedError):
                project.close()
        self.wire.close()
