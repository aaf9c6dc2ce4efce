"""The service and its storage backend."""

import uuid


def test_root(api):
    """The root names the paths to start from, and each of them answers."""
    paths = api.get("/").json()
    assert {"service", "flows", "sources", "flow-delete-requests"} <= set(paths)
    assert all(api.get(f"/{path}").status_code == 200 for path in paths)


def test_service(api):
    """The service says which version of the specification it follows, and its times are in order."""
    told = api.get("/service").json()
    assert told["type"].startswith("urn:x-tams:service")
    assert told["api_version"] == "8.1"
    assert told["min_presigned_url_timeout"] == told["min_object_timeout"] == "3600:0"
    assert told["event_stream_mechanisms"] == [{"name": "webhooks"}]


def test_named(api):
    """A name and a description can be given and changed, one without the other."""
    for said, expected in (
        ({"name": "one"}, ("one", None)),
        ({"description": "a store"}, ("one", "a store")),
        ({}, ("one", "a store")),
        ({"name": "two"}, ("two", "a store")),
    ):
        assert api.post("/service", json=said).status_code == 200
        told = api.get("/service").json()
        assert (told["name"], told.get("description")) == expected
    assert api.post("/service", json={"nome": "x"}).status_code == 400


def test_storage_backends(tams, api):
    """There is one storage backend, the default, and its id stays."""
    (backend,) = api.get("/service/storage-backends").json()
    assert (backend["store_type"], backend["default_storage"]) == ("http_object_store", True)
    assert uuid.UUID(backend["id"])
    assert api.get("/service/storage-backends").json() == [backend]
    assert backend["region"] == tams.settings.s3.region


def test_ready(api):
    """The API is ready when both backends answer."""
    assert api.get("/-/ready").json() == {"ready": True}
    assert api.get("/-/healthy").json() == {"healthy": True}
