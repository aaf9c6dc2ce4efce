"""The connection to one TAMS target: its API, run-scoped flows, and the janitor's questions."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from functools import partial
from typing import Self

import httpx

from steadyline.operations.http.connection import Place
from steadyline.operations.renewal import ClientClosedError, RenewedProject, Scoped, delete_each
from steadyline.operations.scoped_client import ScopedClient
from steadyline.operations.tams.api import FAILURES, TamsApi
from steadyline.operations.tams.artefacts import Found, count_of, delete_counted, run_scoped
from steadyline.operations.tams.fixture import FlowStore
from steadyline.operations.tams.flow import Flow, new_flow, new_id
from steadyline.operations.tams.reachability import check
from steadyline.outcome import IntegrityError

ATTEMPT = "tams-attempt"
"""The kind of a flow that one attempt writes into, and that goes with it."""
MOST_REMEMBERED = 200
"""As many as attempts under way and flows that could not be deleted, of whoever asks no more than that at once."""


class TamsClient(ScopedClient):
    """One target; safe for several threads.

    Each attempt that writes has a flow of its own; lists and objects are asked of `listed`, which nobody writes to.

    Args:
        reach: makes connections to the target and to the object stores that it names.
        place: where it is.
        allow_writes: without it, whatever needs a run-scoped flow is refused.
        now: Unix time.
        most_remembered: flows of attempts, under way or left, that closing deletes; of more, the oldest are left to a sweep.
    """

    def __init__(
        self,
        reach: Callable[[], TamsApi],
        place: Place,
        *,
        allow_writes: bool,
        now: Callable[[], float] = time.time,
        most_remembered: int = MOST_REMEMBERED,
    ) -> None:
        """Send nothing yet."""
        self.reach = reach
        self.api = reach()
        self._place = place
        super().__init__(allow_writes=allow_writes, now=now)
        self._run = new_id()
        self._listed = RenewedProject(FlowStore(self.api, self._run, now), now)
        self._attempts: dict[str, Flow] = {}
        self._most_remembered = most_remembered
        self._lock = threading.Lock()
        self._closed = False

    def over(self, reach: Callable[[], TamsApi]) -> Self:
        """The same client, its run-scoped flows too, asking over other connections; close them, and this client last."""
        twin = copy(self)
        twin.reach, twin.api = reach, reach()
        return twin

    @contextmanager
    def fresh(self) -> Iterator[TamsApi]:
        """Connections of its own to the same target, as a client that just begins has them."""
        if self._closed:
            raise ClientClosedError("the client was closed")
        api = self.reach()
        try:
            yield api
        finally:
            api.close()

    @property
    def listed(self) -> Scoped:
        """The run-scoped flow of 100 segments that is only read."""
        self._require_writes()
        return self._listed.current()

    def new_flow(self) -> Flow:
        """A flow for one attempt, not made yet; ours from now on, so that closing deletes it whatever happens."""
        self._require_writes()
        flow = new_flow(self._run, ATTEMPT, self._now())
        with self._lock:
            self._attempts[flow.id] = flow
            if len(self._attempts) > self._most_remembered:
                del self._attempts[next(iter(self._attempts))]
        return flow

    @contextmanager
    def making(self) -> Iterator[Flow]:
        """A flow for one attempt, for a block that makes it; deleted again where the block fails."""
        flow = self.new_flow()
        try:
            yield flow
        except Exception:
            with suppress(*FAILURES, ClientClosedError):
                self.delete(flow)
            raise

    def delete(self, flow: Flow) -> bool:
        """Delete an attempt's flow and all in it, to the end; False where it was gone already."""
        was_there = self.api.delete_flow(flow.id)
        with self._lock:
            self._attempts.pop(flow.id, None)
        return was_there

    def check(self) -> None:
        """Ask whether the target answers as a TAMS API.

        Raises:
            UnreachableError: it does not, or it refuses; the text says what to do.
        """
        check(self.api, self._place)

    def sweep(self) -> int:
        """Delete what crashed runs left, and own flows that are overdue; answer how many artefacts went."""
        if not self._allow_writes:
            return 0
        ours = self._listed.ids
        crashed = [flow for flow in run_scoped(self.api) if flow.was_left_by_a_crash and flow.id not in ours]
        deletions = [partial(delete_counted, self.api, flow.id, flow.source_id) for flow in crashed]
        return delete_each([self._listed.delete_overdue, *deletions], (httpx.HTTPStatusError, IntegrityError))

    def leaked(self) -> int:
        """Count what should be gone: of crashed runs, of overdue predecessors, and what attempts left of ours."""
        shown = list(run_scoped(self.api))
        forgotten = self._left_by_attempts(shown)
        ours, overdue = self._listed.ids, self._listed.overdue | forgotten
        late = [flow for flow in shown if flow.id in overdue or (flow.was_left_by_a_crash and flow.id not in ours)]
        return sum(count_of(self.api, flow.id, flow.source_id) for flow in late)

    def _left_by_attempts(self, shown: list[Found]) -> set[str]:
        """Own attempts' flows that were there at an earlier count too, so that no attempt under way needs them."""
        fixtures = self._listed.ids
        found = {flow.id for flow in shown if flow.run == self._run and flow.id not in fixtures}
        return self._lingering(found)

    def close(self) -> None:
        """Delete all that this client wrote, and disconnect; what cannot be deleted now is left to a later sweep."""
        self._closed = True
        with suppress(httpx.RequestError, ClientClosedError):  # whoever does not answer once is not asked for each flow
            with suppress(httpx.HTTPStatusError, IntegrityError):
                self._listed.close()
            for flow in list(self._attempts.values()):
                with suppress(httpx.HTTPStatusError, IntegrityError):
                    self.delete(flow)
        self.api.close()
