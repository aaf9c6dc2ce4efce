"""The flow that lists and objects are asked of: 100 segments, made once an hour, which nobody writes to."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from steadyline.operations.tams.api import FAILURES, TamsApi
from steadyline.operations.tams.artefacts import delete_counted
from steadyline.operations.tams.flow import Flow, Segment, new_id

SEGMENTS = 100
OBJECTS = 10
"""Ten objects, each shown ten times: a flow may show an object again, and ten uploads are enough."""
OBJECT_BYTES = 1000


def segment_of(number: int, object_id: str) -> Segment:
    """One of the flow's segments; an object that is shown again is shown later than it says itself."""
    return Segment(object_id, number, number - number % OBJECTS)


@dataclass(frozen=True, slots=True)
class FlowStore:
    """Where such flows are kept.

    Attributes:
        api: how to reach the target.
        run: whose they are.
        now: Unix time.
    """

    api: TamsApi
    run: str
    now: Callable[[], float]
    kind: str = "tams-segments"
    failures: tuple[type[Exception], ...] = FAILURES

    def make(self, project_id: str, name: str) -> tuple[str, ...]:
        """Make and fill the flow; the target dates it by its own clock. The ids of its objects by the number of segment."""
        flow = Flow(project_id, new_id(), self.run, self.kind, name, self.now())
        self.api.put_flow(flow)
        rooms = self.api.request_storage(flow, OBJECTS)
        for room in rooms:
            self.api.upload(room, os.urandom(OBJECT_BYTES))
        ids = tuple(rooms[number % OBJECTS].object_id for number in range(SEGMENTS))
        self.api.register(flow, *(segment_of(number, object_id) for number, object_id in enumerate(ids)))
        return ids

    def is_there(self, project_id: str) -> bool:
        """Ask whether the flow still exists."""
        return self.api.wire.is_there(f"flows/{project_id}")

    def delete(self, project_id: str) -> int:
        """Delete the flow and all in it for good; answer how many things went."""
        found = self.api.wire.find(f"flows/{project_id}")
        return delete_counted(self.api, project_id, str(found.get("source_id"))) if isinstance(found, dict) else 0
