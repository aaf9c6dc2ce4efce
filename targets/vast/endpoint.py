"""The endpoint without its HTTP server: who asks is checked, what is asked is found, and whatever goes wrong is an answer."""

import logging
import time
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from targets.vast import signature
from targets.vast.errors import InternalError, InvalidArgument, MethodNotAllowed, NoSuchBucket, NotImplementedHere, Refusal
from targets.vast.exchange import DONE, Answer, Handled, Handler, Request, refused
from targets.vast.handlers.columns import ColumnRequests
from targets.vast.handlers.imports import ImportRequests
from targets.vast.handlers.projections import ProjectionRequests
from targets.vast.handlers.queries import QueryRequests
from targets.vast.handlers.rows import RowRequests
from targets.vast.handlers.schemas import SchemaRequests
from targets.vast.handlers.snapshots import SnapshotRequests, asks_for_snapshots
from targets.vast.handlers.tables import TableRequests
from targets.vast.handlers.transactions import TransactionRequests
from targets.vast.handlers.turns import in_turn
from targets.vast.handlers.view import View
from targets.vast.objects import ObjectStore
from targets.vast.signature import Keys
from targets.vast.system import LONGEST_AUDITED, SystemBuckets
from targets.vast.transactions import Transactions

VERSION = "vast 5.4.0.0"
"""What the endpoint says it is, in the header Server: a VAST release whose protocol it speaks."""
NOT_HERE = frozenset({"blob-expansion", "partitions"})
"""Commands of later releases."""

Clock = Callable[[], float]
logger = logging.getLogger(__name__)


class Endpoint:
    """Answers tabular requests; used from the event loop only."""

    def __init__(
        self,
        keys: Keys,
        transactions: Transactions,
        system: SystemBuckets,
        store: ObjectStore | None = None,
        clock: Clock = time.time,
    ) -> None:
        """Put the handlers together.

        Args:
            keys: whose requests are met.
            transactions: the database.
            system: the buckets that the endpoint itself keeps.
            store: where objects are imported from.
            clock: seconds since the epoch.
        """
        self._keys = keys
        self._transactions = transactions
        self._system = system
        self._clock = clock
        view = View(transactions, system)
        rows = RowRequests(transactions, view)
        self._handlers: dict[tuple[str, str], Handler] = {
            **TransactionRequests(transactions).handlers(),
            **in_turn(transactions, SchemaRequests(transactions, view).handlers()),
            **in_turn(transactions, TableRequests(transactions, view).handlers()),
            **in_turn(transactions, ColumnRequests(transactions, view).handlers()),
            **rows.handlers(),
            **QueryRequests(view).handlers(),
            **in_turn(transactions, ProjectionRequests(transactions, view).handlers()),
            **ImportRequests(transactions, view, rows, store).handlers(),
            **SnapshotRequests(transactions, system).handlers(),
            ("HEAD", ""): self._look_for_bucket,
        }
        self._commands = frozenset(command for _, command in self._handlers if command) | NOT_HERE

    def is_tabular(self, method: str, path: str, query: str) -> bool:
        """Whether a request is for the database, and not for the S3 store.

        Args:
            method: as sent.
            path: with its first slash; percent-encoded or not.
            query: percent-encoded.
        """
        if query.partition("&")[0] in self._commands:
            return True
        if method == "HEAD" and not query:
            return "/" not in path.strip("/") and path != "/"
        return asks_for_snapshots(method, query)

    def answer(self, request: Request) -> Handled:
        """The answer to a tabular request; never raises."""
        try:
            self.check(request)
            raw = request.raw_path
            request.path = (unquote(raw, errors="strict") if "%" in raw else raw).strip("/")
            handled = self._handler(request)(request)
        except Exception as error:  # noqa: BLE001 - a fault of ours is an answer too, and the endpoint lives on
            return self.refuse(request, error)
        if isinstance(handled, Answer):
            self.note(request, handled.status)
            return handled
        return self._answer_later(request, handled)

    async def _answer_later(self, request: Request, handled: Awaitable[Answer]) -> Answer:
        try:
            answer = await handled
        except Exception as error:  # noqa: BLE001 - as in answer
            return self.refuse(request, error)
        self.note(request, answer.status)
        return answer

    def check(self, request: Request) -> None:
        """Return if the request is signed by one of the keys; a Refusal where it is not."""
        signature.verify(
            self._keys,
            request.method,
            request.raw_path,
            request.query,
            request.headers,
            body=request.body,
            now=self._clock(),
        )

    def refuse(self, request: Request, error: Exception) -> Answer:
        """The answer to a request that failed; one line of the log says so, and a fault of ours is an error in it."""
        answer = _answer_to(error)
        self.note(request, answer.status)
        is_ours = not isinstance(error, Refusal | UnicodeDecodeError)
        code = type(error).__name__ if is_ours else getattr(error, "code", InvalidArgument.code)
        place = request.place[:LONGEST_AUDITED]
        logger.log(logging.ERROR if is_ours else logging.WARNING, "%s %s %s %s", request.method, place, answer.status, code)
        return answer

    def note(self, request: Request, status: int) -> None:
        """Note a request in the audit log."""
        credential = request.headers.get("authorization") or request.query
        self._system.audit(request.method, request.raw_path, request.query, status, credential)

    def _handler(self, request: Request) -> Handler:
        handler = self._handlers.get((request.method, request.command))
        if handler is not None:
            return handler
        if asks_for_snapshots(request.method, request.query):
            return self._handlers["GET", "list"]
        if request.command in NOT_HERE:
            raise NotImplementedHere(f"?{request.command} needs VAST DB 5.5; this endpoint is 5.4")
        raise MethodNotAllowed(f"there is no {request.method} of ?{request.command}")

    def _look_for_bucket(self, request: Request) -> Answer:
        if request.path not in self._transactions.newest.buckets and request.path not in self._system.names:
            raise NoSuchBucket(f"there is no bucket {request.path}")
        return DONE


def _answer_to(error: Exception) -> Answer:
    if isinstance(error, UnicodeDecodeError):
        error = InvalidArgument("the path is not UTF-8")
    return refused(
        error if isinstance(error, Refusal) else InternalError("a fault of the endpoint; its log has the kind of it")
    )
