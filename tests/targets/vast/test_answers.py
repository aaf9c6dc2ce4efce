"""Answers as flatbuffers: what the SDK's readers find in them is what was put in."""

import pytest
from vastdb import _internal
from vastdb.vast_flatbuf.tabular.GetProjectionTableStatsResponse import GetProjectionTableStatsResponse
from vastdb.vast_flatbuf.tabular.GetTableStatsResponse import GetTableStatsResponse
from vastdb.vast_flatbuf.tabular.ListProjectionsResponse import ListProjectionsResponse
from vastdb.vast_flatbuf.tabular.ListSchemasResponse import ListSchemasResponse
from vastdb.vast_flatbuf.tabular.ListTablesResponse import ListTablesResponse

from targets.vast import answers
from targets.vast.answers import ObjectDetails, ProjectionStats, TableStats, VectorIndex

FULL = ObjectDetails("näme", "{}", "h1", 2**63, 7, 3, True, 2**63 + 5, -1, 9, True)
SOME = [FULL, ObjectDetails("t")]


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_lists(count):
    """Lists of any length hold each object's facts, in order."""
    found = [ObjectDetails(f"name {number}", "p" * number, str(number), number) for number in range(count)]
    schemas = ListSchemasResponse.GetRootAs(answers.schemas("bucket", found))
    assert schemas.BucketName() == b"bucket"
    read = [
        (schemas.Schemas(i).Name().decode(), schemas.Schemas(i).Properties().decode()) for i in range(schemas.SchemasLength())
    ]
    assert read == [(each.name, each.properties) for each in found]
    tables = ListTablesResponse.GetRootAs(answers.tables("bucket", "schema", found))
    assert [tables.Tables(i).NumRows() for i in range(tables.TablesLength())] == [each.num_rows for each in found]


def test_details():
    """Every fact of a table arrives, the sorting score's highest bit as "done"."""
    tables = ListTablesResponse.GetRootAs(answers.tables("b", "s/n", SOME))
    assert (tables.BucketName(), tables.SchemaName()) == (b"b", b"s/n")
    info = _internal._parse_table_info(tables.Tables(0))
    assert info == _internal.TableInfo("näme", "{}", "h1", 2**63, 7, 3, True, 5, -1, 9, True, True)
    assert _internal._parse_table_info(tables.Tables(1)) == _internal.TableInfo(
        "t", "", "", 0, 0, 0, False, 0, 0, 0, False, False
    )


def test_projections():
    """Projections are listed below their table."""
    found = ListProjectionsResponse.GetRootAs(answers.projections("b", "s", "t", SOME))
    assert (found.BucketName(), found.SchemaName(), found.TableName()) == (b"b", b"s", b"t")
    assert _internal._parse_table_info(found.Projections(0)).name == "näme"


def test_table_stats():
    """Every fact of the statistics arrives; no other endpoint is named."""
    index = VectorIndex("v", "l2sq", "array_distance", "none", "scalar_8bit")
    stats = GetTableStatsResponse.GetRootAs(answers.table_stats(TableStats(1, 2, True, True, 3, 4, 5, index, True, 6)))
    assert (stats.NumRows(), stats.SizeInBytes(), stats.IsExternalRowidAlloc(), stats.VipsLength()) == (1, 2, True, 0)
    assert (stats.SortingKeyEnabled(), stats.SortingScore(), stats.WriteAmplification()) == (True, 3, 4)
    assert (stats.AcummulativeRowInseritionCount(), stats.PartitioningKeyEnabled(), stats.NumPartitions()) == (5, True, 6)
    read = stats.VectorIndexMetadata()
    assert (read.ColumnName(), read.DistanceMetric(), read.SqlFunctionName()) == (b"v", b"l2sq", b"array_distance")
    assert (read.ClusterQuantization(), read.SearchQuantization()) == (b"none", b"scalar_8bit")


def test_no_vector_index():
    """A table without a vector index says so by having none, not an empty one, which the SDK refuses."""
    assert GetTableStatsResponse.GetRootAs(answers.table_stats(TableStats(1, 2))).VectorIndexMetadata() is None


def test_projection_stats():
    """Every fact of a projection's statistics arrives."""
    stats = GetProjectionTableStatsResponse.GetRootAs(answers.projection_stats(ProjectionStats(1, 2, 3, 4)))
    read = (stats.NumRows(), stats.SizeInBytes(), stats.DirtyBlocksPercentage(), stats.InitialSyncProgress())
    assert read == (1, 2, 3, 4)
