"""The TAMS backend over the embedded TAMS API, its tables in the embedded VAST DB and its media in the embedded S3.

The three servers last for the whole session, and are emptied for each test.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from s3_target import ACCESS_KEY, SECRET_KEY
from starlette.responses import Response
from system import Case, Clock, System
from tams_target import settings_of
from trace_target import serving

from steadyline.backend import RUN_PREFIX
from steadyline.operations.tams.backend import TamsBackend
from steadyline.operations.tams.flow import RUN_TAG, new_flow
from steadyline.target import Target
from targets.tams.app import make_app
from targets.tams.database import Database, Transaction
from targets.tams.janitor import Janitor
from targets.tams.locks import Locks
from targets.tams.media import Media
from targets.tams.moments import now
from targets.tams.server import opened_database, opened_media, working
from targets.tams.tables import ROW_ID, packed, unpacked

BUCKET, TABLES = "media", "tables"
DELETING = ("tams.flow_delete", "tams.cleanup_30", "tams.stress_cleanup_3")
COUNTED = ("flows", "sources", "segments")
NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass
class Front:
    """What stands before the API: counts the requests that write, and answers some in its place.

    Attributes:
        app: the API.
        writes: requests that were neither GET nor HEAD.
        instead: what to answer for paths that end so.
        requests: method, path and headers of what came, while it is a list.
    """

    app: Any
    writes: int = 0
    instead: dict[str, Response] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass one request on."""
        self.writes += scope["method"] not in ("GET", "HEAD")
        if self.requests is not None:
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.requests.append((scope["method"], scope["path"], headers))
        answers = [answer for ending, answer in self.instead.items() if scope["path"].endswith(ending)]
        await (answers or [self.app])[0](scope, receive, send)


@dataclass(frozen=True)
class Servers:
    """A TAMS API in this process, with VAST DB and S3 in others.

    Attributes:
        url: of the API.
        front: before it.
        tables: of the API, to look at and to change from outside.
        media: its bucket, likewise.
    """

    url: str
    front: Front
    tables: Database
    media: Media

    def stored(self) -> list[str]:
        """The media in the bucket."""
        pages = self.media.own.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def empty(self) -> None:
        """Delete every row and all media."""
        with self.tables.transaction() as tx:
            for name in self.tables.tables:
                tx.delete(name, tx.select(name, columns=[], row_ids=True))
        self.media.delete(self.stored())
        self.front.instead.clear()


