"""Whether a target's caps carry what the cadences ask of it; a cap that does not is refused, not silently queued upon."""

import math
from collections.abc import Iterator, Sequence

from exporters.job import Job

ASSUMED_SECONDS = 0.5
"""How long a call is taken to be where no baseline says it."""


def needed_connections(jobs: Sequence[Job]) -> int:
    """Connections under way at once: Little's law over the baselines, and at least what the largest operation holds."""
    mean = sum(job.operation.concurrency * job.expected_seconds(ASSUMED_SECONDS) / job.interval_seconds for job in jobs)
    largest = max((job.operation.concurrency for job in jobs), default=0)
    return max(math.ceil(mean - 1e-9), largest)


def needed_bytes_per_second(jobs: Sequence[Job]) -> int:
    """Payload that the cadences move."""
    return math.ceil(sum(job.operation.bytes_moved / job.interval_seconds for job in jobs))


def faults(alias: str, jobs: Sequence[Job]) -> Iterator[str]:
    """One sentence for each cap of one target that is under its need."""
    if not jobs:
        return
    target = jobs[0].target
    connections, moved = needed_connections(jobs), needed_bytes_per_second(jobs)
    if target.concurrency < connections:
        yield (
            f"targets.{alias}.concurrency: {target.concurrency} is under the {connections} connections that the cadences of "
            f"its {target.backend} operations need; set {connections} or more"
        )
    if target.bytes_per_second < moved:
        yield (
            f"targets.{alias}.bytes_per_second: {target.bytes_per_second} is under the {moved} that the cadences of "
            f"its {target.backend} operations move; set {moved} or more"
        )
