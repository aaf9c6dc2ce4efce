"""Objects beside the tables: what an import reads, put through the S3 side of the same endpoint under the same keys."""

import html
import re
from collections.abc import Iterator
from urllib.parse import quote

from vastdb import errors

from steadyline.operations.vast.database import Database
from steadyline.operations.vast.failures import NoObjectsError, said_of

_NO_S3 = (errors.NotImplemented, errors.MethodNotAllowed, errors.BadRequest, errors.NotFound)
"""How an endpoint without an S3 side, or without the bucket, answers a question for objects."""
_KEY = re.compile(r"<Key>([^<]*)</Key>")
_MORE = "<IsTruncated>true</IsTruncated>"


class Objects:
    """The objects of a target's bucket.

    Args:
        database: how to reach it.
    """

    def __init__(self, database: Database) -> None:
        """Send nothing yet."""
        self._database = database

    def put(self, key: str, content: bytes) -> None:
        """Put one object.

        Raises:
            NoObjectsError: it is not taken, as where there is no S3 side; the text says what to do.
        """
        try:
            self._database.session.api.ask_for_object("PUT", self._path(key), content)
        except errors.HttpError as error:
            raise NoObjectsError(
                f"bucket {self._database.place.bucket} takes no object ({said_of(error)}); vast.import_parquet reads one: "
                "give the endpoint an S3 side that has the bucket and knows the access key"
            ) from error

    def delete(self, key: str) -> None:
        """Delete one object, if it is there."""
        self._database.session.api.ask_for_object("DELETE", self._path(key))

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin so; none where the endpoint has no S3 side."""
        after = ""
        while True:
            query = f"list-type=2&prefix={quote(prefix, safe='')}" + (f"&start-after={quote(after, safe='')}" if after else "")
            try:
                page = self._database.session.api.ask_for_object("GET", f"{self._database.place.bucket}?{query}").text
            except _NO_S3:
                return
            found = [html.unescape(key) for key in _KEY.findall(page)]
            yield from found
            if _MORE not in page or not found:
                return
            after = found[-1]

    def delete_all(self, prefix: str) -> int:
        """Delete the objects whose keys begin so; answer how many went."""
        keys = list(self.keys(prefix))
        for key in keys:
            self.delete(key)
        return len(keys)

    def _path(self, key: str) -> str:
        return f"{self._database.place.bucket}/{quote(key)}"
