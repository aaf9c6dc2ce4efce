"""The workers that Locust's master has: who came, who went, and which of the open model's starts each was given."""

from collections.abc import Iterator
from dataclasses import dataclass

from locust.runners import MasterRunner

from load.arrivals import Arrivals, Share, Shares

AHEAD_SECONDS = 2.0
"""Shares change so far ahead of what is due: every worker has heard of it by then."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The open model's starts, from a moment on.

    Attributes:
        arrivals: when each is due.
        start: of the schedule, Unix time.
    """

    arrivals: Arrivals
    start: float

    def due(self, now: float) -> int:
        """How many are due by then."""
        return self.arrivals.due(now - self.start)

    def soon(self, now: float) -> int:
        """The first number that is not due for a little while."""
        return self.arrivals.due(now - self.start + AHEAD_SECONDS)


class Fleet:
    """The workers of the run under way, by the index that Locust gives them.

    Args:
        runner: Locust's.
    """

    def __init__(self, runner: MasterRunner) -> None:
        """None is known yet."""
        self._runner = runner
        self._known: dict[str, str] = {}
        self._shares: dict[str, Shares] = {}
        self._shared: list[str] = []

    def begin(self) -> None:
        """A new run, with the workers that are there now."""
        self._known = {client: self.label(client) for client in self.here()}
        self._shares.clear()

    def label(self, client: str) -> str:
        """The worker's index, as the label `worker` has it."""
        return str(self._runner.get_worker_index(client))

    def share_out(self, first: int) -> Iterator[tuple[str, Share]]:
        """Give the workers that are there all starts from a number on; answers each one's share."""
        here = self._shared = self._with_users()
        for label in self._shares.keys() - {self.label(client) for client in here}:
            self._shares[label].adopt(Share(0, 0, first))
        for index, client in enumerate(here):
            share, label = Share(index, len(here), first), self.label(client)
            if label in self._shares:
                self._shares[label].adopt(share)
            else:
                self._shares[label] = Shares(share)
            yield client, share

    def given(self, label: str, due: int) -> int:
        """How many of the starts that are due were a worker's."""
        return self._shares[label].count(0, due) if label in self._shares else 0

    def gone(self) -> list[str]:
        """Who went since this was last asked."""
        here = set(self.here())
        self._known |= {client: self.label(client) for client in here}
        return [self._known.pop(client) for client in list(self._known) if client not in here]

    def changed(self) -> bool:
        """Whether others have users than those that the starts are shared by; a worker that comes has none at first."""
        return self._with_users() != self._shared

    def _with_users(self) -> list[str]:
        """The workers that have users, in the order of their indexes."""
        here = [client for client in self.here() if self._runner.clients[client].user_count]
        return sorted(here, key=lambda client: int(self.label(client)))

    def here(self) -> list[str]:
        """The workers that are there now."""
        clients = self._runner.clients
        return [client.id for client in (*clients.ready, *clients.spawning, *clients.running)]
