"""Rows: whatever is done to them, they hold what a dictionary would, in order and in few chunks."""

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.vast import chunks
from targets.vast.errors import InvalidArgument
from targets.vast.rowids import row_id_array, stored_schema
from targets.vast.rows import Rows

COLUMNS = pa.schema([("x", pa.int64()), ("s", pa.utf8())])
SCHEMA = stored_schema(COLUMNS)


def batch(ids: list[int], values: list[int]) -> pa.RecordBatch:
    """Rows to insert: `s` is `x` as text."""
    return pa.RecordBatch.from_arrays([pa.array(ids, pa.uint64()), values, [str(value) for value in values]], schema=SCHEMA)


def held(rows: Rows) -> dict[int, int]:
    """What the rows hold; the text has to agree."""
    table = rows.table.to_pydict()
    assert table["s"] == [str(value) for value in table["x"]]
    return dict(zip(table["$row_id"], table["x"], strict=True))


def assert_ordered(rows: Rows) -> None:
    """Chunks are in order, do not overlap and say their bounds rightly."""
    edges = [edge for chunk in rows.chunks for edge in (chunk.first, chunk.last)]
    assert edges == sorted(edges)
    for chunk in rows.chunks:
        ids = chunk.row_ids
        assert (ids[0], ids[-1]) == (chunk.first, chunk.last)
        assert (ids[1:] > ids[:-1]).all()


