"""A day of probing in minutes: the clients' clock runs ahead, the far ends are real, what is left is counted from outside."""

import concurrent.futures
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import httpx
import psutil
import vastdb
from botocore.config import Config
from free_ports import free_port
from paired import Figure

from steadyline import catalogue
from steadyline.addresses import local_url
from steadyline.attempt import Attempt
from steadyline.backend import Client
from steadyline.target import EMBEDDED_ACCESS_KEY, EMBEDDED_BUCKET, EMBEDDED_SECRET_KEY, Target, embedded

HOURS = 24
ATTEMPTS_AN_HOUR = int(os.environ.get("MEDIA_DAY_ATTEMPTS_AN_HOUR", "15"))
"""Of each operation in each hour of the clients' clock; a real schedule has 360 at 10 s and 1800 at 2 s."""
HOUR_SECONDS = 3600.0
WARM_HOURS = 6
BACKENDS = ("s3", "vast", "tams")
MEDIA = "tams"
READY_SECONDS = 60.0
FLAT = 1.05


@dataclass
class Ahead:
    """Unix time as the clients see it: the real one, and the hours that were skipped."""

    skipped_seconds: float = 0.0

    def __call__(self) -> float:
        """The present moment."""
        return time.time() + self.skipped_seconds


@dataclass(frozen=True, slots=True)
class FarEnds:
    """The three targets, each a process."""

    ports: dict[str, int]
    vast: psutil.Process

    def target(self, backend: str) -> Target:
        """One of them as the settings would have it."""
        return embedded(backend, local_url(self.ports[backend]))


@contextmanager
def far_ends() -> Iterator[FarEnds]:
    """S3, VAST DB with a directory, and TAMS on both."""
    ports = {backend: free_port() for backend in BACKENDS}
    environ = {
        **os.environ,
        "MALLOC_ARENA_MAX": "2",
        "VAST_ENDPOINT": local_url(ports["vast"]),
        "VAST_ACCESS_KEY": EMBEDDED_ACCESS_KEY,
        "VAST_SECRET_KEY": EMBEDDED_SECRET_KEY,
        "VAST_BUCKET": MEDIA,
        "VAST_SCHEMA": MEDIA,
        "S3_ENDPOINT_URL": local_url(ports["s3"]),
        "S3_ACCESS_KEY_ID": EMBEDDED_ACCESS_KEY,
        "S3_SECRET_ACCESS_KEY": EMBEDDED_SECRET_KEY,
        "S3_BUCKET_NAME": MEDIA,
    }
    buckets = ["--bucket", EMBEDDED_BUCKET, "--bucket", MEDIA]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        more = {
            "s3": buckets,
            "vast": [*buckets, "--directory", str(Path(folder) / "vast"), "--s3-url", local_url(ports["s3"])],
            "tams": [],
        }
        processes = {}
        for name in BACKENDS:
            command = [sys.executable, "-m", f"targets.{name}", "--port", str(ports[name]), *more[name]]
            processes[name] = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
            running.callback(_end, processes[name])
            _await_ready(local_url(ports[name]))
        yield FarEnds(ports, psutil.Process(processes["vast"].pid))


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(timeout=READY_SECONDS)


def _await_ready(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/-/ready", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} was not ready in {READY_SECONDS:g} s")


@dataclass(frozen=True, slots=True)
class Hour:
    """What one hour of one backend came to."""

    attempts: int
    failed: tuple[str, ...]
    leaked: int


def probe_for_an_hour(backend: str, client: Client, attempts: int) -> Hour:
    """Each scheduled operation so many times in turn, then the janitor."""
    asked = [o for o in catalogue.operations([backend]).values() if o.probe_every_seconds is not None]
    attempt = Attempt(catalogue.backend(backend), client)
    outcomes = [(operation.name, attempt(operation)) for _ in range(attempts) for operation in asked]
    client.sweep()
    failed = tuple(f"{name}: {outcome.reason} {outcome.detail}" for name, outcome in outcomes if not outcome.ok)
    return Hour(len(outcomes), failed, client.leaked())


def left_in_s3(target: Target, bucket: str) -> int:
    """Objects and unfinished uploads, by listing the bucket."""
    s3 = boto3.client(
        "s3",
        endpoint_url=target.url.get_secret_value(),
        aws_access_key_id=target.access_key,
        aws_secret_access_key=target.secret(),
        region_name=target.region,
        config=Config(s3={"addressing_style": "path"}),
    )
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    objects = sum(page["KeyCount"] for page in pages)
    s3_uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    s3.close()
    return objects + len(s3_uploads)


def left_in_vast(target: Target) -> tuple[int, int]:
    """Schemas in the operations' bucket; rows in the TAMS API's tables; both by the official SDK."""
    session = vastdb.connect(
        endpoint=target.url.get_secret_value(), access=target.access_key, secret=target.secret(), timeout=30
    )
    with session.transaction() as tx:
        schemas = len(tx.bucket(EMBEDDED_BUCKET).schemas())
        tables = tx.bucket(MEDIA).schema(MEDIA).tables()
        return schemas, sum(table.get_stats().num_rows for table in tables)


def figures() -> Iterator[Figure]:
    """What is left after a day, and what the endpoint's memory did."""
    clock = Ahead()
    with far_ends() as ends, concurrent.futures.ThreadPoolExecutor(len(BACKENDS)) as threads:
        clients = {
            name: replace(catalogue.backend(name), now=clock).connect(ends.target(name))  # type: ignore[type-var, call-arg]
            for name in BACKENDS
        }
        hours: list[Hour] = []
        resident: list[int] = []
        for _ in range(HOURS):
            work = [threads.submit(probe_for_an_hour, name, client, ATTEMPTS_AN_HOUR) for name, client in clients.items()]
            hours += [one.result() for one in work]
            resident.append(ends.vast.memory_info().rss)
            clock.skipped_seconds += HOUR_SECONDS
        for client in clients.values():
            client.close()
        objects = left_in_s3(ends.target("s3"), EMBEDDED_BUCKET) + left_in_s3(ends.target("s3"), MEDIA)
        schemas, rows = left_in_vast(ends.target("vast"))
    yield from _figures(hours, resident, (objects, schemas, rows))


def _figures(hours: list[Hour], resident: list[int], left: tuple[int, int, int]) -> Iterator[Figure]:
    attempts = sum(hour.attempts for hour in hours)
    failed = [text for hour in hours for text in hour.failed]
    worst = max(hour.leaked for hour in hours)
    day = f"{HOURS} h of the clients' clock, {attempts} attempts"
    objects, schemas, rows = left
    yield Figure(
        f"{day}: objects and uploads in S3, schemas in VAST DB, rows of the TAMS API left",
        "0, 0, 0",
        f"{objects}, {schemas}, {rows} (most counted as leaked in any hour: {worst})",
        left == (0, 0, 0) and worst == 0,
    )
    yield Figure(f"{day}: failed", "0", f"{len(failed)}" + (f", first: {failed[0]}" if failed else ""), not failed)
    warm = statistics.median(resident[WARM_HOURS : 2 * WARM_HOURS])
    last = statistics.median(resident[-WARM_HOURS:])
    yield Figure(
        f"VAST DB endpoint's resident memory, last {WARM_HOURS} h / hours {WARM_HOURS + 1} to {2 * WARM_HOURS}",
        f"<= {FLAT:g}x",
        f"{last / warm:.3f}x ({last / 2**20:.1f} MiB / {warm / 2**20:.1f} MiB)",
        last / warm <= FLAT,
    )
