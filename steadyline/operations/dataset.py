"""What every backend over the Trace tables is filled with, so that the same question costs the same work in each."""

from typing import Any

DATASET_ITEMS = 1000
"""Source: the Trace seed's query baselines are over 1000 items."""
FILTER_STATUS = "in_progress"
STATUSES = ("todo", FILTER_STATUS, "done")
TYPES = ("task", "bug", "feature", "epic")
"""Their number shares no divisor with the statuses': each type has items of each status."""
FILTERED_ITEMS = 333
"""Source: the Trace seed, "query filtered 333": every third item."""
PAGE_ITEMS = 20
WORKING_ITEMS = 100
"""Items to update and to link: more than attempts under way at once, so that no two meet on one row."""


def title_of(number: int) -> str:
    """The title of a data set's item; what a read is verified against."""
    return f"Steadyline item {number:04d}"


def content_of(number: int) -> dict[str, Any]:
    """The fields of one item of ordinary size (about 300 bytes), under the names of the API."""
    return {
        "title": title_of(number),
        "description": "An item that a measurement made; it is deleted by itself. " * 3,
        "external_id": f"steadyline-{number}",
        "type": TYPES[number % len(TYPES)],
        "status": STATUSES[number % len(STATUSES)],
        "priority": number % 5,
        "metadata": {"number": number},
    }
