"""Requests of one process that would change the same thing wait for each other, instead of meeting in a conflict.

VAST DB has no unique keys: two transactions that both find no row and both insert it would both succeed. Within this
process the locks prevent that; between processes only the changes of rows that are there are safe (the second is a 409),
so one process serves a schema.
"""

import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

_STRIPES = 64


def _fresh() -> tuple[threading.Lock, ...]:
    return tuple(threading.Lock() for _ in range(_STRIPES))


@dataclass(frozen=True, slots=True)
class Locks:
    """As many locks as there are stripes; a name's stripe follows from its bytes."""

    stripes: tuple[threading.Lock, ...] = field(default_factory=_fresh)

    @contextmanager
    def held(self, names: Iterable[str]) -> Iterator[None]:
        """Hold the locks of all the names; taken in one order everywhere, so that no two holders wait for each other."""
        places = sorted({zlib.crc32(name.encode()) % _STRIPES for name in names})
        with ExitStack() as stack:
            for place in places:
                stack.enter_context(self.stripes[place])
            yield
