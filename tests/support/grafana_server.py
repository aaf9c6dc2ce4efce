"""A server that behaves as Grafana's HTTP API: folders, boards, their search, data sources, annotations, and who may what.

Status codes and answers are those of Grafana's documentation and of its source where that says more: what it checks before
it saves a board, how it words a refusal. Up to Grafana 11.1 a title is unique in its folder; `unique_titles` says so.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from steadyline import durations

Body = Any
Answer = tuple[int, Any]
VERSION = "9.4.17"
READ = {"folders:read", "dashboards:read"}
EDIT = {
    "folders:create",
    "folders:delete",
    "dashboards:create",
    "dashboards:write",
    "dashboards:delete",
    "annotations:create",
    "annotations:write",
}
ROLES = {
    "Viewer": READ,
    "Editor": READ | EDIT,
    "Admin": READ | EDIT | {"datasources:read", "datasources:create", "datasources:write", "datasources:delete"},
}
"""What each role may, of what is asked here."""


class GrafanaServer(ThreadingHTTPServer):
    """Keeps what it is given; refuses who is not let in.

    Args:
        prefix: the path before the API.
        login: the only `authorization` that is let in, as an Admin.
        roles: who else is let in, by `authorization`; without `login` and these, everybody is an Admin.
        answers: status and answer to everything, whatever is asked.
        sends_on: a URL to which every request is redirected.
        unique_titles: whether two boards of a folder cannot have one title.
        least_refresh: no board may refresh itself more often; as its configuration has it.
        health: the answer to who asks how it is.
    """

    daemon_threads = True

    def __init__(
        self,
        prefix: str = "",
        login: str | None = None,
        roles: dict[str, str] | None = None,
        answers: Answer | None = None,
        sends_on: str | None = None,
        *,
        unique_titles: bool = True,
        least_refresh: str = "5s",
        health: Body = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.prefix, self.answers, self.sends_on, self.unique_titles = prefix, answers, sends_on, unique_titles
        self.roles = ({login: "Admin"} if login else {}) | (roles or {})
        self.health = health or {"commit": "abc", "database": "ok", "version": VERSION}
        self.least_refresh = least_refresh
        self.folders: dict[str, Body] = {}
        self.boards: dict[str, Body] = {}
        self.sources: dict[str, Body] = {}
        self.annotations: dict[int, Body] = {}
        self.asked: list[tuple[str, str]] = []
        self.came = threading.Condition()
        self._ids = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        """As a browser has it."""
        return f"http://{self.address}{self.prefix}"

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Every request that was not just a question."""
        return [(method, path) for method, path in self.asked if method != "GET"]

    def wait_for(self, count: int) -> None:
        """Until so many requests came."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.asked) >= count, 60)

    def number(self) -> int:
        """The next id."""
        self._ids += 1
        return self._ids

    def add_folder(self, title: str, uid: str, parent: str = "") -> None:
        """As somebody made it in the browser."""
        self.folders[uid] = {"id": self.number(), "uid": uid, "title": title, "parentUid": parent}

    def add_board(
        self, uid: str, title: str, folder: str = "", *, tags: tuple[str, ...] = (), provisioned: bool = False
    ) -> None:
        """As somebody saved it in the browser, or a provider brought it."""
        board = {"uid": uid, "title": title, "tags": list(tags), "id": self.number(), "version": 1}
        self.boards[uid] = {"board": board, "folder": folder, "provisioned": provisioned}

    def add_source(self, uid: str, name: str, **facts: Any) -> None:
        """As somebody made it in the browser."""
        self.sources[uid] = _source(self.number(), {"uid": uid, "name": name, "type": "prometheus", "url": "", **facts})


def _source(number: int, said: Body) -> Body:
    """As Grafana shows it: secrets by their names only."""
    defaults = {
        "access": "proxy",
        "isDefault": False,
        "readOnly": False,
        "basicAuth": False,
        "basicAuthUser": "",
        "jsonData": {},
    }
    shown = {key: value for key, value in said.items() if key != "secureJsonData"}
    secrets = dict.fromkeys(said.get("secureJsonData", ()), True)
    return defaults | {"id": number, "orgId": 1, "version": 1, "secureJsonFields": secrets} | shown


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


class _Handler(BaseHTTPRequestHandler):
    server: GrafanaServer

    def _take(self) -> None:
        server = self.server
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status, answer = (301, "") if server.sends_on else server.answers or self._answer(body)
        with server.came:  # before the answer: who has it may count on it
            server.asked.append((self.command, self.path))
            server.came.notify_all()
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if server.sends_on:
            self.send_header("location", server.sends_on + self.path)
        self.send_header("content-type", "application/json; charset=UTF-8")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _take  # noqa: N815 - the base class's names

    def _answer(self, body: Body) -> Answer:
        parts = urlsplit(self.path)
        if not parts.path.startswith(f"{self.server.prefix}/api/"):
            return 404, {"message": "Not found"}
        place = parts.path.removeprefix(f"{self.server.prefix}/api")
        authorization = self.headers.get("authorization")
        for_anybody = {"/health": self.server.health, "/frontend/settings": _settings(self.server, authorization)}
        if place in for_anybody:
            return 200, for_anybody[place]
        if self.server.roles and authorization not in self.server.roles:
            return 401, {"message": "Invalid API key" if authorization else "Unauthorized"}
        role = self.server.roles.get(authorization or "", "Admin")
        for method, pattern, right, answer in _ROUTES:
            found = re.fullmatch(pattern, place)
            if method == self.command and found:
                if right not in ROLES[role]:
                    return _forbidden(right)
                return answer(self.server, *(unquote(part) for part in found.groups()), parse_qs(parts.query), body)
        return 404, {"message": "Not found"}

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _forbidden(right: str) -> Answer:
    message = f"You'll need additional permissions to perform this action. Permissions needed: {right}"
    return 403, {"accessErrorId": "ACE0123456789", "message": message, "title": "Access denied"}


def _settings(server: GrafanaServer, authorization: str | None) -> Body:
    """For anybody, the login page too; the data sources for who is let in."""
    builtin = {"type": "grafana", "name": "-- Grafana --", "isDefault": False, "url": "/api/datasources/-1"}
    known = {
        one["name"]: {key: one[key] for key in ("id", "uid", "type", "name", "isDefault", "access", "jsonData", "readOnly")}
        | {"url": f"/api/datasources/proxy/uid/{one['uid']}"}
        for one in server.sources.values()
    }
    shown = {"-- Grafana --": builtin, **known} if not server.roles or authorization in server.roles else {}
    return {"datasources": shown, "minRefreshInterval": server.least_refresh, "appSubUrl": server.prefix}


def _search(server: GrafanaServer, query: dict[str, list[str]], _body: Body) -> Answer:
    limit = int(query.get("limit", ["1000"])[0])
    if limit > 5000:
        return 422, {"message": "Limit is above maximum allowed (5000), use page parameter to access hits beyond limit"}
    hits = [
        _hit(one["uid"], one["title"], "dash-folder", [], server.folders.get(one["parentUid"]))
        for one in server.folders.values()
    ]
    hits += [
        _hit(uid, one["board"]["title"], "dash-db", one["board"].get("tags", []), server.folders.get(one["folder"]))
        for uid, one in server.boards.items()
    ]
    kind = query.get("type", [""])[0]
    return 200, [hit for hit in hits if kind in ("", hit["type"]) and set(query.get("tag", ())) <= set(hit["tags"])][:limit]


def _hit(uid: str, title: str, kind: str, tags: list[str], folder: Body) -> Body:
    above = {"folderId": folder["id"], "folderUid": folder["uid"], "folderTitle": folder["title"]} if folder else {}
    url = f"/dashboards/f/{uid}/{_slug(title)}" if kind == "dash-folder" else f"/d/{uid}/{_slug(title)}"
    return {"uid": uid, "title": title, "type": kind, "tags": tags, "url": url, "isStarred": False, **above}


def _make_folder(server: GrafanaServer, _query: object, body: Body) -> Answer:
    if not body.get("title"):
        return 400, {"message": "folder title cannot be empty"}
    if any(one["title"] == body["title"] and not one["parentUid"] for one in server.folders.values()):
        return 409, {"message": "a folder with the same name already exists in the current location"}
    uid = body.get("uid") or f"folder{server.number()}"
    server.add_folder(body["title"], uid)
    return 200, {**server.folders[uid], "url": f"/dashboards/f/{uid}/{_slug(body['title'])}", "version": 1, "canSave": True}


def _delete_folder(server: GrafanaServer, uid: str, _query: object, _body: Body) -> Answer:
    if server.folders.pop(uid, None) is None:
        return 404, {"message": "folder not found", "status": "not-found"}
    server.boards = {other: one for other, one in server.boards.items() if one["folder"] != uid}
    return 200, {"message": "Folder deleted"}


def _get_board(server: GrafanaServer, uid: str, _query: object, _body: Body) -> Answer:
    held = server.boards.get(uid)
    if held is None:
        return 404, {"message": "Dashboard not found"}
    folder = server.folders.get(held["folder"])
    meta = {
        "type": "db",
        "slug": _slug(held["board"]["title"]),
        "version": held["board"]["version"],
        "folderId": folder["id"] if folder else 0,
        "folderUid": held["folder"],
        "folderTitle": folder["title"] if folder else "General",
        "provisioned": held["provisioned"],
    }
    return 200, {"meta": meta, "dashboard": held["board"]}


def _fault(server: GrafanaServer, board: Body, folder: str, held: Body) -> str:
    """Why a board cannot be saved by anybody, or nothing."""
    if not board.get("title"):
        return "Dashboard title cannot be empty"
    if folder and folder not in server.folders:
        return "folder not found"
    if board.get("refresh") and durations.parse(board["refresh"]) < durations.parse(server.least_refresh):
        return "Dashboard refresh interval is too low"
    return "Cannot save provisioned dashboard" if held and held["provisioned"] else ""


def _save_board(server: GrafanaServer, _query: object, body: Body) -> Answer:
    board, folder, overwrite = body["dashboard"], body.get("folderUid") or "", bool(body.get("overwrite"))
    uid = board.get("uid") or f"board{server.number()}"
    held = server.boards.get(uid)
    fault = _fault(server, board, folder, held)
    if fault:
        return 400, {"message": fault}
    if held and board.get("version", 0) != held["board"]["version"] and not overwrite:
        return 412, {"message": "The dashboard has been changed by someone else", "status": "version-mismatch"}
    same = [
        other
        for other, one in server.boards.items()
        if other != uid and one["folder"] == folder and _slug(one["board"]["title"]) == _slug(board["title"])
    ]
    if same and server.unique_titles:
        if not overwrite:
            return 412, {"message": "A dashboard with the same name in the folder already exists", "status": "name-exists"}
        uid, held = same[0], server.boards[same[0]]
    facts = (
        {"id": held["board"]["id"], "version": held["board"]["version"] + 1} if held else {"id": server.number(), "version": 1}
    )
    server.boards[uid] = {"board": {**board, "uid": uid, **facts}, "folder": folder, "provisioned": False}
    slug = _slug(board["title"])
    return 200, {"status": "success", "slug": slug, "uid": uid, "url": f"{server.prefix}/d/{uid}/{slug}", **facts}


def _delete_board(server: GrafanaServer, uid: str, _query: object, _body: Body) -> Answer:
    held = server.boards.get(uid)
    if held is None:
        return 404, {"message": "Dashboard not found"}
    if held["provisioned"]:
        return 400, {"message": "provisioned dashboard cannot be deleted"}
    del server.boards[uid]
    title = held["board"]["title"]
    return 200, {"title": title, "message": f"Dashboard {title} deleted", "id": held["board"]["id"]}


def _sources(server: GrafanaServer, _query: object, _body: Body) -> Answer:
    return 200, list(server.sources.values())


def _make_source(server: GrafanaServer, _query: object, body: Body) -> Answer:
    for key in ("name", "uid"):
        if any(one[key] == body.get(key) for one in server.sources.values()):
            return 409, {"message": f"data source with the same {key} already exists"}
    made = _source(server.number(), {"uid": f"source{server.number()}", **body})
    server.sources[made["uid"]] = made
    return 200, {"datasource": made, "id": made["id"], "message": "Datasource added", "name": made["name"]}


def _update_source(server: GrafanaServer, uid: str, _query: object, body: Body) -> Answer:
    held = server.sources.get(uid)
    if held is None:
        return 404, {"message": "Data source not found"}
    if held["readOnly"]:
        return 403, {"message": "Cannot update read-only data source"}
    changed = _source(held["id"], body) | {"version": held["version"] + 1}
    changed["secureJsonFields"] = held["secureJsonFields"] | changed["secureJsonFields"]
    server.sources[uid] = changed
    return 200, {"datasource": changed, "id": held["id"], "message": "Datasource updated", "name": changed["name"]}


def _delete_source(server: GrafanaServer, uid: str, _query: object, _body: Body) -> Answer:
    if server.sources.pop(uid, None) is None:
        return 404, {"message": "Data source not found"}
    return 200, {"message": "Data source deleted"}


def _annotate(server: GrafanaServer, _query: object, body: Body) -> Answer:
    number = len(server.annotations) + 1
    server.annotations[number] = body
    return 200, {"message": "Annotation added", "id": number}


def _patch_annotation(server: GrafanaServer, number: str, _query: object, body: Body) -> Answer:
    server.annotations[int(number)] |= {key: value for key, value in body.items() if value is not None}
    return 200, {"message": "Annotation patched"}


_ROUTES: list[tuple[str, str, str, Callable[..., Answer]]] = [
    ("GET", "/search", "dashboards:read", _search),
    ("POST", "/folders", "folders:create", _make_folder),
    ("DELETE", "/folders/([^/]+)", "folders:delete", _delete_folder),
    ("GET", "/dashboards/uid/([^/]+)", "dashboards:read", _get_board),
    ("POST", "/dashboards/db", "dashboards:write", _save_board),
    ("DELETE", "/dashboards/uid/([^/]+)", "dashboards:delete", _delete_board),
    ("GET", "/datasources", "datasources:read", _sources),
    ("POST", "/datasources", "datasources:create", _make_source),
    ("PUT", "/datasources/uid/([^/]+)", "datasources:write", _update_source),
    ("DELETE", "/datasources/uid/([^/]+)", "datasources:delete", _delete_source),
    ("POST", "/annotations", "annotations:create", _annotate),
    ("PATCH", r"/annotations/(\d+)", "annotations:write", _patch_annotation),
]
"""Method, path, the right that it needs, and what answers."""


@contextmanager
def grafana(**facts: Any) -> Iterator[GrafanaServer]:
    """One that serves."""
    with GrafanaServer(**facts) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
