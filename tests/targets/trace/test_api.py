"""What the Trace API promises, over both databases."""

import pytest

FIELDS = {
    "title": "Überschrift",
    "description": "text",
    "external_id": "T-1",
    "type": "bug",
    "status": "done",
    "priority": -3,
    "metadata": {"a": [1, None, {"b": 1.5}]},
}


def make(api, path, **content):
    """A row made; its JSON."""
    answer = api.post(path, json=content)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def item(api, project):
    """An item with every field set."""
    return make(api, "items", project_id=project, **FIELDS)


def listed(api, path, **query):
    """The ids of a page, and whether more follow."""
    answer = api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    rows = answer.json()
    return [row["id"] for row in rows[path]], rows["more"]


def test_item_is_shown_as_made(api, project, item):
    """An item is read as it was made, and a sparse one has the defaults."""
    assert item.items() >= {**FIELDS, "project_id": project, "version": 1, "parent_id": None}.items()
    assert api.get(f"items/{item['id']}").json() == item
    sparse = make(api, "items", project_id=project, title="t", parent_id=item["id"])
    assert (sparse["type"], sparse["status"], sparse["priority"], sparse["metadata"]) == ("task", "todo", 0, {})
    assert listed(api, "items", parent_id=item["id"]) == ([sparse["id"]], False)


def test_change_takes_the_lock(api, item):
    """A change names the version it was read at; a stale one is a conflict and changes nothing."""
    path = f"items/{item['id']}"
    changed = api.put(path, json={"version": 1, "status": "todo", "description": None, "metadata": {}}).json()
    assert changed == {**item, "status": "todo", "description": None, "metadata": {}, "version": 2}
    stale = api.put(path, json={"version": 1, "title": "late"})
    assert (stale.status_code, "version 2" in stale.json()["error"]) == (409, True)
    assert api.get(path).json() == changed


def test_deleted_item_is_hidden(api, project, item):
    """A deleted item is not shown, counted or changed, but its row stays until it is deleted permanently."""
    path = f"items/{item['id']}"
    assert api.delete(path).status_code == 204
    assert [ask.status_code for ask in (api.get(path), api.put(path, json={"version": 2}), api.delete(path))] == [404] * 3
    assert listed(api, "items", project_id=project) == ([], False)
    assert api.get("items/summary", params={"project_id": project}).json() == {"total": 0, "by_status": {}}
    assert listed(api, "items", project_id=project, with_deleted=True) == ([item["id"]], False)
    assert api.get(f"projects/{project}").json()["items"] == 1
    assert api.delete(path, params={"permanent": True}).status_code == 204
    assert api.get(f"projects/{project}").json()["items"] == 0


def test_pages_and_filters(api, project):
    """Pages go through all items once, in order; filters narrow; the summary counts by status."""
    other = make(api, "projects", name="other")["id"]
    contents = [{"title": f"i{n}", "status": ("todo", "done")[n % 2], "type": ("task", "bug")[n > 6]} for n in range(10)]
    made = api.post("items/bulk-create", json={"project_id": project, "items": contents}).json()["ids"]
    make(api, "items", project_id=other, title="elsewhere")
    first, more = listed(api, "items", project_id=project, limit=6)
    rest, end = listed(api, "items", project_id=project, limit=6, skip=6)
    assert (first + rest, more, end) == (sorted(made), True, False)
    assert set(listed(api, "items", project_id=project, status="done")[0]) == set(made[1::2])
    assert set(listed(api, "items", project_id=project, view="bug", status="todo")[0]) == {made[8]}
    assert len(listed(api, "items")[0]) == 11
    assert api.get("items/summary", params={"project_id": project}).json() == {
        "total": 10,
        "by_status": {"todo": 5, "done": 5},
    }


