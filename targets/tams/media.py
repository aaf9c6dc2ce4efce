"""The media in S3: URLs that clients upload and download by themselves, and the deletion of what no flow refers to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from targets.tams.settings import S3Place

URL_SECONDS = 3600
"""How long a presigned URL is promised to be valid."""
_GRACE_SECONDS = 300
"""Longer than promised: the answer that carries the URL takes its time too."""
_KEYS_AT_ONCE = 1000
"""Most keys of one DeleteObjects."""
_MOST_CONNECTIONS = 16

FAILURES: tuple[type[Exception], ...] = (BotoCoreError, ClientError)
"""What boto3 raises when S3 fails or refuses."""


class MediaError(Exception):
    """S3 did not delete what it was asked to."""


def storage_key(flow_id: str, object_id: str, at: datetime) -> str:
    """Where a flow's object lies in the bucket: `{flow}/{yyyy}/{mm}/{dd}/{object_id}`."""
    return f"{flow_id}/{at:%Y/%m/%d}/{object_id}"


@dataclass(frozen=True, slots=True)
class Media:
    """The bucket, as the server reaches it and as clients do; made by `open_media`."""

    own: Any
    public: Any
    place: S3Place

    def put_url(self, key: str, content_type: str) -> str:
        """A URL that takes the object by PUT, with that content type and no other."""
        return self._presigned("put_object", {"Key": key, "ContentType": content_type})

    def get_url(self, key: str) -> str:
        """A URL that answers the object."""
        return self._presigned("get_object", {"Key": key})

    def _presigned(self, action: str, parameters: dict[str, str]) -> str:
        named = {"Bucket": self.place.bucket, **parameters}
        url: str = self.public.generate_presigned_url(action, Params=named, ExpiresIn=URL_SECONDS + _GRACE_SECONDS)
        return url

    def delete(self, keys: Iterable[str]) -> None:
        """Take objects away; those that are not there are no fault.

        Raises:
            MediaError: S3 kept one of them.
            Exception: one of `FAILURES`.
        """
        named = [{"Key": key} for key in keys]
        for at in range(0, len(named), _KEYS_AT_ONCE):
            part = {"Objects": named[at : at + _KEYS_AT_ONCE], "Quiet": True}
            kept = self.own.delete_objects(Bucket=self.place.bucket, Delete=part).get("Errors", [])
            if kept:
                raise MediaError(f"S3 kept {len(kept)} of {len(named)} objects: {kept[0].get('Code')}")

    def check(self) -> None:
        """Ask for the bucket; one of `FAILURES` when it does not answer."""
        self.own.head_bucket(Bucket=self.place.bucket)

    def close(self) -> None:
        """Close the connections."""
        self.own.close()
        self.public.close()


def open_media(place: S3Place) -> Media:
    """The bucket, made where it is missing.

    Raises:
        Exception: one of `FAILURES`.
    """
    media = Media(_client(place, place.endpoint), _client(place, place.public_url), place)
    try:
        _make_bucket(media)
    except Exception:
        media.close()
        raise
    return media


def _make_bucket(media: Media) -> None:
    try:
        media.check()
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 404:  # noqa: PLR2004 - S3's only answer for a missing bucket
            raise
        media.own.create_bucket(Bucket=media.place.bucket, **_location(media.place.region))


def _location(region: str) -> dict[str, Any]:
    """S3 refuses its own default region where a region may be named."""
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _client(place: S3Place, endpoint: str) -> Any:
    """An S3 client that tries once, waits a bounded time, and needs no wildcard DNS."""
    config = Config(
        signature_version="s3v4",
        region_name=place.region,
        connect_timeout=5,
        read_timeout=10,
        retries={"total_max_attempts": 1},
        max_pool_connections=_MOST_CONNECTIONS,
        s3={"addressing_style": "path"},
    )
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=place.access_key,
        aws_secret_access_key=place.secret_key,
        config=config,
    )
