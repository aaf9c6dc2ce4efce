"""Arrow IPC: what clients write is read whole and without a copy; what is no valid data is refused before it is trusted."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from targets.vast import arrow
from targets.vast.arrow import ROW_ID, SORTED_ROW_ID_TYPE
from targets.vast.errors import InvalidArgument

ROWS = pa.record_batch(
    {
        "n": pa.array([1, None, 3], pa.int64()),
        "t": pa.array(["a", "ß", None]),
        "l": pa.array([[1], [], None], pa.list_(pa.int8())),
        "m": pa.array([[("k", 1.5)], None, []], pa.map_(pa.string(), pa.float64())),
        "f": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int16(), 2)),
        "d": pa.array([dt.date(2026, 1, 1)] * 3),
    }
)


def stream(*batches, schema=None, options=None):
    """An Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema or batches[0].schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def test_read_batch():
    """A stream of one batch is that batch, and what is written is read again."""
    assert arrow.read_batch(stream(ROWS)) == ROWS
    assert arrow.read_batch(arrow.write_batch(ROWS)) == ROWS


def test_not_copied():
    """Its values lie in the body: a 5 MB insert is not copied to be looked at."""
    body = stream(pa.record_batch({"n": np.arange(100_000)}))
    before = pa.total_allocated_bytes()
    batch = arrow.read_batch(body)
    assert pa.total_allocated_bytes() - before < 10_000
    assert batch.num_rows == 100_000


@pytest.mark.parametrize("count", [0, 2])
def test_other_numbers_of_batches(count):
    """No batch is no rows, several are one after the other."""
    assert arrow.read_batch(stream(*[ROWS] * count, schema=ROWS.schema)).to_pylist() == ROWS.to_pylist() * count


def test_without_an_end():
    """The marker at the end of a stream may be missing."""
    assert arrow.read_batch(stream(ROWS)[:-8]) == ROWS


def test_schema():
    """A schema is read from its message alone or from a stream, with its metadata."""
    schema = ROWS.schema.with_metadata({"VAST:k": "v"})
    for body in (bytes(schema.serialize()), arrow.write_schema(schema), stream(schema=schema)):
        assert arrow.read_schema(body).equals(schema, check_metadata=True)


def of(values, kind):
    """A stream of one column."""
    return stream(pa.record_batch([pa.array(values, kind)], names=["c"]))


def bad_utf8():
    """A text column that holds other bytes."""
    broken = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(np.array([0, 1], np.int32)), pa.py_buffer(b"\xff")])
    return stream(pa.record_batch([broken], names=["c"]))


def bad_offsets():
    """A text column that points beyond its values; so large that a mistake would be seen as a crash."""
    offsets = pa.py_buffer(np.array([0, 2**30], np.int32))
    good = stream(pa.record_batch([pa.array(["abc"])], names=["c"]))
    return good.replace(np.array([0, 3], np.int32).tobytes(), bytes(offsets))


REFUSED = {
    "empty": b"",
    "text": b"hello, this is no arrow stream",
    "ones": b"\xff" * 100,
    "cut": stream(ROWS)[:-200],
    "schema only, no stream": b"\xff\xff\xff\xff\x10\0\0\0" + bytes(16),
    "not UTF-8": bad_utf8(),
    "offsets outside": bad_offsets(),
    "compressed": stream(ROWS, options=pa.ipc.IpcWriteOptions(compression="lz4")),
    "dictionary": of(pa.array(["a", "b"]).dictionary_encode(), None),
    "null column": of([None] * 3, pa.null()),
    "list of nulls": of([[None]], pa.list_(pa.null())),
    "empty struct": of([{}], pa.struct([])),
    "no columns": stream(pa.record_batch([pa.array([1] * 100_000, pa.int8())], names=["c"]).select([])),
    "name not UTF-8": of([1], pa.int8()).replace(b"c\0", b"\xff\0"),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_refused(body):
    """Rows that are no valid Arrow, or whose size is only claimed, are refused."""
    with pytest.raises(InvalidArgument):
        arrow.read_batch(body)


@pytest.mark.parametrize(
    "body", [b"", b"text", b"\xff" * 100, REFUSED["name not UTF-8"]], ids=["empty", "text", "ones", "name"]
)
def test_refused_schemas(body):
    """A schema that is none is refused."""
    with pytest.raises(InvalidArgument):
        arrow.read_schema(body)


@pytest.mark.parametrize("kind", [pa.uint64(), SORTED_ROW_ID_TYPE, pa.int64()])
def test_row_ids(kind):
    """Row ids are read from any type that holds them."""
    batch = pa.record_batch([pa.array([1, 2**40], kind)], names=[ROW_ID])
    assert arrow.row_ids(batch).to_pylist() == [1, 2**40]
    assert arrow.row_ids(batch).type == pa.uint64()


BAD_IDS = {
    "none": pa.record_batch([pa.array([1])], names=["other"]),
    "two": pa.record_batch([pa.array([1]), pa.array([1])], names=[ROW_ID, ROW_ID]),
    "null": pa.record_batch([pa.array([None], pa.uint64())], names=[ROW_ID]),
    "negative": pa.record_batch([pa.array([-1])], names=[ROW_ID]),
    "text": pa.record_batch([pa.array(["a"])], names=[ROW_ID]),
    "too large": pa.record_batch([pa.array([2**70], SORTED_ROW_ID_TYPE)], names=[ROW_ID]),
}


@pytest.mark.parametrize("batch", BAD_IDS.values(), ids=BAD_IDS)
def test_no_row_ids(batch):
    """What is no row id is refused."""
    with pytest.raises(InvalidArgument):
        arrow.row_ids(batch)


def test_shown_row_ids():
    """Row ids keep their value in either type."""
    ids = pa.array([0, 1, 2**47], pa.uint64())
    assert arrow.shown_row_ids(ids, pa.uint64()) is ids
    shown = arrow.shown_row_ids(ids, SORTED_ROW_ID_TYPE)
    shown.validate(full=True)
    assert [int(each) for each in shown.to_pylist()] == [0, 1, 2**47]


@pytest.mark.parametrize("kind", [pa.uint64(), SORTED_ROW_ID_TYPE])
def test_write_row_ids(kind):
    """The answer to an insert is a stream that Arrow's own reader takes."""
    ids = pa.array([1, 2], kind)
    assert pa.ipc.open_stream(arrow.write_row_ids(ids)).read_all().column(ROW_ID).to_pylist() == ids.to_pylist()
