"""Users of a Trace API: who manages items looks at them much more often than they change, and seldom deletes any."""

from typing import cast

from locust.env import Environment
from locust.exception import StopTest

from load.quick.response import CaughtResponse
from load.users import data
from load.users.catalogue_user import CatalogueUser
from load.users.flows import Flow
from load.users.shared import Shared
from steadyline.errors import ConfigurationError
from steadyline.operations.trace.client import TraceClient

WEIGHTS = {
    "trace.item_read": 30.0,
    "trace.item_browse": 12.0,
    "trace.query_page_20": 8.0,
    "trace.query_filtered": 3.0,
    "trace.query_count": 2.0,
    "trace.query_all_1000": 1.0,
    "trace.item_update": 12.0,
    "trace.item_create": 6.0,
    "trace.link_create": 3.0,
    "trace.item_delete": 2.0,
}
"""Of a hundred things that a user does: some thirty reads, as many queries, half as many updates, then creates, links and
deletes."""
CRUD = Flow("trace.crud_flow", ("trace.item_create", "trace.item_read", "trace.item_update", "trace.item_delete"), 3.0)


class TraceShared(Shared[TraceClient]):
    """One Trace target."""

    def _home(self) -> TraceClient:
        return TraceClient(self.fused(), self.place, allow_writes=self.target.allow_writes)

    def member(self) -> TraceClient:
        """The same over connections of a user's own."""
        return self.home.over(self.connections(self.place))

    def fill(self) -> None:
        """Make the project that is written into, and the one that is queried."""
        assert self.home.working
        assert self.home.dataset

    def leave(self, member: TraceClient) -> None:
        """Close a member's connections."""
        member.wire.close()


class TraceUser(CatalogueUser):
    """A user of the Trace API at `--host`, or of the settings' trace target.

    With `--data FILE` every second iteration looks up a row of that file (`load.users.data`).
    """

    backend = "trace"
    weights = WEIGHTS
    flows = (CRUD,)
    share = TraceShared
    takes_host = True

    @classmethod
    def prepare(cls, environment: Environment) -> None:
        """Say what is wrong with the options and settings, before anything starts.

        Raises:
            ConfigurationError: nothing can be done with them.
        """
        super().prepare(environment)
        data.of(environment)

    def __init__(self, environment: Environment) -> None:
        """Choose what to do; connect later.

        Raises:
            StopTest: nothing can be done; the text says why.
        """
        super().__init__(environment)
        try:
            self._look_ups = data.of(environment)
        except ConfigurationError as error:
            raise StopTest(str(error)) from None
        if self._look_ups is not None:
            self.tasks = [*self.tasks, *[TraceUser.look_up] * len(self.tasks)]

    def look_up(self) -> None:
        """Ask for one row's path."""
        assert self._look_ups is not None
        row = next(self._look_ups)
        with cast("CaughtResponse", self.client.get(row.path, name=row.name, catch_response=True)) as response:
            if response.ok and row.contains not in (response.text or ""):
                response.failure("the answer does not hold the text that the row says")
