"""Changes: each leaves what it says, and nothing else."""

from vast_changes import NEW, applied, history

from targets.vast.catalogue import Projection


def test_history_leaves_what_it_says() -> None:
    """Every kind of change counts, in order, in the renamed table in the renamed schema."""
    catalogue = applied(history())
    table = catalogue.table(NEW)
    assert sorted(catalogue.bucket("b")) == ["moved", "moved/inner"]
    assert catalogue.schema("b", "moved").properties == "changed"
    assert catalogue.schema("b", "moved").tables == {}
    assert table.rows.table.to_pydict() == {
        "$row_id": [1, 2, 10],
        "x": [2, 3, 11],
        "title": ["changed", "n3", "n11"],
        "more": [None, None, None],
    }
    assert table.sorted_by == ("title",)
    assert table.projections == {"q": Projection(("x",), ("title",))}
    assert table.imported.table.column("ObjectName").to_pylist() == ["two"]
    assert (table.external_row_ids, table.properties, table.inserted_rows) == (True, "altered", 4)
    assert table.row_ids.following == 22


def test_old_catalogue_stays_as_it_was() -> None:
    """A snapshot is not touched by what comes later."""
    early = applied(history()[:5])
    applied(history()[5:], early)
    ((_, table),) = early.all_tables()
    assert table.rows.table.column("name").to_pylist() == ["n1", "n2", "n3"]
