"""Requests as flatbuffers: what the SDK writes is read as it was meant, and what is broken is refused."""

import flatbuffers
import pytest
from vast_requests import sent

from targets.vast import requests
from targets.vast.errors import InvalidArgument
from targets.vast.requests import ColumnChange, Import, ImportedFile, ProjectionChange, ProjectionColumn

READ = {
    "schema": (requests.created_schema, lambda api: api.create_schema("b", "s", schema_properties="{}"), "{}"),
    "schema without properties": (requests.created_schema, lambda api: api.create_schema("b", "s"), ""),
    "alter schema": (requests.altered_schema, lambda api: api.alter_schema("b", "s", schema_properties="p"), "p"),
    "rename schema": (requests.altered_schema, lambda api: api.alter_schema("b", "s", new_name="n"), None),
    "alter table": (requests.altered_table, lambda api: api.alter_table("b", "s", "t", table_properties="ß"), "ß"),
    "rename table": (requests.altered_table, lambda api: api.alter_table("b", "s", "t", new_name="n"), None),
    "alter column": (
        requests.altered_column,
        lambda api: api.alter_column("b", "s", "t", "c", column_properties="p", column_stats="s"),
        ColumnChange("p", "s"),
    ),
    "rename column": (requests.altered_column, lambda api: api.alter_column("b", "s", "t", "c"), ColumnChange(None, None)),
    "import": (
        requests.import_data,
        lambda api: api.import_data(
            "b", "s", "t", {("f", "o/1"): b"\0\1", ("f", "o/2"): b""}, key_names=["k"], blocking=False
        ),
        Import((ImportedFile("f", "o/1", "parquet", b"\0\1"), ImportedFile("f", "o/2", "parquet", b"")), ("k",)),
    ),
    "projection": (
        requests.created_projection,
        lambda api: api.create_projection("b", "s", "t", "p", [("a", "Sorted"), ("b", "Unsorted")]),
        (ProjectionColumn("a", True), ProjectionColumn("b", False)),
    ),
    "alter projection": (
        requests.altered_projection,
        lambda api: api.alter_projection("b", "s", "t", "p", table_properties="x", new_name="n"),
        ProjectionChange("n", "x"),
    ),
}


@pytest.mark.parametrize(("read", "send", "expected"), READ.values(), ids=READ)
def test_read(read, send, expected):
    """Each request of the SDK is read as it was meant."""
    assert read(sent(send)) == expected


@pytest.mark.parametrize("read", [read for read, _, _ in READ.values()], ids=READ)
@pytest.mark.parametrize(
    "body", [b"", b"\0\0\0", b"\xff" * 64, b"\x04\0\0\0" + b"\xff\xff\xff\x7f" * 4], ids=["empty", "short", "ones", "negative"]
)
def test_broken(read, body):
    """A body that is no flatbuffer is refused."""
    with pytest.raises(InvalidArgument):
        read(body)


def shared(copies):
    """An import whose list names one file very often, with a name that is long."""
    builder = flatbuffers.Builder(0)
    name = builder.CreateString("n" * 1000)
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(1, name, 0)
    builder.PrependUOffsetTRelativeSlot(2, name, 0)
    file = builder.EndObject()
    builder.StartVector(4, copies, 4)
    for _ in range(copies):
        builder.PrependUOffsetTRelative(file)
    files = builder.EndVector()
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(0, files, 0)
    builder.Finish(builder.EndObject())
    return bytes(builder.Output())


def test_work_is_bounded():
    """A small body that names the same data over and over is refused before it has been read that often."""
    assert len(requests.import_data(shared(3)).files) == 3
    with pytest.raises(InvalidArgument, match="too often"):
        requests.import_data(shared(100_000))


def test_names_are_needed():
    """A file without a bucket cannot be imported."""
    builder = flatbuffers.Builder(0)
    builder.StartObject(4)
    file = builder.EndObject()
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(file)
    files = builder.EndVector()
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(0, files, 0)
    builder.Finish(builder.EndObject())
    with pytest.raises(InvalidArgument, match="no bucket"):
        requests.import_data(bytes(builder.Output()))
