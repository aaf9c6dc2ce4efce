"""The VAST endpoint killed at random moments under concurrent commits: what is lost, and what is there half."""

import logging
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from paired import Figure
from vast_kills import WORKERS, killed

KILLS = 200
SEED = int(os.environ.get("STEADYLINE_VAST_SEED", random.randrange(1 << 32)))
"""A run's moments are drawn anew, unless it repeats another's."""


def figures() -> Iterator[Figure]:
    """One line: the faults over all kills."""
    logging.getLogger("vastdb").setLevel(logging.CRITICAL)  # it tells of each connection that a kill ends
    with tempfile.TemporaryDirectory() as folder, killed(Path(folder), KILLS, SEED) as lives:
        after = list(lives)
    faults = [fault for each in after for fault in each]
    yield Figure(
        f"{len(after)} SIGKILLs of the VAST endpoint under {WORKERS} committing clients: commits lost or there half",
        "0",
        f"{len(faults)} (seed {SEED})" + (f", first: {faults[0]}" if faults else ""),
        not faults and len(after) == KILLS,
    )
