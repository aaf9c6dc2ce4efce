"""Queries: what the SDK reads of an answer is what a filter of the same rows in plain Python finds."""

import datetime as dt
import io
import math
from decimal import Decimal

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vast_wire import Wire, headers, pages, request, select, stored, unbound
from vastdb import _internal

from targets.vast import query
from targets.vast.arrow import ROW_ID, SORTED_ROW_ID_TYPE
from targets.vast.errors import InvalidArgument

VALUES = {
    "bool": (pa.bool_(), [True, False]),
    "int8": (pa.int8(), [-128, -1, 0, 1, 127]),
    "int16": (pa.int16(), [-32768, 0, 5, 32767]),
    "int32": (pa.int32(), [-(2**31), 0, 7, 2**31 - 1]),
    "int64": (pa.int64(), [-(2**63), 0, 42, 2**63 - 1]),
    "uint8": (pa.uint8(), [0, 1, 255]),
    "uint16": (pa.uint16(), [0, 9, 65535]),
    "uint32": (pa.uint32(), [0, 9, 2**32 - 1]),
    "uint64": (pa.uint64(), [0, 9, 2**63 - 1, 2**64 - 1]),
    "float32": (pa.float32(), [-1.5, -0.0, 0.0, 0.25, math.inf, math.nan]),
    "float64": (pa.float64(), [-1.5, -0.0, 0.0, 0.1, math.inf, math.nan]),
    "string": (pa.string(), ["", "a", "ab", "abc", "ß€", "\U0001f600", "x" * 20]),
    "binary": (pa.binary(), [b"", b"\0", b"a", b"\xff\xfe"]),
    "date": (pa.date32(), [dt.date(1969, 12, 31), dt.date(1970, 1, 1), dt.date(2026, 1, 2)]),
    "time_s": (pa.time32("s"), [dt.time(0), dt.time(12, 30, 1)]),
    "time_us": (pa.time64("us"), [dt.time(0), dt.time(23, 59, 59, 999999)]),
    "timestamp": (pa.timestamp("us"), [dt.datetime(1969, 1, 1), dt.datetime(2026, 1, 2, 3, 4, 5, 6)]),  # noqa: DTZ001
    "decimal": (pa.decimal128(9, 2), [Decimal("-1.50"), Decimal("0.00"), Decimal("12.25")]),
}
SCHEMA = pa.schema([(name, kind) for name, (kind, _) in VALUES.items()])
ORDERS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
T = unbound(SCHEMA)
NO_LITERALS = {2**64 - 1, Decimal("-1.50")}
"""Values for which ibis, or the SDK, cannot make a literal; and NaN."""


def ordered(value):
    """A value as the wire orders it: text by its bytes."""
    return value.encode() if isinstance(value, str) else value


@st.composite
def calls(draw):
    """One or several alternatives about a column: the ibis expression, and the same in Python."""
    name = draw(st.sampled_from(list(VALUES)))
    column, (_, values) = T[name], VALUES[name]
    numbers = [value for value in values if value == value and value not in NO_LITERALS]  # noqa: PLR0124 - without NaN
    value, other = draw(st.sampled_from(numbers)), draw(st.sampled_from(numbers))
    low, high = ordered(value), ordered(other)
    literal, other_literal = ibis.literal(value, column.type()), ibis.literal(other, column.type())
    many = [ibis.literal(number, column.type()) for number in numbers] * 2
    kinds = {
        "null": lambda: (column.isnull(), lambda row: row[name] is None),
        "valid": lambda: (~column.isnull(), lambda row: row[name] is not None),
        "between": lambda: (column.between(literal, other_literal), met(name, lambda v: low <= v <= high)),
        "in": lambda: (column.isin([literal, other_literal]), met(name, lambda v: v in {low, high})),
        "in many": lambda: (column.isin(many), met(name, lambda v: v in set(map(ordered, numbers)))),
    }
    for sign, compare in ORDERS.items():
        kinds[sign] = lambda f=compare: (f(column, literal), met(name, lambda v: f(v, low)))
    if name == "string":
        kinds["contains"] = lambda: (column.contains(value), met(name, lambda v: low in v))
        kinds["starts"] = lambda: (column.startswith(value), met(name, lambda v: v.startswith(low)))
    return name, *kinds[draw(st.sampled_from(sorted(kinds)))]()


def met(name, holds):
    """A test of one column; null meets nothing."""
    return lambda row: row[name] is not None and bool(holds(ordered(row[name])))


@st.composite
def predicates(draw):
    """An AND of ORs as the SDK can send it."""
    whole, tests = None, []
    for name, expression, holds in draw(st.lists(calls(), min_size=1, max_size=3)):
        alternatives = [holds]
        for other_name, other, other_holds in draw(st.lists(calls(), max_size=2)):
            if other_name == name:
                expression = expression | other  # noqa: PLW2901
                alternatives.append(other_holds)
        tests.append(alternatives)
        whole = expression if whole is None else whole & expression
    return whole, lambda row: all(any(holds(row) for holds in alternatives) for alternatives in tests)


