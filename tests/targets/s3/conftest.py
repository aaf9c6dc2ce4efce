"""The embedded S3 with a bucket of the test's own."""

import contextlib

import httpx
import pytest
from s3_target import boto, embedded_s3, new_bucket


@pytest.fixture
def bucket():
    """An empty bucket."""
    return new_bucket()


@pytest.fixture(scope="module")
def url():
    """Its endpoint."""
    with embedded_s3(allow_faults=True) as endpoint:
        yield endpoint


@pytest.fixture
def s3(url):
    """A client with the right keys."""
    with contextlib.closing(boto(url)) as client:
        yield client


@pytest.fixture
def http():
    """A client that knows nothing of S3."""
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client
