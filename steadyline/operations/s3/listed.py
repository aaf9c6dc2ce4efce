"""Small objects that are only listed, 100 at most: stored when first needed, gone with the run-scoped prefix."""

import threading

from steadyline.operations.s3.bucket import Bucket

MOST = 100
Entry = tuple[str, int, str]
"""Key, size and ETag, as a listing tells them."""


class Listed:
    """The objects under one prefix at a time; safe for several threads.

    Their keys are numbers of two digits: so many of them as a power of ten begin alike.

    Args:
        bucket: where they are kept.
    """

    def __init__(self, bucket: Bucket) -> None:
        """Store nothing yet."""
        self._bucket = bucket
        self._lock = threading.Lock()
        self._scope = ""
        self._entries: list[Entry] = []

    def first(self, scope: str, count: int) -> tuple[str, list[Entry]]:
        """What the keys of the first `count` objects begin with, 1, 10 or 100, and these objects in order."""
        with self._lock:
            if scope != self._scope:
                self._scope, self._entries = scope, []
            while len(self._entries) < count:
                self._entries.append(self._stored(f"{scope}/listed/{len(self._entries):02}"))
            shared = "0" * (len(str(MOST)) - len(str(count)))
            return f"{scope}/listed/{shared}", self._entries[:count]

    def _stored(self, key: str) -> Entry:
        body = key.encode()
        return key, len(body), self._bucket.put(key, body)
