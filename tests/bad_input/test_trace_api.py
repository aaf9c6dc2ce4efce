"""What the Trace API is asked: each refusal's status and whole message, beside those of tests/targets/trace."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from trace_target import trace_api

TAKEN = "it conflicts with what is there: the name or id is taken, or what it refers to is gone"
WHOLE = "Input should be a valid integer, unable to parse string as an integer"
TRUTH = "Input should be a valid boolean, unable to interpret input"
SHORT = "String should have at least 1 character"


class Api(NamedTuple):
    """One that is there, with a project and an item."""

    http: httpx.Client
    project: str
    item: str


class Case(NamedTuple):
    """One request, and what is answered; `{project}` and `{item}` stand for the ids."""

    status: int
    says: str
    method: str
    path: str
    body: dict[str, Any] | None = None


def project(says: str, status: int = 422, **fields: Any) -> Case:
    """A project to make."""
    return Case(status, says, "POST", "projects", fields)


def item(says: str, status: int = 422, **fields: Any) -> Case:
    """An item to make, with something wrong in it."""
    return Case(status, says, "POST", "items", {"project_id": "{project}", "title": "t", **fields})


def changed(says: str, status: int, path: str = "items/{item}", **fields: Any) -> Case:
    """A change."""
    return Case(status, says, "PUT", path, fields)


def read(says: str, path: str, status: int = 422) -> Case:
    """A question."""
    return Case(status, says, "GET", path)


CASES = {
    "project without a name": project("name: Field required"),
    "project of an empty name": project(f"name: {SHORT}", name=""),
    "project of a number": project("name: Input should be a valid string", name=5),
    "project of a long name": project("name: String should have at most 200 characters", name="x" * 201),
    "project of an empty id": project(f"id: {SHORT}", name="x", id=""),
    "project of a taken id": project(TAKEN, 409, name="x", id="{project}"),
    "project unknown": read("no project none", "projects/none", 404),
    "project unknown, deleted": Case(404, "no project none", "DELETE", "projects/none"),
    "projects without a limit": read(f"limit: {WHOLE}", "projects?limit="),
    "item of an empty type": item(f"type: {SHORT}", type=""),
    "item of a word's priority": item(f"priority: {WHOLE}", priority="high"),
    "item of half a priority": item(
        "priority: Input should be a valid integer, got a number with a fractional part", priority=1.5
    ),
    "item of a list": item("metadata: Input should be an object", metadata=[]),
    "item of titles": item("title: Input should be a valid string", title=["t"]),
    "item of a number's": item("parent_id: Input should be a valid string", parent_id=5),
    "item of a taken id": item(TAKEN, 409, id="{item}"),
    "item of another version": changed("item {item} is at version 1, not 9; read it again", 409, version=9, title="x"),
    "item to another project": changed("project_id: Extra inputs are not permitted", 422, version=1, project_id="{project}"),
    "item unknown, changed": changed("no item none", 404, "items/none", version=1),
    "item unknown, deleted": Case(404, "no item none", "DELETE", "items/none"),
    "item deleted perhaps": Case(422, f"permanent: {TRUTH}", "DELETE", "items/{item}?permanent=perhaps"),
    "items that are none": Case(404, "no item none", "POST", "items/bulk-update", {"ids": ["none"], "change": {"title": "x"}}),
    "items of nobody": Case(
        422,
        "ids: List should have at least 1 item after validation, not 0",
        "POST",
        "items/bulk-update",
        {"ids": [], "change": {"title": "x"}},
    ),
    "one item of two": Case(
        422,
        "items.1.title: Field required",
        "POST",
        "items/bulk-create",
        {"project_id": "{project}", "items": [{"title": "a"}, {}]},
    ),
    "items an object": Case(
        422, "items: Input should be a valid array", "POST", "items/bulk-create", {"project_id": "{project}", "items": {}}
    ),
    "items deleted perhaps": read(f"with_deleted: {TRUTH}", "items?with_deleted=perhaps"),
    "items from a word on": read(f"skip: {WHOLE}", "items?skip=x"),
    "items of an empty project": read(f"project_id: {SHORT}", "items?project_id="),
    "summary posted": Case(405, "Method Not Allowed", "POST", "items/summary"),
    "link to nobody": Case(
        404,
        "no item none in project {project}",
        "POST",
        "links",
        {"project_id": "{project}", "source_item_id": "{item}", "target_item_id": "none", "link_type": "a"},
    ),
    "link unknown, changed": changed("no link none", 404, "links/none", link_type="a"),
    "link of no type": changed("link_type: must not be null; leave it out to keep it", 422, "links/none", link_type=None),
    "groups of nothing": read("project_id: Field required", "links/grouped"),
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Over a database of its own."""
    database = f"sqlite:///{tmp_path_factory.mktemp('trace') / 'trace.db'}"
    with trace_api(database) as url, httpx.Client(base_url=f"{url}/api/v1/", trust_env=False) as http:
        made = http.post("projects", json={"name": "steady"}).json()["id"]
        yield Api(http, made, http.post("items", json={"project_id": made, "title": "t"}).json()["id"])


def filled(api: Api, thing: Any) -> Any:
    """With the ids in it."""
    if isinstance(thing, dict):
        return {name: filled(api, value) for name, value in thing.items()}
    return thing.replace("{project}", api.project).replace("{item}", api.item) if isinstance(thing, str) else thing


def held(api: Api) -> list[Any]:
    """All that the API holds, but for how long."""
    items, links = (api.http.get(path, params={"project_id": api.project}).json() for path in ("items", "links"))
    return [api.http.get("projects").json()["total"], items, links]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(api: Api, case: Case) -> None:
    """What is wrong is named, and nothing is made, changed or deleted."""
    before = held(api)
    answer = api.http.request(case.method, filled(api, case.path), json=filled(api, case.body))
    assert (answer.status_code, answer.json()) == (case.status, {"error": filled(api, case.says)})
    assert held(api) == before
