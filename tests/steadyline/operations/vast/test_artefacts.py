"""What the janitor counts and sweeps in a bucket, seen from outside."""

import re

import pytest
from vast_system import connected
from vastdb import errors

from steadyline.backend import RUN_LIFETIME_SECONDS
from steadyline.operations.vast.backend import VastBackend
from steadyline.operations.vast.content import COLUMNS, rows_of
from steadyline.operations.vast.schemas import born_of
from steadyline.target import DEFAULT_REGION

NOW = 1_800_000_000
LONG_PAST = int(NOW - 2 * RUN_LIFETIME_SECONDS - 1)
ID = "01234567-89ab-cdef-0123-456789abcdef"
OURS = f"steadyline-vast-working-{LONG_PAST}-{ID}"
OTHERS = ("steady", "steadyline", f"steadyline-vast-{ID}", f"steadyline-vast-working-{ID}", f"my-{OURS}", f"{OURS}-copy")

BIRTHS = {OURS: LONG_PAST, OURS.replace("working", "dataset"): LONG_PAST, **dict.fromkeys(OTHERS)}


@pytest.mark.parametrize(("name", "born"), BIRTHS.items())
def test_birth(name, born):
    """A run-scoped schema says by its name when it was made; any other name is not ours."""
    assert born_of(name) == born


@pytest.fixture
def client(endpoint_with_s3):
    """A client whose clock stands still, on an endpoint with an S3."""
    with connected(endpoint_with_s3.target(), VastBackend(now=lambda: NOW)) as made:
        yield made


def _make(client, name, rows=0):
    with client.transaction() as tx:
        table = client.database.bucket(tx).create_schema(name).create_table("rows", COLUMNS)
        if rows:
            table.insert(rows_of(range(rows)))


def _schemas(client):
    with client.transaction() as tx:
        return set(client.database.schemas(tx, ""))


def test_what_a_crash_left(client):
    """A schema of ours past twice its lifetime goes, with its tables, rows and objects; each counts."""
    _make(client, OURS, rows=3)
    client.objects.put(f"{OURS}/a.parquet", b"left")
    assert client.leaked() == client.sweep() == 1 + 1 + 3 + 1
    assert (client.leaked(), client.sweep(), _schemas(client)) == (0, 0, set())


def test_one_that_stays(client):
    """A schema that cannot be dropped, for somebody put one into it, is told, and keeps no other alive."""
    others = {OURS[:-1] + last for last in "0e"}  # before and after it
    for name in (OURS, *others):
        _make(client, name)
    with client.transaction() as tx:
        client.database.schema(tx, OURS).create_schema("inner")
    with pytest.raises(errors.Conflict, match="not empty"):
        client.sweep()
    assert _schemas(client) == {OURS}


def test_objects_without_their_schema(client):
    """An object whose schema has gone already is found by its key."""
    client.objects.put(f"{OURS}/a.parquet", b"left")
    assert client.leaked() == client.sweep() == 1
    assert client.leaked() == 0


def test_what_is_not_ours(client):
    """Schemas and objects whose names only resemble ours are left alone, and so is what another live run uses."""
    live = f"steadyline-vast-working-{NOW - 60}-{ID}"
    for name in (*OTHERS, live):
        _make(client, name)
        client.objects.put(f"{name}/a.parquet", b"theirs")
    assert (client.leaked(), client.sweep()) == (0, 0)
    assert _schemas(client) == {*OTHERS, live}
    assert len(list(client.objects.keys(""))) == len(OTHERS) + 1


def test_what_attempts_left(endpoint_with_s3):
    """Tables, rows and objects that attempts left in the working schema count once they are minutes old."""
    now = [NOW]
    with connected(endpoint_with_s3.target(), VastBackend(now=lambda: now[0])) as client:
        working = client.working
        with client.transaction() as tx:
            client.database.create_table(tx, working.name, "table_left", COLUMNS)
            tx.table_from_metadata(working.table).insert(rows_of(client.new_rows(2)))
        client.objects.put(f"{working.name}/left.parquet", b"left")
        assert client.leaked() == 0
        now[0] += 121
        assert client.leaked() == 4


def test_many_objects(client, monkeypatch):
    """Objects are listed to the last page, whatever their keys are made of."""
    keys = [f"{OURS}/{number} & <{number}>+é.parquet" for number in range(5)]
    for key in keys:
        client.objects.put(key, b"left")
    ask = client.database.session.api.ask_for_object

    def by_twos(method, path, content=b""):
        return ask(method, path.replace("list-type=2&", "list-type=2&max-keys=2&"), content)

    monkeypatch.setattr(client.database.session.api, "ask_for_object", by_twos)
    assert list(client.objects.keys(OURS)) == sorted(keys)
    assert client.objects.delete_all(f"{OURS}/") == 5
    assert list(client.objects.keys("")) == []


def test_region(client):
    """Requests for objects are signed for a region: an S3 behind the endpoint, such as VersityGW, refuses those for none."""
    answer = client.database.session.api.ask_for_object("PUT", f"{client.database.place.bucket}/{OURS}/a.parquet", b"left")
    assert f"/{DEFAULT_REGION}/s3/aws4_request" in answer.request.headers["Authorization"]
    client.objects.delete(f"{OURS}/a.parquet")


def test_signed_headers(client):
    """Every header of Amazon's is signed: VersityGW refuses a request that has one that is not."""
    request = client.database.session.api.ask_for_object("GET", f"{client.database.place.bucket}?list-type=2").request
    signed = re.search(r"SignedHeaders=([^,]+)", request.headers["Authorization"])
    assert {name.lower() for name in request.headers if name.lower().startswith("x-amz-")} <= set(signed[1].split(";"))
