"""The endpoint as an ASGI application: tabular requests to the database, all others to the S3 store, and its health."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator

from starlette.types import Message, Receive, Scope, Send

from targets.vast.changes import BucketCreated, BucketDropped
from targets.vast.endpoint import VERSION, Endpoint
from targets.vast.errors import AlreadyExists, Conflict, EntityTooLarge, NoSuchBucket, NotImplementedHere, Refusal
from targets.vast.exchange import DONE, Answer, Part, Request
from targets.vast.journal import DirectoryJournal
from targets.vast.objects import ObjectStore, RawHeaders
from targets.vast.transactions import Transaction, Transactions

LARGEST_BODY_BYTES = 5 << 20
"""Of a tabular request, as on a VAST cluster."""
_SERVER = (b"server", VERSION.encode())
logger = logging.getLogger(__name__)
_HEALTH = frozenset({"/-/healthy", "/-/ready"})


class ClientGone(Exception):  # noqa: N818 - it is no fault
    """The client went away before its request was whole."""


class VastApp:
    """Serves HTTP."""

    def __init__(
        self,
        endpoint: Endpoint,
        transactions: Transactions,
        store: ObjectStore | None = None,
        journal: DirectoryJournal | None = None,
    ) -> None:
        """Put the parts together; without a store, requests for it are 501. The journal is closed at the end."""
        self.endpoint = endpoint
        self._transactions = transactions
        self._store = store
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path: str = scope["raw_path"].decode("latin-1")
        query: str = scope["query_string"].decode("latin-1")
        if path in _HEALTH:
            await _send(send, "GET", Answer(headers=((b"content-type", b"text/plain"),), parts=(b"ok\n",)))
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(scope["method"], path, query, headers, None)
        try:
            if self.endpoint.is_tabular(request.method, path, query):
                await _send(send, request.method, await self._tabular(request, receive))
            else:
                await self._pass_on(request, scope["headers"], receive, send)
        except ClientGone:
            pass
        except Refusal as refusal:
            await _send(send, request.method, self.endpoint.refuse(request, refusal))

    async def _live(self, receive: Receive, send: Send) -> None:
        """From start to end: forgotten transactions are ended meanwhile."""
        await receive()
        sweeping = asyncio.create_task(self._sweep())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        sweeping.cancel()
        if self._store is not None:
            await self._store.close()
        if self._journal is not None:
            await self._journal.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self._transactions.expires_seconds / 2))
            for txid in self._transactions.expire():
                logger.warning("transaction %s was idle for %s s and is rolled back", txid, self._transactions.expires_seconds)

    async def _tabular(self, request: Request, receive: Receive) -> Answer:
        body = bytearray()
        async for piece in _body(receive):
            body += piece
            if len(body) > LARGEST_BODY_BYTES:
                raise EntityTooLarge(f"the body of a request is at most {LARGEST_BODY_BYTES} bytes")
        request.body = bytes(body)
        handled = self.endpoint.answer(request)
        return handled if isinstance(handled, Answer) else await handled

    async def _pass_on(self, request: Request, headers: RawHeaders, receive: Receive, send: Send) -> None:
        """To the S3 store; a bucket that is made or dropped there is so here."""
        self.endpoint.check(request)
        bucket = _whole_bucket(request)
        if self._store is None:
            if bucket is None:
                raise NotImplementedHere("there is no S3 store behind the endpoint; start it with --s3-url")
            with self._changing(bucket, request.method) as transaction:
                await self._commit(transaction)
            self.endpoint.note(request, DONE.status)
            await _send(send, request.method, DONE)
            return
        target = f"{request.raw_path}?{request.query}" if request.query else request.raw_path
        with self._changing(bucket, request.method) as transaction:
            passed = await self._store.passed(request.method, target.encode("latin-1"), headers, _body(receive))
            try:
                if passed.status < 300:  # noqa: PLR2004 - any success
                    await self._commit(transaction)
                self.endpoint.note(request, passed.status)
                await send({"type": "http.response.start", "status": passed.status, "headers": passed.headers})
                async for piece in passed.body():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body"})
            finally:
                await passed.close()

    @contextlib.contextmanager
    def _changing(self, bucket: str | None, method: str) -> Iterator[Transaction | None]:
        """A transaction that makes or drops a bucket, if there is anything to do; rolled back unless it is committed.

        It claims the bucket before the store is asked: so nothing is made in a bucket that is about to be dropped.
        """
        if bucket is None or not self._is_to_change(bucket, method):
            yield None
            return
        transaction = self._transactions.get(self._transactions.begin())
        try:
            self._transactions.locks.claim(transaction.holder, (bucket,))
            if method == "DELETE" and self._transactions.newest.bucket(bucket):
                raise Conflict(f"the bucket {bucket} holds schemas")
            self._transactions.change(transaction, BucketCreated(bucket) if method == "PUT" else BucketDropped(bucket))
            yield transaction
        finally:
            if not transaction.ended:
                self._transactions.rollback(transaction.holder.txid)

    def _is_to_change(self, bucket: str, method: str) -> bool:
        """Whether the bucket is not yet as the request will have it; where a store is, that is for it to judge."""
        is_there = bucket in self._transactions.newest.buckets
        if self._store is None and method == "PUT" and is_there:
            raise AlreadyExists(f"there is a bucket {bucket} already")
        if self._store is None and method == "DELETE" and not is_there:
            raise NoSuchBucket(f"there is no bucket {bucket}")
        return is_there == (method == "DELETE")

    async def _commit(self, transaction: Transaction | None) -> None:
        waiting = None if transaction is None else self._transactions.commit(transaction.holder.txid)
        if waiting is not None:
            await waiting


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        if piece:
            yield piece
        if not message.get("more_body"):
            return


def _whole_bucket(request: Request) -> str | None:
    """The bucket that a request makes or drops, if it does."""
    name = request.raw_path.strip("/")
    is_whole = request.method in {"PUT", "DELETE"} and name and "/" not in name and not request.query
    return name if is_whole else None


async def _send(send: Send, method: str, answer: Answer) -> None:
    length = (b"content-length", b"%d" % answer.length)
    await send({"type": "http.response.start", "status": answer.status, "headers": [_SERVER, *answer.headers, length]})
    parts: list[Part] = [] if method == "HEAD" else list(answer.parts)
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})

    await send({"type": "http.response.body"})
