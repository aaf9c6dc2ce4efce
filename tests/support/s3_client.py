"""How the tests ask an S3 target."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr
from s3_target import ACCESS_KEY, SECRET_KEY

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operations.s3.backend import BACKEND, S3Backend
from steadyline.operations.s3.client import S3Client
from steadyline.outcome import Outcome
from steadyline.target import Target


def target(url: str, bucket: str = "bucket", **facts: Any) -> Target:
    """An S3 target that may be written to."""
    keys = {"access_key": ACCESS_KEY, "secret_key": SecretStr(SECRET_KEY)}
    return Target(backend="s3", url=SecretStr(url), bucket=bucket, **{"allow_writes": True, **keys, **facts})


@contextmanager
def connected(to: Target, backend: S3Backend = BACKEND) -> Iterator[S3Client]:
    """A client, closed afterwards."""
    client = backend.connect(to)
    try:
        yield client
    finally:
        client.close()


def outcome_of(to: Target, backend: S3Backend = BACKEND, name: str = "s3.bucket_list") -> Outcome:
    """What one attempt comes to."""
    with connected(to, backend) as client:
        return Attempt(backend, client)(catalogue.named(name))
