"""What happened, for those who registered a webhook: said by the work that did it, sent when its transaction is committed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from targets.tams.tables import Row, unpacked

WEBHOOKS_CHANGED = "webhooks/changed"
"""Said among ourselves only: whom to tell is to be looked up again."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        type: as the specification names it, such as `flows/created`.
        at: when.
        source_id: the source that it is of.
        flow_id: the flow that it is of; None for what happens to a source.
        tell: makes what is said of it; called only when somebody wants to hear it.
    """

    type: str
    at: datetime
    source_id: str = ""
    flow_id: str | None = None
    tell: Callable[[], dict[str, Any]] = dict


def is_wanted(webhook: Row, event: Event) -> bool:
    """Whether a webhook asked for the event, by its type, and by its flow and source where it named some; and may be told."""
    if webhook["status"] not in {"created", "started"} or event.type not in unpacked(webhook["events"]):
        return False
    limits = unpacked(webhook["document"])
    flows, sources = limits.get("flow_ids"), limits.get("source_ids")
    is_of_flow = flows is None or event.flow_id is None or event.flow_id in flows
    return is_of_flow and (sources is None or event.source_id in sources)