operations = st.one_of(
    st.tuples(st.just("insert"), st.sets(st.integers(0, 60), min_size=1, max_size=8)),
    st.tuples(st.just("update"), st.sets(st.integers(0, 60), min_size=1, max_size=8)),
    st.tuples(st.just("delete"), st.sets(st.integers(0, 60), min_size=1, max_size=8)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(operations, max_size=25))
def test_rows_are_a_dictionary(done: list[tuple[str, set[int]]]) -> None:
    """Inserts, updates and deletes in any order leave what they would leave in a dictionary, and old versions as they were."""
    rows, expected, following = Rows(SCHEMA), dict[int, int](), 0
    versions: list[tuple[Rows, dict[int, int]]] = []
    for what, chosen in done:
        versions.append((rows, dict(expected)))
        ids = sorted(chosen - set(expected)) if what == "insert" else sorted(chosen)
        values = list(range(following, following + len(ids)))
        following += len(ids)
        if what == "insert":
            rows = rows.inserted(batch(ids, values))
            expected |= dict(zip(ids, values, strict=True))
        elif what == "update":
            rows = rows.updated(batch(ids, values))
            expected |= {row: value for row, value in zip(ids, values, strict=True) if row in expected}
        else:
            rows = rows.deleted(np.array(ids, dtype=np.uint64))
            expected = {row: value for row, value in expected.items() if row not in chosen}
        assert_ordered(rows)
    assert held(rows) == dict(sorted(expected.items()))
    assert rows.num_rows == len(expected)
    for version, was in versions:
        assert held(version) == dict(sorted(was.items()))


def test_one_row_inserts_stay_in_few_chunks() -> None:
    """Ten thousand single inserts copy each row a few times and leave some dozens of chunks."""
    rows, most, copied = Rows(SCHEMA), 0, 0
    for number in range(10_000):
        before = {id(chunk) for chunk in rows.chunks}
        rows = rows.inserted(batch([number], [number]))
        most = max(most, len(rows.chunks))
        copied += sum(chunk.batch.num_rows for chunk in rows.chunks if id(chunk) not in before)
    assert most <= 7 * 5 + 1
    assert copied <= 10_000 * 6
    assert rows.num_rows == 10_000


def test_survivors_of_deletes_are_brought_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that keeps one row in a thousand does not keep a chunk for each."""
    monkeypatch.setattr(chunks, "MOST_ROWS", 1000)
    rows = Rows(SCHEMA)
    for start in range(0, 200_000, 1000):
        ids = list(range(start, start + 1000))
        rows = rows.inserted(batch(ids, ids)).deleted(np.array(ids[1:], dtype=np.uint64))
    assert rows.num_rows == 200
    assert len(rows.chunks) <= 64


def test_large_insert_is_cut() -> None:
    """No chunk has more rows than an update of one row should copy, and cutting copies nothing."""
    count = 3 * chunks.MOST_ROWS // 2
    values = np.arange(count)
    big = pa.RecordBatch.from_arrays([row_id_array(0, count), values, pa.array(["s"] * count)], schema=SCHEMA)
    rows = Rows(SCHEMA).inserted(big)
    assert [chunk.batch.num_rows for chunk in rows.chunks] == [chunks.MOST_ROWS, chunks.MOST_ROWS // 2]
    assert rows.chunks[1].batch.column(1).buffers()[1].address == big.column(1).buffers()[1].address


def test_rows_of_two_commits_interleave() -> None:
    """Rows whose ids lie between others take their place; an id that is there is refused."""
    rows = Rows(SCHEMA).inserted(batch([1, 5], [1, 5])).inserted(batch([9], [9])).inserted(batch([3, 7], [3, 7]))
    assert list(held(rows)) == [1, 3, 5, 7, 9]
    with pytest.raises(InvalidArgument):
        rows.inserted(batch([5], [0]))


def test_columns_come_and_go() -> None:
    """A new column is null, a renamed one keeps its values, a dropped one is gone; row ids stay."""
    rows = Rows(SCHEMA).inserted(batch([4, 6], [1, 2]))
    changed = rows.with_columns(pa.schema([("n", pa.float64())])).with_renamed_column("s", "t").without_columns(["x"])
    assert changed.table.to_pydict() == {"$row_id": [4, 6], "t": ["1", "2"], "n": [None, None]}
    assert held(rows) == {4: 1, 6: 2}


def test_new_columns_take_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new column of a table of many chunks is as long as one of them."""
    monkeypatch.setattr(chunks, "MOST_ROWS", 10)
    rows = Rows(SCHEMA).inserted(batch(list(range(40)), list(range(40)))).with_columns(pa.schema([("n", pa.int64())]))
    assert len(rows.chunks) == 4
    assert len({chunk.batch.column("n").buffers()[1].address for chunk in rows.chunks}) == 1


def test_sorted_order() -> None:
    """Rows are read in the order of other columns with their places in it as ids."""
    values = random.Random(1).sample(range(100), 20)
    rows = Rows(SCHEMA).inserted(batch(list(range(20)), values))
    ordered = rows.ordered(("x",))
    assert ordered.column("x").to_pylist() == sorted(values)
    assert ordered.column(0).to_pylist() == list(range(20))


def test_wide_rows_are_not_copied() -> None:
    """A few small chunks are read as one; a few with large values are read where they lie."""
    for text, is_copied in (("s", True), ("s" * (1 << 20), False)):
        rows = Rows(SCHEMA)
        for number in range(2):
            one = pa.RecordBatch.from_arrays([row_id_array(number, 1), pa.array([number]), [text]], schema=SCHEMA)
            rows = rows.inserted(one)
        kept = {chunk.batch.column("s").buffers()[2].address for chunk in rows.chunks}
        read = {chunk.buffers()[2].address for chunk in rows.table.column("s").chunks}
        assert (read != kept) == is_copied


@pytest.mark.parametrize(
    "kind", [pa.float16(), pa.bool_(), pa.int8(), pa.date32(), pa.time32("s"), pa.timestamp("us")], ids=str
)
def test_sorted_by_any_type(kind: pa.DataType) -> None:
    """A projection may be sorted by every type of number that a table may have; nulls come last."""
    values = pa.array([1, None, 0], pa.int64() if kind.bit_width == 64 else pa.int32()).cast(kind)
    schema = stored_schema(pa.schema([("v", kind)]))
    rows = Rows(schema).inserted(pa.RecordBatch.from_arrays([row_id_array(0, 3), values], schema=schema))
    assert rows.ordered(("v",)).column("v").combine_chunks() == values.take(pa.array([2, 0, 1]))


@pytest.mark.parametrize("ids", [range(10), range(3, 12), range(0, 10, 2)], ids=["all", "some chunks whole", "every other"])
def test_whole_columns(ids: range, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update of whole chunks, as which the SDK inserts wide rows, leaves what one of single rows would leave."""
    monkeypatch.setattr(chunks, "MOST_ROWS", 4)
    rows = Rows(SCHEMA).inserted(batch(list(range(10)), list(range(10))))
    assert len(rows.chunks) == 3
    updated = rows.updated(batch(list(ids), [100 + number for number in ids]))
    assert held(updated) == {number: 100 + number if number in ids else number for number in range(10)}
    assert held(rows) == {number: number for number in range(10)}
    assert_ordered(updated)
    assert sum(chunk.size for chunk in updated.chunks) < 1000


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)), st.integers(1, 8))
def test_which_ids_are_there(there: set[int], asked: set[int], most: int) -> None:
    """Whatever ids are asked for, and however the rows lie in chunks."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(chunks, "MOST_ROWS", most)
        rows = Rows(SCHEMA).inserted(batch(sorted(there), [0] * len(there)))
    ids = np.array(sorted(asked), np.uint64)
    assert rows.held(ids).tolist() == [number in there for number in sorted(asked)]
