"""The embedded S3 in this process, and boto3's client for whatever S3 a test has."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from trace_target import serving

from targets.s3.app import make_app
from targets.s3.store import make_buckets
from targets.vast.signature import Keys

ACCESS_KEY = "steady"
SECRET_KEY = "s3cret/key+with=signs"


@contextlib.contextmanager
def embedded_s3(**facts: Any) -> Iterator[str]:
    """Serve it; facts are `make_app`'s. The endpoint's URL."""
    with serving(make_app(Keys({ACCESS_KEY: SECRET_KEY}), **facts)) as url:
        yield url


def new_bucket() -> str:
    """An empty bucket of the embedded S3, whose store is this process's."""
    name = f"bucket-{uuid.uuid4()}"
    make_buckets([name])
    return name


def boto(url: str, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY) -> Any:
    """A client that tries once; close it."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 1},
        proxies={},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=config,
    )
