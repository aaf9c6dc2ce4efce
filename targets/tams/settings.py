"""Where the TAMS API keeps its data, from the environment: all faults of it found at once, each with how to mend it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from targets.serving import USAGE, CannotStart

DEFAULT_REGION = "us-east-1"
_VAST_SCHEMA = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-f:.]+")
_REGION = re.compile(r"(?![0-9]+$)(?!-)[A-Za-z0-9-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class VastPlace:
    """A VAST DB endpoint, and the bucket and schema that hold the tables."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    bucket: str
    schema: str


@dataclass(frozen=True, slots=True)
class S3Place:
    """An S3 endpoint and the bucket that holds the media.

    Attributes:
        public_url: what presigned URLs point at; the endpoint itself where clients see it under the same name.
    """

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    bucket: str
    region: str
    public_url: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Both places."""

    vast: VastPlace
    s3: S3Place


def read_settings(environ: Mapping[str, str], s3_public_url: str | None = None) -> Settings:
    """The settings out of VAST_… and S3_….

    Args:
        environ: the environment.
        s3_public_url: of the presigned URLs; without it, S3's endpoint.

    Raises:
        CannotStart: all that is missing or wrong, in one message; values are not repeated.
    """
    reader = _Reader(environ)
    vast = VastPlace(*(reader.taken(name, check) for name, check in _VAST.items()))
    endpoint, access_key, secret_key, bucket = (reader.taken(name, check) for name, check in _S3.items())
    region = environ.get("S3_REGION") or DEFAULT_REGION
    if fault := _region_fault(region):
        reader.faults.append(f"S3_REGION: {fault}")
    if s3_public_url and (fault := _s3_url_fault(s3_public_url)):
        reader.faults.append(f"--s3-public-url: {fault}")
    if reader.faults:
        raise CannotStart("; ".join(reader.faults), USAGE)
    return Settings(vast, S3Place(endpoint, access_key, secret_key, bucket, region, s3_public_url or endpoint))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes settings out of the environment, and collects what is wrong with them."""

    environ: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def taken(self, name: str, check: Callable[[str], str | None]) -> str:
        value = self.environ.get(name, "")
        if fault := "not set" if not value else check(value):
            self.faults.append(f"{name}: {fault}")
        return value


def _url_fault(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        return "must be a URL such as http://127.0.0.1:9000"
    if parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        return "must be scheme, host and port only: keys have settings of their own"
    return None


def _s3_url_fault(value: str) -> str | None:
    """The AWS SDK takes fewer hosts than others do."""
    if fault := _url_fault(value):
        return fault
    host = urlsplit(value).hostname or ""
    return None if _HOST.fullmatch(host) else "its host may have letters, digits, - and . only"


def _text_fault(value: str) -> str | None:
    return None if value.isascii() and value.isprintable() else "must be printable ASCII"


def _bucket_fault(value: str) -> str | None:
    return None if _BUCKET.fullmatch(value) else "must be a bucket's name: 3 to 63 of a-z, 0-9, - and ."


def _region_fault(value: str) -> str | None:
    return None if _REGION.fullmatch(value) else "must be a region's name such as us-east-1: letters, digits and -"


def _schema_fault(value: str) -> str | None:
    return None if _VAST_SCHEMA.fullmatch(value) else "must be a schema's name: letters, digits, _, - and ."


_VAST = {
    "VAST_ENDPOINT": _url_fault,
    "VAST_ACCESS_KEY": _text_fault,
    "VAST_SECRET_KEY": _text_fault,
    "VAST_BUCKET": _bucket_fault,
    "VAST_SCHEMA": _schema_fault,
}
SECRETS = ("VAST_SECRET_KEY", "S3_SECRET_ACCESS_KEY")
"""What may come from a file."""
_S3 = {
    "S3_ENDPOINT_URL": _s3_url_fault,
    "S3_ACCESS_KEY_ID": _text_fault,
    "S3_SECRET_ACCESS_KEY": _text_fault,
    "S3_BUCKET_NAME": _bucket_fault,
}
