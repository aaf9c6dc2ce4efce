"""What several operations share: threads, one function at several sizes, and preparing all or nothing."""

import threading

import pytest
from sqlalchemy import event, func, select

from steadyline import catalogue
from steadyline.operations.sql import contention
from steadyline.operations.sql.threads import on_threads
from targets.trace.model import Item


def test_parts_are_done_at_once_and_answered_in_order():
    """As many parts as threads are under way together, and the results come in the parts' order."""
    all_there = threading.Barrier(3)

    def work(part):
        all_there.wait()
        return part

    assert on_threads(3, work, range(6)) == list(range(6))


def test_a_failed_part_fails_the_whole_after_the_others_ended():
    """The first failure is raised, and no other part is left out for it."""
    done = []

    def work(part):
        if part < 2:
            raise ValueError(part)
        done.append(part)

    with pytest.raises(ValueError, match="0"):
        on_threads(1, work, range(4))
    assert done == [2, 3]


def test_a_bulk_of_each_size_tells_its_own_number():
    """Operations made of one function differ in name, items, cadence and text."""
    made = catalogue.operations(["sql"])
    assert [made[f"sql.bulk_create_{size}"].items for size in (100, 500, 1000)] == [100, 500, 1000]
    assert made["sql.bulk_create_500"].tells.startswith("How long adding 500 items in one transaction takes")
    assert made["sql.bulk_create_100"].probe_every_seconds
    assert made["sql.bulk_create_500"].probe_every_seconds is None


def _no_update(_connection, _cursor, statement, *_more):
    if statement.startswith("UPDATE items"):
        raise TimeoutError


def _no_links(_client, _size):
    raise TimeoutError


@pytest.mark.parametrize("name", ["sql.scale_filter_125", "sql.concurrent_mixed_100"])
def test_a_prepare_that_fails_half_way_leaves_nothing(sql, tmp_path, monkeypatch, name):
    """No item stays of a batch that was written before something else failed."""
    with sql.connected(sql.target(f"sqlite:///{tmp_path / 'items.db'}")) as client:
        assert client.working.items
        with client.session() as session:
            before = session.scalar(select(func.count()).select_from(Item))
        event.listen(client.engine, "before_cursor_execute", _no_update)
        monkeypatch.setattr(contention, "new_links", _no_links)
        with pytest.raises(TimeoutError):
            catalogue.named(name).prepare(client)
        event.remove(client.engine, "before_cursor_execute", _no_update)
        with client.session() as session:
            assert session.scalar(select(func.count()).select_from(Item)) == before


AT_LEAST = {"sql.query_": 19, "sql.bulk_": 12, "sql.concurrent_": 8}
"""Source: the Trace seed, section 1: 19 database tests, 12 of bulks, 8 of concurrency."""


@pytest.mark.parametrize(("kind", "number"), AT_LEAST.items(), ids=AT_LEAST)
def test_as_many_as_the_seed(kind, number):
    """There are at least as many operations of each kind as the seed has tests."""
    assert sum(name.startswith(kind) for name in catalogue.operations(["sql"])) >= number
