"""Whatever bytes come from outside, each parser answers or refuses with a client error: none hangs, crashes or fails.

The bodies are real ones of the SDK, bent in a few places: random bytes alone would never get past the first check.
"""

import contextlib
import datetime as dt
import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vast_requests import sent
from vast_wire import Wire, headers, request, stored, unbound

from targets.vast import arrow, query, requests
from targets.vast.errors import InvalidArgument, Refusal
from targets.vast.signature import Keys, verify

SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        ("t", pa.string()),
        ("d", pa.decimal128(9, 2)),
        ("s", pa.struct([("a", pa.int8()), ("b", pa.list_(pa.string()))])),
        ("m", pa.map_(pa.string(), pa.float32())),
        ("f", pa.list_(pa.field("item", pa.int16(), nullable=False), 2)),
        ("w", pa.timestamp("us")),
    ]
)
ROWS = pa.Table.from_pylist(
    [
        {"n": n, "t": f"t{n}", "s": {"a": n, "b": ["x"] * n}, "m": [("k", n)], "f": [n, n], "w": dt.datetime(2026, 1, 1)}  # noqa: DTZ001
        for n in range(5)
    ],
    SCHEMA,
)
T = unbound(SCHEMA)
QUERIES = [
    bytes(request(SCHEMA, predicate).serialized)
    for predicate in (
        None,
        (T.n > 3) & T.t.startswith("t") & (T.w == dt.datetime(2026, 1, 1)),  # noqa: DTZ001
        T.n.isin(range(20)) & (T.s["a"] == 1),
        T.t.contains("t") & (T.f < [1, 2]) & (T.n.isnull() | (T.n == 4)),
    )
]
BATCHES = [
    arrow.write_batch(ROWS.to_batches()[0]),
    arrow.write_batch(pa.record_batch([pa.array([1, 2], pa.uint64())], names=[arrow.ROW_ID])),
]
REQUESTS = {
    requests.created_schema: sent(lambda api: api.create_schema("b", "s", schema_properties="{}")),
    requests.altered_schema: sent(lambda api: api.alter_schema("b", "s", schema_properties="p")),
    requests.altered_table: sent(lambda api: api.alter_table("b", "s", "t", table_properties="p")),
    requests.altered_column: sent(lambda api: api.alter_column("b", "s", "t", "c", column_properties="p", column_stats="s")),
    requests.import_data: sent(
        lambda api: api.import_data("b", "s", "t", {("f", "o"): b"\0\1"}, key_names=["k"], blocking=False)
    ),
    requests.created_projection: sent(lambda api: api.create_projection("b", "s", "t", "p", [("a", "Sorted"), ("b", "")])),
    requests.altered_projection: sent(
        lambda api: api.alter_projection("b", "s", "t", "p", table_properties="x", new_name="n")
    ),
}
WORDS = [struct.pack("<I", number) for number in (0, 1, 4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 0x10000)]


@st.composite
def bent(draw, bodies):
    """A real body with a few bytes or words replaced, a piece copied elsewhere, or its end cut off; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    body = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body) - 1))
        piece = draw(st.one_of(st.binary(min_size=1, max_size=2), st.sampled_from(WORDS)))
        if draw(st.integers(0, 3)) == 0:
            source = draw(st.integers(0, len(body) - 1))
            piece = bytes(body[source : source + draw(st.integers(1, 64))])
        body[at : at + len(piece)] = piece
    end = draw(st.none() | st.integers(0, len(body)))
    return bytes(body[:end])


def refused_or(work):
    """What it answers, or None where it refuses."""
    found = None
    with contextlib.suppress(InvalidArgument):
        found = work()
    return found


HARD = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(bent(QUERIES), st.booleans())
@HARD
def test_queries(body, is_sorted):
    """A bent query is refused, or is a query that can be answered."""
    kind = arrow.SORTED_ROW_ID_TYPE if is_sorted else arrow.ROW_ID_TYPE
    asked = refused_or(lambda: query.parse(body, headers(Wire()), SCHEMA, row_id_type=kind))
    if asked is not None:
        assert query.answer(asked, stored(ROWS))


@given(
    st.dictionaries(
        st.sampled_from([*headers(Wire()), "tabular-schedule-id"]),
        st.text(max_size=30) | st.from_regex(r"-?[0-9]{1,30}(,[0-9]{1,9}){0,3}"),
    )
)
@HARD
def test_query_headers(said):
    """Headers of any content are refused, or name a part of the table that can be answered."""
    asked = refused_or(lambda: query.parse(QUERIES[1], headers(Wire(subsplits=2)) | said, SCHEMA))
    if asked is not None:
        assert query.answer(asked, stored(ROWS))


@given(bent(BATCHES))
@HARD
def test_rows(body):
    """Bent rows are refused, or are valid in every value."""
    batch = refused_or(lambda: arrow.read_batch(body))
    if batch is not None:
        batch.validate(full=True)
        assert arrow.read_batch(arrow.write_batch(batch)).num_rows == batch.num_rows
        refused_or(lambda: arrow.row_ids(batch))


@given(bent([bytes(SCHEMA.serialize()), arrow.write_schema(SCHEMA)]))
@HARD
def test_schemas(body):
    """A bent schema is refused, or can be read."""
    schema = refused_or(lambda: arrow.read_schema(body))
    if schema is not None:
        assert [str(field.type) for field in schema]


@pytest.mark.parametrize("read", REQUESTS, ids=lambda read: read.__name__)
@given(data=st.data())
@settings(HARD, max_examples=150)
def test_requests(read, data):
    """A bent request is refused, or read."""
    refused_or(lambda: read(data.draw(bent([REQUESTS[read]]))))


TEXT = st.text(max_size=40)
SIGNED = st.fixed_dictionaries(
    {},
    optional={
        "authorization": TEXT
        | st.builds(
            "AWS4-HMAC-SHA256 Credential={}/{}/{}/s3/aws4_request, SignedHeaders=host;{}, Signature={}".format,
            st.just("key") | TEXT,
            st.just("20260102") | TEXT,
            TEXT,
            TEXT,
            TEXT,
        ),
        "x-amz-date": st.just("20260102T030405Z") | TEXT,
        "x-amz-content-sha256": TEXT,
        "host": TEXT,
    },
)


@given(
    SIGNED,
    TEXT | st.builds("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Expires={}".format, TEXT, TEXT),
    TEXT,
    st.binary(max_size=9),
)
@HARD
def test_signatures(said, query_string, path, body):
    """A request that nobody signed is refused, whatever it says."""
    at = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC).timestamp()
    with pytest.raises(Refusal) as caught:
        verify(Keys({"key": "hush"}), "GET", path, query_string, said, body=body, now=at)
    assert 400 <= caught.value.status < 500


@pytest.mark.parametrize("make", [np.zeros, np.ones, np.arange], ids=lambda make: make.__name__)
def test_large_bodies(make):
    """A body of the largest size and one pattern is refused by every parser, and not read more than a few times."""
    body = make(5 << 18, dtype=np.uint32).tobytes()
    for read in (*REQUESTS, arrow.read_batch, arrow.read_schema, lambda body: query.parse(body, headers(Wire()), SCHEMA)):
        refused_or(lambda read=read: read(body))