rows_strategy = st.lists(
    st.fixed_dictionaries({name: st.none() | st.sampled_from(values) for name, (_, values) in VALUES.items()}), max_size=12
)
wires = st.builds(Wire, st.integers(1, 3), st.integers(1, 3), st.integers(1, 8), st.integers(1, 20))


def same(found, expected):
    """Equal, NaN included."""
    return repr(found) == repr(expected)


@given(rows_strategy, predicates(), wires, st.integers(1, 5), st.integers(0, 400000))
@settings(
    max_examples=100,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_filtered(rows, predicate, wire, chunk_rows, step):
    """Every type under every predicate, over any chunks, row ids, splits and pages, finds the rows that Python finds."""
    expression, holds = predicate
    table = stored(pa.Table.from_pylist(rows, SCHEMA), [number * (step + 1) for number in range(len(rows))], chunk_rows)
    found = select(table, expression, wire=wire).to_pylist()
    assert same(sorted(map(repr, found)), sorted(repr({name: row[name] for name in VALUES}) for row in rows if holds(row)))


NESTED = pa.schema(
    [
        ("list", pa.list_(pa.int32())),
        ("struct", pa.struct([("a", pa.int8()), ("b", pa.string()), ("c", pa.struct([("d", pa.float64())]))])),
        ("map", pa.map_(pa.string(), pa.int64())),
        ("fixed", pa.list_(pa.field("item", pa.int16(), nullable=False), 2)),
        ("lists", pa.list_(pa.list_(pa.struct([("x", pa.int16()), ("y", pa.binary())])))),
        ("map_of_lists", pa.map_(pa.int32(), pa.list_(pa.struct([("z", pa.date32())])))),
    ]
)
NESTED_ROWS = [
    {
        "list": [1, None, 3],
        "struct": {"a": 1, "b": "x", "c": {"d": 0.5}},
        "map": [("k", 1), ("l", None)],
        "fixed": [1, 2],
        "lists": [[{"x": 1, "y": b"a"}, None], None, []],
        "map_of_lists": [(1, [{"z": dt.date(2026, 1, 1)}, None]), (2, None)],
    },
    dict.fromkeys(NESTED.names),
    {
        "list": [],
        "struct": {"a": None, "b": None, "c": None},
        "map": [],
        "fixed": [-3, 4],
        "lists": [[], [{"x": None, "y": None}]],
        "map_of_lists": [(3, [])],
    },
    {"list": [9], "struct": None, "map": [("m", 2)], "fixed": None, "lists": [], "map_of_lists": []},
]


@given(st.lists(st.sampled_from(NESTED_ROWS), max_size=9), wires, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_nested(rows, wire, chunk_rows):
    """Structs, lists, maps and fixed-size lists come back whole from their leaves, nulls at every level included."""
    table = stored(pa.Table.from_pylist(rows, NESTED), chunk_rows=chunk_rows)
    assert same(sorted(map(repr, select(table, wire=wire).to_pylist())), sorted(map(repr, rows)))


def test_filter_by_subfield():
    """A field within structs can be filtered by; a null struct has a null field."""
    table = stored(pa.Table.from_pylist(NESTED_ROWS, NESTED))
    column = unbound(NESTED).struct
    assert select(table, column["c"]["d"] == 0.5).num_rows == 1
    assert select(table, column["a"].isnull()).num_rows == 3


FIXED = pa.schema([("v", pa.list_(pa.field("item", pa.int16(), nullable=False), 2))])
LISTS = [[1, 2], None, [1, 3], [0, 9], [2, 0], [1, 2]]


@pytest.mark.parametrize("sign", ORDERS)
@pytest.mark.parametrize("chunk_rows", [1, 4, 6])
def test_fixed_size_lists(sign, chunk_rows):
    """Fixed-size lists compare item by item, the first items first; null meets nothing."""
    table = stored(pa.Table.from_pylist([{"v": value} for value in LISTS], FIXED), chunk_rows=chunk_rows)
    found = select(table, ORDERS[sign](unbound(FIXED).v, [1, 2]), wire=Wire(limit=2)).column("v").to_pylist()
    assert found == [value for value in LISTS if value is not None and ORDERS[sign](value, [1, 2])]


HALF = pa.schema([("h", pa.float16())])


def test_half_floats():
    """float16, for which Arrow compares nothing, is compared all the same."""
    table = stored(pa.table([pa.array(np.array([1, 2, 3], dtype=np.float16))], schema=HALF))
    literal = _internal.build_query_data_request
    assert select(table).column("h").to_pylist() == [1, 2, 3]
    assert literal(HALF, unbound(HALF).h > 1.5) is not None
    assert select(table, unbound(HALF).h > 1.5).column("h").to_pylist() == [2, 3]
    assert select(table, unbound(HALF).h.isin([1.0, 2.0, 5.0, 6.0])).column("h").to_pylist() == [1, 2]


ROWS = stored(
    pa.table({"k": list(range(10)), "t": [f"row {k}" for k in range(10)]}), ids=[k * 65536 for k in range(10)], chunk_rows=3
)
COLUMNS = pa.schema([("k", pa.int64()), ("t", pa.string())])
WITH_ROW_ID = pa.schema([(ROW_ID, pa.uint64()), *COLUMNS])


def test_row_ids_are_columns():
    """`$row_id` can be asked for and filtered by."""
    t = unbound(WITH_ROW_ID)
    found = select(ROWS, t[ROW_ID].isin([65536, 131072, 7]), ["t", ROW_ID], schema=WITH_ROW_ID)
    assert found.to_pydict() == {"t": ["row 1", "row 2"], ROW_ID: [65536, 131072]}


def test_row_ids_of_sorted_tables():
    """A table with a sorting key shows decimal row ids, and takes them in predicates."""
    schema = pa.schema([(ROW_ID, SORTED_ROW_ID_TYPE), *COLUMNS])
    predicate = unbound(schema)[ROW_ID] == 65536
    found = select(ROWS, predicate, ["k", ROW_ID], schema=schema, row_id_type=SORTED_ROW_ID_TYPE)
    assert found.to_pydict() == {"k": [1], ROW_ID: [Decimal(65536)]}


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_counting(limit):
    """An empty projection answers the number of rows, under a predicate and page by page too."""
    wire = Wire(limit=limit, row_groups=1)
    assert sum(page.num_rows for page in _count_pages(None, wire)) == 10
    assert sum(page.num_rows for page in _count_pages(unbound(COLUMNS).k < 7, wire)) == 7


def _count_pages(predicate, wire):
    return list(pages(ROWS, request(COLUMNS, predicate, []), wire))


def test_row_groups():
    """The split that asks for the number of row groups is answered with it."""
    body = bytes(request(COLUMNS).serialized)
    parsed = query.parse(body, {"tabular-split": f"{0xFFFFFFFF - 3},1,1"}, COLUMNS)
    batch = _internal.read_first_batch(
        io.BytesIO(b"".join(query.answer(parsed, stored(pa.table({"k": range(70000), "t": ["x"] * 70000})))))
    )
    assert batch.num_rows == 2


def test_exact_pages():
    """A page that holds the last rows says so, even when it is just full: no client asks in vain."""
    assert len(list(pages(ROWS, request(COLUMNS), Wire(subsplits=1, limit=10)))) == 1


BAD_HEADERS = {
    "no number": {"tabular-split": "a,1,8"},
    "too few numbers": {"tabular-split": "0,1"},
    "a split too many": {"tabular-split": "2,2,8"},
    "no splits": {"tabular-split": "0,0,8"},
    "subsplits without end": {"tabular-num-of-subsplits": "999999"},
    "negative limit": {"tabular-limit-rows": "-1"},
    "negative start": {"tabular-start-row-id-0": "0,-1"},
    "negative priority": {"tabular-schedule-id": "-1"},
    "endless number": {"tabular-limit-rows": "9" * 5000},
}


@pytest.mark.parametrize("sent", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_bad_headers(sent):
    """Headers that cannot be are refused."""
    with pytest.raises(InvalidArgument):
        query.parse(bytes(request(COLUMNS).serialized), headers(Wire()) | sent, COLUMNS)


BAD_QUERIES = {
    "unknown column": (pa.schema([("gone", pa.int64())]), lambda _: None, "no column gone"),
    "literal of another type": (pa.schema([("t", pa.int64())]), lambda t: t.t == 1, "of another type"),
    "set of another type": (pa.schema([("t", pa.int64())]), lambda t: t.t.isin(range(9)), "of another type"),
    "column of another shape": (pa.schema([("t", pa.struct([("a", pa.int8())]))]), lambda _: None, "of another type"),
    "substring of a number": (pa.schema([("k", pa.string())]), lambda t: t.k.contains("a"), "no text"),
}


@pytest.mark.parametrize(("schema", "predicate", "message"), BAD_QUERIES.values(), ids=BAD_QUERIES)
def test_bad_queries(schema, predicate, message):
    """A query that does not fit the table, because the table changed or the client is wrong, is refused with the reason."""
    with pytest.raises(InvalidArgument, match=message):
        query.parse(bytes(request(schema, predicate(unbound(schema))).serialized), headers(Wire()), COLUMNS)
