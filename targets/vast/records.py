"""Commits as bytes: each a record with its length and checksum, so that one that was written in part is known by that."""

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, BinaryIO

import pyarrow as pa

from targets.vast import arrow, changes, projections, rowchanges
from targets.vast.catalogue import TableName
from targets.vast.changes import Change

_FRAME = struct.Struct("<QI")
_SIZE = struct.Struct("<I")
_KINDS = {
    kind.__name__: kind
    for kind in (
        changes.BucketCreated,
        changes.BucketDropped,
        changes.SchemaCreated,
        changes.SchemaAltered,
        changes.SchemaRenamed,
        changes.SchemaDropped,
        changes.TableCreated,
        changes.TableAltered,
        changes.TableRenamed,
        changes.TableDropped,
        changes.ColumnsAdded,
        changes.ColumnsDropped,
        changes.ColumnRenamed,
        rowchanges.RowsInserted,
        rowchanges.RowsUpdated,
        rowchanges.RowsDeleted,
        projections.ProjectionCreated,
        projections.ProjectionRenamed,
        projections.ProjectionDropped,
        projections.ObjectsImported,
        projections.ImportsForgotten,
    )
}


class DamagedRecordError(Exception):
    """A record is not whole, or is not what was written."""


class ForeignRecordError(Exception):
    """A record is whole, but this version did not write it and cannot read it."""


def framed(record: bytes) -> bytes:
    """A record, which is not empty, as it stands in a file."""
    return _FRAME.pack(len(record), zlib.crc32(record)) + record


def records(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Every record from where the file stands, each with the place where it ends.

    Raises:
        DamagedRecordError: one is not whole; those before it were.
    """
    end = file.tell()
    while head := file.read(_FRAME.size):
        if len(head) < _FRAME.size:
            raise DamagedRecordError
        length, checksum = _FRAME.unpack(head)
        record = file.read(length) if length <= _remaining(file) else b""
        if not record or len(record) < length or zlib.crc32(record) != checksum:
            raise DamagedRecordError
        end += _FRAME.size + length
        yield record, end


def _remaining(file: BinaryIO) -> int:
    """Bytes from here to the end: a damaged length must not make us allocate by its word."""
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def encoded(commit: Sequence[Change]) -> bytes:
    """A commit: a JSON header that says what changed, then the rows and columns that it refers to."""
    blobs: list[bytes] = []
    said = [[type(change).__name__, _described(change, blobs)] for change in commit]
    header = json.dumps({"changes": said, "sizes": [len(blob) for blob in blobs]}).encode()
    return b"".join([_SIZE.pack(len(header)), header, *blobs])


def _described(change: Change, blobs: list[bytes]) -> dict[str, Any]:
    described = {}
    for field in fields(_KINDS[type(change).__name__]):
        value = getattr(change, field.name)
        if field.type in {pa.Schema, pa.RecordBatch}:
            blobs.append(bytes(value.serialize()) if field.type is pa.Schema else arrow.write_batch(value))
            value = len(blobs) - 1
        described[field.name] = value
    return described


def decoded(record: bytes) -> list[Change]:
    """The commit of a record; rows are not copied out of it.

    Raises:
        ForeignRecordError: it is of another version.
    """
    try:
        (size,) = _SIZE.unpack_from(record)
        end = _SIZE.size + size
        header = json.loads(record[_SIZE.size : end])
        buffer, blobs = pa.py_buffer(record), []
        for length in header["sizes"]:
            blobs.append(buffer.slice(end, length))
            end += length
        return [_change(kind, described, blobs) for kind, described in header["changes"]]
    except (ValueError, KeyError, TypeError, IndexError, struct.error, pa.ArrowException) as error:
        raise ForeignRecordError from error


def _change(kind: str, described: dict[str, Any], blobs: Sequence[pa.Buffer]) -> Change:
    values = {field.name: _value(field.type, described[field.name], blobs) for field in fields(_KINDS[kind])}
    change: Change = _KINDS[kind](**values)
    return change


def _value(kind: Any, value: Any, blobs: Sequence[pa.Buffer]) -> Any:
    if kind is pa.Schema:
        return pa.ipc.read_schema(blobs[value])
    if kind is pa.RecordBatch:
        with pa.ipc.open_stream(blobs[value]) as reader:
            return reader.read_next_batch()
    if kind is TableName:
        return TableName(*value)
    return tuple(value) if isinstance(value, list) else value
