"""Buckets that are made and dropped in the S3 store behind the endpoint: what is in them is safe meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from targets.vast.app import VastApp
from targets.vast.catalogue import Catalogue
from targets.vast.changes import BucketCreated, SchemaCreated
from targets.vast.endpoint import Endpoint
from targets.vast.errors import Conflict
from targets.vast.signature import Keys
from targets.vast.system import SystemBuckets
from targets.vast.transactions import Transactions


class Passed:
    """The answer of the store."""

    headers: list[tuple[bytes, bytes]]

    def __init__(self, status: int) -> None:
        """No more than its status."""
        self.status, self.headers = status, []

    async def body(self) -> AsyncIterator[bytes]:
        """Nothing."""
        for piece in list[bytes]():
            yield piece

    async def close(self) -> None:
        """Nothing to do."""


class Store:
    """A far end that does something else before it answers."""

    def __init__(self, status: int, meanwhile: Callable[[], object]) -> None:
        """Answer with this status."""
        self.status, self.meanwhile = status, meanwhile

    async def passed(self, *_asked: object) -> Passed:
        """The answer."""
        self.meanwhile()
        return Passed(self.status)


def asked(transactions: Transactions, method: str, status: int, meanwhile: Callable[[], object]) -> list[Any]:
    """What is sent to who makes or drops the bucket b."""
    endpoint = Endpoint(Keys({}), transactions, SystemBuckets())
    endpoint.check = lambda _request: None  # type: ignore[method-assign]
    app = VastApp(endpoint, transactions, Store(status, meanwhile))  # type: ignore[arg-type]
    scope = {"type": "http", "method": method, "raw_path": b"/b", "query_string": b"", "headers": []}
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def make_schema(transactions: Transactions) -> None:
    """Make a schema in the bucket, as the handler does."""
    transaction = transactions.get(transactions.begin())
    transactions.locks.share(transaction.holder, ("b",))
    transactions.change(transaction, SchemaCreated("b", "s"))
    transactions.commit(transaction.holder.txid)


def test_schema_in_a_bucket_that_is_being_dropped() -> None:
    """While the store drops a bucket nothing can be made in it; afterwards it is gone on both sides."""
    transactions = Transactions(BucketCreated("b").applied(Catalogue()))

    def meanwhile() -> None:
        with pytest.raises(Conflict):
            make_schema(transactions)

    assert asked(transactions, "DELETE", 204, meanwhile)[0]["status"] == 204
    assert transactions.newest == Catalogue()


def test_bucket_that_the_store_does_not_drop() -> None:
    """What the store refuses leaves the bucket as it was, and free."""
    transactions = Transactions(BucketCreated("b").applied(Catalogue()))
    assert asked(transactions, "DELETE", 409, lambda: None)[0]["status"] == 409
    make_schema(transactions)
    assert list(transactions.newest.bucket("b")) == ["s"]
    assert transactions.open_count == 0


def test_bucket_that_is_made_again() -> None:
    """A bucket that is there already is made again in the store alone, whoever uses it."""
    transactions = Transactions(BucketCreated("b").applied(Catalogue()))
    user = transactions.get(transactions.begin())
    transactions.locks.share(user.holder, ("b",))
    assert asked(transactions, "PUT", 200, lambda: None)[0]["status"] == 200
