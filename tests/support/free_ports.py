"""Free ports of the loopback address for programs that tests start.

The kernel gives the ports of its ephemeral range to any connection that goes out, also in the second between our choice and
the program's listening, or while it is restarted: where many tests ask at once, one is taken so. These lie below that range.
"""

import itertools
import os
import random
import re
import socket
from collections.abc import Iterator
from pathlib import Path

FIRST = 15_000
"""Above the ports that well-known programs, ours among them, listen on when nothing else is said."""
SLICES = 16
"""Workers of one test run have ports of their own, so that no two choose the same; runs side by side begin anywhere."""


def _end() -> int:
    """Where the ephemeral range begins; what Linux has by default where it cannot be read."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 32_768


def _candidates() -> Iterator[int]:
    size = (_end() - FIRST) // SLICES
    worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "0")) or 0) % SLICES
    begin = random.SystemRandom().randrange(size)
    return itertools.cycle(FIRST + worker * size + (begin + step) % size for step in range(size))


_NEXT = _candidates()


def free_port() -> int:
    """A port that nothing listens on now, and that this process was not given lately."""
    while True:
        port = next(_NEXT)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