def test_bulk_update(api, project):
    """A bulk update changes all items or none, and moves their versions."""
    made = [make(api, "items", project_id=project, title="t")["id"] for _ in range(3)]
    refused = api.post("items/bulk-update", json={"ids": [*made, "none"], "change": {"status": "done"}})
    assert (refused.status_code, refused.json()) == (404, {"error": "no item none"})
    assert listed(api, "items", status="done") == ([], False)
    done = api.post("items/bulk-update", json={"ids": made[:2], "change": {"status": "done", "metadata": {"a": 1}}})
    assert done.json() == {"updated": 2}
    assert listed(api, "items", status="done")[0] == sorted(made[:2])
    assert api.get(f"items/{made[0]}").json()["version"] == 2


def test_links(api, project, item):
    """Links are made, listed, changed, grouped and deleted."""
    end = make(api, "items", project_id=project, title="end")
    content = {"project_id": project, "source_item_id": item["id"], "target_item_id": end["id"], "link_type": "blocks"}
    link = make(api, "links", **content, metadata={"why": "x"})
    assert link.items() >= {**content, "metadata": {"why": "x"}}.items()
    for query in (
        {"source_item_id": item["id"]},
        {"target_item_id": end["id"]},
        {"link_type": "blocks"},
        {"project_id": project},
    ):
        assert listed(api, "links", **query) == ([link["id"]], False)
    assert listed(api, "links", link_type="other") == ([], False)
    assert api.get("links/grouped", params={"project_id": project}).json() == {"total": 1, "by_link_type": {"blocks": 1}}
    assert api.put(f"links/{link['id']}", json={"link_type": "needs"}).json() == {**link, "link_type": "needs"}
    assert [api.delete(f"links/{link['id']}").status_code for _ in range(2)] == [204, 404]


def test_link_ends_must_be_there(api, project, item):
    """A link's ends lie in its project and are not deleted."""
    other = make(api, "projects", name="other")["id"]
    elsewhere = make(api, "items", project_id=other, title="t")["id"]
    gone = make(api, "items", project_id=project, title="t")["id"]
    api.delete(f"items/{gone}")
    for end in (elsewhere, gone, "none"):
        content = {"project_id": project, "source_item_id": item["id"], "target_item_id": end, "link_type": "blocks"}
        assert api.post("links", json=content).status_code == 404


def test_deleted_project_takes_all(api, project, item):
    """A deleted project takes its items and links for good; another project keeps its own."""
    make(api, "links", project_id=project, source_item_id=item["id"], target_item_id=item["id"], link_type="self")
    api.delete(f"items/{item['id']}")
    other = make(api, "projects", name="other")["id"]
    kept = make(api, "items", project_id=other, title="t")["id"]
    assert [api.delete(f"projects/{project}").status_code for _ in range(2)] == [204, 404]
    assert listed(api, "items", with_deleted=True) == ([kept], False)
    assert listed(api, "links") == ([], False)


def test_projects_by_prefix(api):
    """Projects are listed by a prefix taken literally, with their ages and the number of all that match."""
    for name in ("a_1", "a_2", "ab", "b"):
        make(api, "projects", name=name)
    answer = api.get("projects", params={"prefix": "a_", "limit": 1}).json()
    assert ([row["name"] for row in answer["projects"]], answer["total"]) == (["a_1"], 2)
    assert answer["projects"][0]["age_seconds"] >= 0


def test_chosen_id(api, project):
    """A client may choose the ids of what it makes; one that is taken is a conflict."""
    for path, content in (
        ("projects", {"name": "mine"}),
        ("items", {"project_id": project, "title": "t"}),
        ("links", {"project_id": project, "source_item_id": "mine", "target_item_id": "mine", "link_type": "self"}),
    ):
        assert make(api, path, id="mine", **content)["id"] == "mine"
        again = {**content, "id": "mine"}
        assert api.post(path, json={**again, "name": "other"} if path == "projects" else again).status_code == 409
    assert api.post("projects", json={"name": "mine"}).status_code == 409
