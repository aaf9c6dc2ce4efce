"""The TAMS API in this process, over the embedded VAST DB and the embedded S3 in this process too."""

import contextlib
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from s3_target import ACCESS_KEY, SECRET_KEY, embedded_s3, new_bucket
from trace_target import serving
from vast_system import Served, vast_db

from targets.tams.app import make_app
from targets.tams.database import Database
from targets.tams.janitor import Janitor
from targets.tams.locks import Locks
from targets.tams.media import Media
from targets.tams.server import opened_database, opened_media
from targets.tams.settings import S3Place, Settings, VastPlace

START = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - rows keep UTC without a zone


@dataclass
class Day:
    """A time of day that only a test moves, but for a microsecond at each look."""

    at: datetime = START

    def __call__(self) -> datetime:
        """The present."""
        self.at += timedelta(microseconds=1)
        return self.at


@dataclass
class Tams:
    """An API, and what lies behind it.

    Attributes:
        url: of the API.
        vast: the endpoint that keeps its tables.
        settings: of both backends.
        database: the tables, to look at from outside.
        media: the bucket, likewise.
        janitor: not running; a test tells it to tidy.
        day: the API's time of day.
    """

    url: str
    vast: Served
    settings: Settings
    database: Database
    media: Media
    janitor: Janitor
    day: Day

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.database.transaction() as tx:
            return tx.select(table)

    def stored(self) -> list[str]:
        """The keys in the bucket."""
        found = self.media.own.list_objects_v2(Bucket=self.media.place.bucket).get("Contents", [])
        return [one["Key"] for one in found]

    def left(self) -> dict[str, int]:
        """How many rows each table has, and how many objects the bucket."""
        return {**{name: len(self.rows(name)) for name in self.database.tables}, "bucket": len(self.stored())}


def settings_of(vast_url: str, s3_url: str, bucket: str, schema: str, media: str) -> Settings:
    """Settings with the embedded targets' keys."""
    return Settings(
        VastPlace(vast_url, ACCESS_KEY, SECRET_KEY, bucket, schema),
        S3Place(s3_url, ACCESS_KEY, SECRET_KEY, media, "us-east-1", s3_url),
    )


@contextlib.contextmanager
def tams_over(vast: Served, s3_url: str) -> Iterator[Tams]:
    """An API with a schema and a bucket of its own on backends that are there."""
    settings = settings_of(vast.url, s3_url, vast.bucket, f"tams_{uuid.uuid4().hex[:8]}", new_bucket())
    day = Day()
    with ExitStack() as stack:
        database = stack.enter_context(opened_database(settings))
        media = stack.enter_context(opened_media(settings))
        janitor = Janitor(database, media, Locks(), day)
        app = make_app(database, media, janitor, moment=day)
        janitor.notifications.send_waiting()
        url = stack.enter_context(serving(app))
        yield Tams(url, vast, settings, database, media, janitor, day)


@contextlib.contextmanager
def tams_api() -> Iterator[Tams]:
    """All of it."""
    with vast_db() as vast, embedded_s3() as s3_url, tams_over(vast, s3_url) as tams:
        yield tams


def flow(**fields: Any) -> dict[str, Any]:
    """A flow's document with ids of its own; fields replace its own, None takes one away."""
    document = {
        "id": str(uuid.uuid4()),
        "source_id": str(uuid.uuid4()),
        "format": "urn:x-nmos:format:audio",
        "codec": "audio/aac",
        "container": "video/mp2t",
        "essence_parameters": {"sample_rate": 48000, "channels": 2},
        **fields,
    }
    return {name: value for name, value in document.items() if value is not None}
