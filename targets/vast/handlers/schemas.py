"""?schema: create, alter, rename, drop and list schemas."""

from collections.abc import Mapping

from targets.vast import answers, requests
from targets.vast.catalogue import Catalogue, Schema, below
from targets.vast.changes import SchemaAltered, SchemaCreated, SchemaDropped, SchemaRenamed
from targets.vast.errors import AlreadyExists, Conflict, InvalidArgument, NoSuchSchema
from targets.vast.exchange import DONE, Answer, Handler, Request
from targets.vast.handlers.view import View
from targets.vast.listing import chosen, page
from targets.vast.transactions import Transaction, Transactions


class SchemaRequests:
    """The handlers of ?schema."""

    def __init__(self, transactions: Transactions, view: View) -> None:
        """Work on these."""
        self._transactions = transactions
        self._locks = transactions.locks
        self._view = view

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {
            ("POST", "schema"): self.create,
            ("PUT", "schema"): self.alter,
            ("DELETE", "schema"): self.drop,
            ("GET", "schema"): self.list,
        }

    def list(self, request: Request) -> Answer:
        """The schemas directly within a schema, or within the bucket."""
        bucket, path = request.schema
        schemas = self._view.catalogue(request).bucket(bucket)
        if path and path not in schemas:
            raise NoSuchSchema(f"there is no schema {path} in the bucket {bucket}")
        start = f"{path}/" if path else ""
        exact = request.headers.get("tabular-name-exact-match")
        if exact is not None:
            names = [exact] if "/" not in exact and start + exact in schemas else []
        else:
            inner = (other.removeprefix(start) for other in schemas if other.startswith(start))
            names = chosen(request, {name for name in inner if "/" not in name})
        shown, headers = page(request, names)
        found = [answers.ObjectDetails(name, schemas[start + name].properties) for name in shown]
        return Answer(headers=headers, parts=(answers.schemas(bucket, found),))

    def create(self, request: Request) -> Answer:
        """A new schema within an existing one, or within the bucket."""
        properties = requests.created_schema(request.whole_body)
        bucket, path = _named(request)
        transaction = self._view.writable(request)
        _ensure_free(transaction.catalogue, bucket, path)
        self._claim(transaction, bucket, path)
        self._transactions.change(transaction, SchemaCreated(bucket, path, properties))
        return DONE

    def alter(self, request: Request) -> Answer:
        """Other properties, another name, or both."""
        properties = requests.altered_schema(request.whole_body)
        bucket, path = _named(request)
        transaction = self._view.writable(request)
        transaction.catalogue.schema(bucket, path)
        new = request.parameter("tabular-new-schema-name")
        self._claim(transaction, bucket, path)
        if properties is not None:
            self._transactions.change(transaction, SchemaAltered(bucket, path, properties))
        if new is not None and new != path:
            self._rename(transaction, bucket, path, new.strip("/"))
        return DONE

    def _rename(self, transaction: Transaction, bucket: str, path: str, new: str) -> None:
        if not new or new.startswith(f"{path}/"):
            raise InvalidArgument("a schema cannot be renamed to nothing or into itself")
        _ensure_free(transaction.catalogue, bucket, new)
        inner = {*below(transaction.catalogue.bucket(bucket), path), *below(self._newest(bucket), path)}
        for each in sorted(inner):
            self._locks.claim(transaction.holder, (bucket, each))
        self._claim(transaction, bucket, new)
        self._transactions.change(transaction, SchemaRenamed(bucket, path, new))

    def drop(self, request: Request) -> Answer:
        """An empty schema goes."""
        bucket, path = _named(request)
        transaction = self._view.writable(request)
        schema = transaction.catalogue.schema(bucket, path)
        if schema.tables or below(transaction.catalogue.bucket(bucket), path):
            raise Conflict(f"the schema {path} is not empty")
        self._claim(transaction, bucket, path)
        self._ensure_all_seen(transaction, bucket, path)
        self._transactions.change(transaction, SchemaDropped(bucket, path))
        return DONE

    def _newest(self, bucket: str) -> Mapping[str, Schema]:
        return self._transactions.newest.buckets.get(bucket, {})

    def _ensure_all_seen(self, transaction: Transaction, bucket: str, path: str) -> None:
        """Return if nobody has made anything in a schema since the transaction began; while it claims it, nobody can."""
        base, newest = transaction.base.buckets.get(bucket, {}), self._newest(bucket)
        tables = newest.get(path, Schema()).tables.keys() - base.get(path, Schema()).tables.keys()
        if tables or set(below(newest, path)) - set(below(base, path)):
            raise Conflict(f"in the schema {path} another transaction has made something")

    def _claim(self, transaction: Transaction, bucket: str, path: str) -> None:
        """No other transaction changes this schema, nor the bucket and the schema that it is in."""
        outer = path.rpartition("/")[0]
        self._locks.share(transaction.holder, (bucket,))
        if outer:
            self._locks.share(transaction.holder, (bucket, outer))
        self._locks.claim(transaction.holder, (bucket, path))


def _named(request: Request) -> tuple[str, str]:
    bucket, path = request.schema
    if not path:
        raise InvalidArgument("the path names no schema: it is bucket/schema")
    return bucket, path


def _ensure_free(catalogue: Catalogue, bucket: str, path: str) -> None:
    """Return if a schema can be made there: nothing has the name, and what is around it exists."""
    schemas = catalogue.bucket(bucket)
    if path in schemas:
        raise AlreadyExists(f"there is a schema {path} in the bucket {bucket} already")
    outer, _, inner = path.rpartition("/")
    if not inner or path.startswith("/") or "//" in path:
        raise InvalidArgument("a schema's name is not empty")
    if outer and outer not in schemas:
        raise NoSuchSchema(f"there is no schema {outer} in the bucket {bucket}")
