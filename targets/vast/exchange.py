"""One request and its answer, free of any HTTP library: what handlers take and give."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from targets.vast import errors
from targets.vast.catalogue import TableName
from targets.vast.errors import InvalidArgument, Refusal

Headers = Sequence[tuple[bytes, bytes]]
Part = bytes | memoryview

_TABLE_PARTS = 3


@dataclass(slots=True)
class Request:
    """What is asked.

    Attributes:
        raw_path: still percent-encoded, with its slashes.
        query: still percent-encoded.
        headers: by lower-case name.
        body: whole; None where it streams on to the S3 store.
        path: unquoted, without slashes at its ends; set once the request is known to be signed.
    """

    method: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes | None
    path: str = ""

    @property
    def command(self) -> str:
        """The first part of the query, such as `table`."""
        return self.query.partition("&")[0]

    @property
    def place(self) -> str:
        """Path and command, as the log names it."""
        return f"{self.raw_path}?{self.command}" if self.query else self.raw_path

    @property
    def whole_body(self) -> bytes:
        """The body of a request that does not stream."""
        assert self.body is not None
        return self.body

    @property
    def txid(self) -> int:
        """The transaction it belongs to; 0 for none."""
        return self.number("tabular-txid")

    def number(self, header: str, default: int = 0) -> int:
        """A header that is a whole number; InvalidArgument for anything else."""
        value = self.headers.get(header)
        if value is None:
            return default
        try:
            return int(value)
        except ValueError:
            raise InvalidArgument(f"the header {header} is no whole number") from None

    def parameter(self, name: str) -> str | None:
        """A parameter of the query, decoded."""
        begin = f"{name}="
        for part in self.query.split("&"):
            if part.startswith(begin):
                return unquote_plus(part[len(begin) :])
        return None

    @property
    def bucket(self) -> str:
        """The bucket in the path."""
        return self.path.partition("/")[0]

    @property
    def schema(self) -> tuple[str, str]:
        """Bucket and schema; the schema is "" for the bucket itself."""
        bucket, _, schema = self.path.partition("/")
        return bucket, schema

    @property
    def table(self) -> TableName:
        """The table in the path."""
        parts = self.path.split("/")
        if len(parts) < _TABLE_PARTS:
            raise InvalidArgument("the path names no table: it is bucket/schema/table")
        return TableName(parts[0], "/".join(parts[1:-1]), parts[-1])


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered.

    Attributes:
        headers: besides Server, Date and Content-Length.
        parts: the body, in order.
    """

    status: int = 200
    headers: Headers = ()
    parts: Sequence[Part] = ()

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self.parts))


DONE = Answer()
"""Success, and nothing to tell."""

Handled = Answer | Awaitable[Answer]
"""A light request is answered at once; a heavy one, or one that waits, later."""
Handler = Callable[[Request], Handled]


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that is not met."""
    return Answer(refusal.status, ((b"content-type", errors.CONTENT_TYPE.encode()),), (errors.xml(refusal),))