@contextmanager
def _program(module: str, *arguments: str, **environment: str) -> Iterator[str]:
    """A target as a process of its own on a free port; the URL that it says it has."""
    command = [sys.executable, "-m", module, "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[1]
        finally:
            process.terminate()


@contextmanager
def tams_servers() -> Iterator[Servers]:
    """All three, and the API's own janitor."""
    logging.getLogger("vastdb").setLevel(logging.CRITICAL + 1)  # it logs a traceback of each 404, as the server's start says
    with ExitStack() as stack:
        vast = stack.enter_context(
            _program("targets.vast", "--bucket", TABLES, VAST_ACCESS_KEY=ACCESS_KEY, VAST_SECRET_KEY=SECRET_KEY)
        )
        s3 = stack.enter_context(
            _program("targets.s3", "--bucket", BUCKET, S3_ACCESS_KEY_ID=ACCESS_KEY, S3_SECRET_ACCESS_KEY=SECRET_KEY)
        )
        settings = settings_of(vast, s3, TABLES, "tams", BUCKET)
        tables = stack.enter_context(opened_database(settings))
        media = stack.enter_context(opened_media(settings))
        janitor = stack.enter_context(working(Janitor(tables, media, Locks(), now)))
        front = Front(make_app(tables, media, janitor, allow_faults=True))
        yield Servers(stack.enter_context(serving(front)), front, tables, media)


@dataclass
class TamsSystem(System):
    """The TAMS backend, and what lies behind its target."""

    servers: Servers
    _kept: list[dict[str, Any]] = field(init=False, default_factory=list)

    def target(self, *, allow_writes: bool = True) -> Target:
        """The target as the settings would have it."""
        return Target(backend="tams", url=SecretStr(self.servers.url), allow_writes=allow_writes)

    def artefacts(self) -> dict[str, int]:
        """How many rows each table has, and how many objects there are, in the table or in the bucket."""
        with self.servers.tables.transaction() as tx:
            counts = {name: len(tx.select(name, columns=["id"] if name != "segments" else ["flow_id"])) for name in COUNTED}
            objects = {row["id"] for row in tx.select("objects", columns=["id"])}
        return {**counts, "objects": len(objects | {key.rpartition("/")[2] for key in self.servers.stored()})}

    def scopes(self) -> set[str]:
        """The labels of our flows."""
        with self.servers.tables.transaction() as tx:
            return {row["label"] for row in _ours(tx)}

    def writes_seen(self) -> Any:
        """How many requests to write came."""
        return self.servers.front.writes

    def add_users_data(self) -> None:
        """Two flows that are not ours, though they look like ours in part; one of them holds a segment."""
        documents = [new_flow("nobody", "demo", 0.0).document for _ in range(2)]
        documents[0]["tags"] = {"owner": "a user"}
        documents[1]["label"] = "steady"
        with httpx.Client(base_url=self.servers.url, trust_env=False) as user:
            for document in documents:
                user.put(f"/flows/{document['id']}", json=document).raise_for_status()
            path = f"/flows/{documents[0]['id']}"
            room = user.post(f"{path}/storage", json={"limit": 1}).raise_for_status().json()["media_objects"][0]
            put = room["put_url"]
            user.put(put["url"], content=b"media", headers={"Content-Type": put["content-type"]}).raise_for_status()
            segment = {"object_id": room["object_id"], "timerange": "[0:0_1:0)"}
            user.post(f"{path}/segments", json=segment).raise_for_status()
        self._age({document["id"] for document in documents}, timedelta(days=2000).total_seconds())

    def damage(self, operation: str) -> None:
        """Garble what the operation answers."""
        if operation == "tams.service_read":
            self.servers.front.instead["/service"] = Response(b'{"hello": "world"}')
        elif operation == "tams.source_browse":
            self.servers.front.instead["/sources"] = Response(b'[{"id": "a source", "format": ""}]')
        elif operation in DELETING:
            self._bring_back()
        else:
            self._garble()

    def _bring_back(self) -> None:
        """Put flows back that were there at the call before."""
        with self.servers.tables.transaction() as tx:
            there = tx.select("flows")
            ids = {row["id"] for row in there}
            tx.insert("flows", [row for row in self._kept if row["id"] not in ids])
        self._kept = there

    def _garble(self) -> None:
        """Flows of another type, segments in nobody's flow, and other media."""
        with self.servers.tables.transaction() as tx:
            flows = tx.select("flows", columns=["document"], row_ids=True)
            tx.update("flows", [{ROW_ID: row[ROW_ID], **_garbled(row)} for row in flows])
            segments = tx.select("segments", columns=["flow_id"], row_ids=True)
            tx.update("segments", [{ROW_ID: row[ROW_ID], "flow_id": NOBODY} for row in segments])
        for key in self.servers.stored():
            self.servers.media.own.put_object(Bucket=BUCKET, Key=key, Body=b"garbled")

    def empty(self) -> None:
        """Delete every flow and all that belongs to it."""
        self.servers.empty()

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the client, and date its flows back: the API's clock is its machine's, which no test can move."""
        self.clock.seconds += seconds
        with self.servers.tables.transaction() as tx:
            ours = {row["id"] for row in _ours(tx)}
        self._age(ours, seconds)

    def _age(self, flow_ids: set[str], seconds: float) -> None:
        """Date flows back, as if they had been made so much earlier by the API's clock."""
        with self.servers.tables.transaction() as tx:
            rows = tx.select_in("flows", "id", flow_ids, ["created"], row_ids=True)
            earlier = timedelta(seconds=seconds)
            tx.update("flows", [{ROW_ID: row[ROW_ID], "created": row["created"] - earlier} for row in rows])


def _ours(tx: Transaction) -> list[dict[str, Any]]:
    rows = tx.select("flows", columns=["id", "label", "tags"])
    return [row for row in rows if row["label"].startswith(RUN_PREFIX) and RUN_TAG in (unpacked(row["tags"]) or {})]


def _garbled(row: Mapping[str, Any]) -> dict[str, Any]:
    document = json.loads(row["document"])
    document.pop("format", None)
    return {"document": packed({**document, "codec": "video/garbled"}), "container": "video/garbled"}


@contextmanager
def _over_tams(request: pytest.FixtureRequest) -> Iterator[TamsSystem]:
    servers: Servers = request.getfixturevalue("tams")
    servers.empty()
    clock = Clock()
    system = TamsSystem(TamsBackend(now=clock), clock, "tams.flow_put", 2, servers)
    yield system
    system.close_clients()


CASES = {"tams": Case("tams", _over_tams)}
