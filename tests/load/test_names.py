"""Names of requests: routes instead of URLs, and never more than the cap."""

import pytest

from load.names import Names, template
from load.series import Key, Merged, Tally
from steadyline.load_vocabulary import OVERFLOW


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("/api/v1/items", "/api/v1/items"),
        ("/api/v1/items/42", "/api/v1/items/{id}"),
        ("/api/v1/items/42?verbose=1&token=secret", "/api/v1/items/{id}"),
        ("http://user:password@host:8000/flows/6f1e8f3c-94d2-4a67-b8a1-0d9c2b7a5e10/segments", "/flows/{id}/segments"),
        ("/objects/9f86d081884c7d659a2feaa0c55ad015", "/objects/{id}"),
        ("/timerange/0:0_10:0", "/timerange/{id}"),
        ("/keys/AKfycbx1_long-token~2024", "/keys/{id}"),
        ("/deadbeef", "/deadbeef"),
        ("/", "/"),
        ("http://host:8000", "/"),
        ("checkout: pay", "checkout: pay"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_url_becomes_its_route(name, route):
    """Ids, query, host and credentials never become part of a name; a name of the user's own stays."""
    assert template(name) == route


def test_names_beyond_the_cap_are_one():
    """The first names keep their own series; all later ones share the overflow's, on their target."""
    names = Names(cap=2)
    keys = [Key(f"GET /{letter}", "http", "host") for letter in "abcd"]
    admitted = [names.admit(key) for key in keys]
    assert [key.operation for key in admitted] == ["GET /a", "GET /b", OVERFLOW, OVERFLOW]
    assert names.admit(keys[0]) is keys[0]


def test_workers_with_different_names_stay_under_the_cap():
    """Each worker may have filled its cap with other names; what is too much counts as overflow, all of it."""
    merged, names = Merged(), Names(cap=3)
    for worker in range(4):
        tally = Tally()
        for number in range(3):
            series = tally.declare(Key(f"GET /{worker}/{number}x", "http", "host"))
            series.started += 5
            for _ in range(5):
                series.succeed(0.01, None)
        merged.add(names.admitted(tally.delta()))
    assert len(merged.series) == 4
    assert merged.series[Key(OVERFLOW, "http", "host")].successes == names.overflow == 45
    assert sum(series.successes for series in merged.series.values()) == 60


def test_what_overflows_in_a_worker_is_counted_by_it_alone():
    """A worker's own overflow comes with its count; the master, whose names are full too, does not count it again."""
    tally, worker, master = Tally(), Names(cap=2), Names(cap=2)
    for letter in "abcd":
        tally.declare(worker.admit(Key(f"GET /{letter}", "http", "host"))).started += 1
    assert [entry[0][0] for entry in master.admitted(tally.delta())] == ["GET /a", "GET /b", OVERFLOW]
    assert master.overflow == 0
