"""Users of a TAMS: those who look for recordings and play them, and those who record."""

from collections.abc import Callable

import gevent

from load.users.catalogue_user import CatalogueUser
from load.users.flows import Flow
from load.users.shared import Shared
from steadyline.operations.tams.api import TamsApi, reaching
from steadyline.operations.tams.client import TamsClient

WEIGHTS = {
    "tams.segments_list": 30.0,
    "tams.object_get": 20.0,
    "tams.flow_browse": 15.0,
    "tams.source_browse": 5.0,
    "tams.segments_paged": 3.0,
    "tams.service_read": 5.0,
    "tams.flow_put": 3.0,
    "tams.storage_request": 3.0,
    "tams.segment_upload": 3.0,
    "tams.segment_register": 3.0,
    "tams.flow_delete": 2.0,
    "tams.concurrent_ingest_10": 1.0,
    "tams.ingest": 0.0,
}
"""Of a hundred things that users do, some three quarters look for media; the rest records or makes room."""
INGEST = Flow("tams.ingest_flow", ("tams.ingest",), 10.0)
"""From nothing to media that was played again and deleted: the operation with what prepares and verifies it."""


MOST_USERS = 10_000
"""Of one process; each may be killed in the middle of an attempt with a flow of its own."""


class TamsShared(Shared[TamsClient]):
    """One TAMS target, and the object stores that it names."""

    def _home(self) -> TamsClient:
        reach = reaching(self.fused, lambda _scheme: self.connections(None), gevent.sleep)
        return TamsClient(reach, self.place, allow_writes=self.target.allow_writes, most_remembered=MOST_USERS)

    def member(self) -> TamsClient:
        """The same over connections of a user's own."""
        return self.home.over(self._reach())

    def _reach(self) -> Callable[[], TamsApi]:
        return reaching(lambda: self.connections(self.place), lambda _scheme: self.connections(None), gevent.sleep)

    def fill(self) -> None:
        """Make the flow that is only read."""
        assert self.home.listed

    def leave(self, member: TamsClient) -> None:
        """Close a member's connections."""
        member.api.close()


class TamsUser(CatalogueUser):
    """A user of the settings' tams targets, of each as often as of any other."""

    backend = "tams"
    weights = WEIGHTS
    flows = (INGEST,)
    share = TamsShared
