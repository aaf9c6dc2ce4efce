"""The S3 backend over the embedded S3 and over a real gateway, each looked at from outside by a client of the tests' own."""

import os
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from s3_target import ACCESS_KEY, SECRET_KEY, boto, embedded_s3, new_bucket
from system import Case, Clock, System
from versitygw import MARKS, VersityGw

from steadyline.backend import RUN_PREFIX
from steadyline.operations.s3.backend import S3Backend
from steadyline.target import Target
from targets.s3 import store

LONG_AGO_SECONDS = 10 * 365 * 86400
READS = ("s3.store_init", "s3.bucket_list")


@dataclass
class S3(System):
    """A bucket.

    Attributes:
        url: the endpoint.
        bucket: its name.
        access_key: of who may do anything there.
        secret_key: the access key's.
        outside: a client that no operation uses.
    """

    url: str
    bucket: str
    access_key: str
    secret_key: str
    outside: Any
    _damaged: dict[str, int] = field(init=False, default_factory=dict)

    def target(self, *, allow_writes: bool = True) -> Target:
        """The target as the settings would have it."""
        return Target(
            backend="s3",
            url=SecretStr(self.url),
            bucket=self.bucket,
            access_key=self.access_key,
            secret_key=SecretStr(self.secret_key),
            allow_writes=allow_writes,
        )

    def artefacts(self) -> dict[str, int]:
        """How many objects and unfinished uploads there are."""
        return {"objects": len(self.objects()), "uploads": len(self.uploads())}

    def objects(self, prefix: str = "") -> list[dict[str, Any]]:
        """All objects."""
        pages = self.outside.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [one for page in pages for one in page.get("Contents", [])]

    def uploads(self) -> list[dict[str, Any]]:
        """All unfinished uploads."""
        return list(self.outside.list_multipart_uploads(Bucket=self.bucket).get("Uploads", []))

    def scopes(self) -> set[str]:
        """The run-scoped prefixes."""
        return {one["Key"].partition("/")[0] for one in self.objects()}

    def writes_seen(self) -> Any:
        """What is there: whoever writes leaves at least the run-scoped prefix."""
        return [(one["Key"], one["ETag"], one["LastModified"]) for one in self.objects()], len(self.uploads())

    def add_users_data(self) -> None:
        """Three old objects that are not ours, though one looks so in part."""
        for key in ("a/first", "a/second", f"{RUN_PREFIX}backups/third"):
            self.outside.put_object(Bucket=self.bucket, Key=key, Body=b"a user's")
        self.age(LONG_AGO_SECONDS)

    def damage(self, operation: str) -> None:
        """Overwrite whatever was seen of ours with other bytes, also what is gone by now; or spoil what a listing says."""
        if operation in READS:
            self.spoil_listing()
            return
        self._damaged |= {one["Key"]: one["Size"] for one in self.objects(RUN_PREFIX)}
        for key, size in self._damaged.items():
            self.outside.delete_object(Bucket=self.bucket, Key=key)  # with its metadata
            self.outside.put_object(Bucket=self.bucket, Key=key, Body=b"x" * size)

    def empty(self) -> None:
        """Delete all that is ours."""
        for one in self.objects(RUN_PREFIX):
            self.outside.delete_object(Bucket=self.bucket, Key=one["Key"])

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the client, and date what is there back: no test can move the store's clock."""
        self.clock.seconds += seconds
        self.age(seconds)

    @abstractmethod
    def age(self, seconds: float) -> None:
        """Date all objects back by so much."""

    @abstractmethod
    def spoil_listing(self) -> None:
        """Have all objects listed without their ETags."""


@dataclass
class Embedded(S3):
    """The embedded S3, whose store is this process's."""

    @property
    def _keys(self) -> list[Any]:
        return list(store._backend().buckets[self.bucket].keys.values())

    def age(self, seconds: float) -> None:
        """Date all objects back."""
        for key in self._keys:
            key.last_modified -= timedelta(seconds=seconds)

    def spoil_listing(self) -> None:
        """Take their ETags."""
        for key in self._keys:
            key._etag = ""


@dataclass
class Gateway(S3):
    """A real gateway, whose objects are files."""

    gateway: VersityGw

    def age(self, seconds: float) -> None:
        """Date all files back."""
        for one in self.objects():
            file = self.gateway.data / self.bucket / one["Key"]
            modified = file.stat().st_mtime - seconds
            os.utime(file, (modified, modified))

    def spoil_listing(self) -> None:
        """Take their ETags."""
        for file in (self.gateway.metadata / self.bucket).rglob("meta/etag"):
            file.unlink()


@contextmanager
def _embedded() -> Iterator[S3]:
    clock = Clock()
    with embedded_s3() as url, closing(boto(url)) as outside:
        system = Embedded(
            S3Backend(now=clock), clock, "s3.segment_upload", 3, url, new_bucket(), ACCESS_KEY, SECRET_KEY, outside
        )
        yield system
        system.close_clients()


@contextmanager
def _gateway(gateway: VersityGw) -> Iterator[S3]:
    clock = Clock()
    keys = (gateway.access_key, gateway.secret_key)
    with closing(boto(gateway.url, *keys)) as outside:
        place = (gateway.url, gateway.new_bucket(), *keys)
        system = Gateway(S3Backend(now=clock), clock, "s3.segment_upload", 3, *place, outside, gateway)
        yield system
        system.close_clients()


def _of(request: pytest.FixtureRequest) -> VersityGw:
    found: VersityGw = request.getfixturevalue("versitygw")
    return found


CASES = {
    "s3": Case("s3", lambda _request: _embedded()),
    "s3-versitygw": Case("s3", lambda request: _gateway(_of(request)), MARKS),
}
