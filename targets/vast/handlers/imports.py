"""POST ?data: import Parquet objects from the S3 store behind the endpoint."""

import json
import logging
from collections.abc import Sequence
from functools import partial

import pyarrow as pa

from targets.vast import importing, requests
from targets.vast.catalogue import IMPORTED_COLUMNS, Catalogue, Table, TableName
from targets.vast.changes import Change, ColumnsAdded
from targets.vast.errors import InvalidArgument, NotImplementedHere, Refusal
from targets.vast.exchange import Answer, Handled, Handler, Request
from targets.vast.handlers.rows import RowRequests
from targets.vast.handlers.view import View
from targets.vast.objects import ObjectStore
from targets.vast.projections import ObjectsImported
from targets.vast.requests import Import, ImportedFile
from targets.vast.rowchanges import RowsUpdated
from targets.vast.rowids import stored_schema
from targets.vast.system import LONGEST_AUDITED
from targets.vast.transactions import Transaction, Transactions

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 1024
"""The client reads what came of each object from a piece of exactly this size."""
_LONGEST_MESSAGE = 300
_SUCCESS = "Success"
_ALREADY = "TabularAlreadyImported"

Prepared = list[pa.RecordBatch] | importing.Addition


class ImportRequests:
    """The handler of POST ?data."""

    def __init__(self, transactions: Transactions, view: View, rows: RowRequests, store: ObjectStore | None) -> None:
        """Work on these."""
        self._transactions = transactions
        self._view = view
        self._rows = rows
        self._store = store

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {("POST", "data"): self.load}

    def load(self, request: Request) -> Handled:
        """Objects become rows, or columns; answers what came of each."""
        asked = requests.import_data(request.whole_body)
        name = request.table
        transaction = self._view.writable(request)
        transaction.catalogue.table(name)
        if self._store is None:
            raise NotImplementedHere("there is no S3 store behind the endpoint to import from; start it with --s3-url")
        locks = self._transactions.locks
        locks.share(transaction.holder, name[:2])
        if asked.key_names:
            locks.claim(transaction.holder, name)
        else:
            locks.share(transaction.holder, name)
        return self._loaded(request, asked, transaction, self._store)

    async def _loaded(self, request: Request, asked: Import, transaction: Transaction, store: ObjectStore) -> Answer:
        pieces = []
        refused = []
        for file in asked.files:
            try:
                result, message = await self._load(file, asked.key_names, request.table, transaction, store), ""
            except Refusal as refusal:
                result, message = refusal.code, refusal.message
                refused.append(result)
            pieces.append(_piece(file, result, message))
        if refused:  # the answer is a success all the same: its pieces say what came of each
            place = request.place[:LONGEST_AUDITED]
            logger.warning("%s %s %s: %s of %s objects", request.method, place, refused[0], len(refused), len(asked.files))
        return Answer(headers=((b"content-type", b"application/json"),), parts=pieces)

    async def _load(
        self, file: ImportedFile, keys: Sequence[str], name: TableName, transaction: Transaction, store: ObjectStore
    ) -> str:
        if file.format.lower() != "parquet":
            raise InvalidArgument(f"objects of the format {file.format} cannot be imported, only parquet")
        if _is_imported(file, transaction.catalogue.table(name)):
            return _ALREADY
        content = await store.read(file.bucket, file.name)

        def prepare(catalogue: Catalogue) -> Prepared:
            rows = importing.read(content, file.partitions)
            table = catalogue.table(name)
            return importing.to_add(rows, table, keys) if keys else importing.to_insert(rows, table)

        await self._transactions.change_off_loop(transaction, prepare, partial(self._settled, transaction, name, file))
        return _SUCCESS

    def _settled(self, transaction: Transaction, name: TableName, file: ImportedFile, prepared: Prepared) -> Sequence[Change]:
        table = transaction.catalogue.table(name)
        changes: list[Change] = []
        if isinstance(prepared, importing.Addition):
            if len(prepared.columns):
                changes.append(ColumnsAdded(name, prepared.columns))
            ids = prepared.rows.column(0).to_numpy()
            self._transactions.locks.claim_rows(transaction.holder, table.handle, ids)
            changes.append(RowsUpdated(name, prepared.rows))
        else:
            changes += [self._rows.inserting(transaction, name, table, batch) for batch in prepared]
        place = pa.array([table.row_ids.take(1)], pa.uint64())
        noted = pa.RecordBatch.from_arrays([place, [file.name], [file.bucket]], schema=stored_schema(IMPORTED_COLUMNS))
        return [*changes, ObjectsImported(name, noted)]


def _is_imported(file: ImportedFile, table: Table) -> bool:
    imported = table.imported.table.select(IMPORTED_COLUMNS.names).to_pydict()
    return (file.name, file.bucket) in zip(imported["ObjectName"], imported["BucketName"], strict=True)


def _piece(file: ImportedFile, result: str, message: str) -> bytes:
    """What came of one object."""
    told = {"res": result, "err_msg": message[:_LONGEST_MESSAGE], "object_name": file.name, "bucket_name": file.bucket}
    text = json.dumps(told).encode()
    if len(text) > _CHUNK_BYTES:  # a name of S3's full length does not fit
        text = json.dumps({**told, "err_msg": "", "object_name": file.name[-_LONGEST_MESSAGE // 3 :]}).encode()
    return text[:_CHUNK_BYTES].ljust(_CHUNK_BYTES)
