"""How the S3 operations connect: the target's endpoint, keys and bucket, and clients of the AWS SDK that try once."""

import os
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config

from steadyline.operations.http.connection import Waits
from steadyline.operations.s3.wire import Wire
from steadyline.target import Target


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target is, and who asks.

    Attributes:
        endpoint: scheme, host and port.
        bucket: to work in.
        region: that requests are signed for.
        access_key: "" goes by the AWS SDK's own chain.
        secret_key: the access key's.
    """

    endpoint: str
    bucket: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    @property
    def is_secure(self) -> bool:
        """Whether it speaks TLS."""
        return urlsplit(self.endpoint).scheme == "https"


def place_of(target: Target) -> Place:
    """The target's settings, the secret out of its file where it has one.

    Raises:
        ConfigurationError: the file is missing or empty.
    """
    endpoint = target.url.get_secret_value().rstrip("/")
    return Place(endpoint, target.bucket or "", target.region, target.access_key or "", target.secret())


class Sdk:
    """Makes clients of the AWS SDK for one target; its service model is loaded once.

    Args:
        place: of the target.
        waits: the longest that each kind of wait may take.
    """

    def __init__(self, place: Place, waits: Waits) -> None:
        """Load the SDK; nothing is sent."""
        self._place = place
        self._waits = waits
        self._session = _session(place)
        self._lock = threading.Lock()

    def client(self, wire: Wire) -> Any:
        """A client whose every request goes over the wire."""
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            proxies={},
        )
        keys: dict[str, str] = {}
        if self._place.access_key:
            keys = {"aws_access_key_id": self._place.access_key, "aws_secret_access_key": self._place.secret_key}
        where = {"endpoint_url": self._place.endpoint, "region_name": self._place.region}
        with self._lock:  # the SDK's sessions are not made for several threads
            client = self._session.client("s3", config=config, **where, **keys)
        client.meta.events.register("before-call.s3", _not_elsewhere)
        client.meta.events.register("before-send.s3", partial(_sent, wire))
        return client


def _sent(wire: Wire, request: Any, **_facts: Any) -> Any:
    """What the SDK takes instead of sending by itself."""
    return wire.send(request)


def _not_elsewhere(context: dict[str, Any], **_facts: Any) -> None:
    """Keep the SDK from asking for the bucket's region, and from sending again there, when an answer is none of S3's."""
    context.setdefault("s3_redirect", {})["redirected"] = True


def _session(place: Place) -> Any:
    """The SDK's session; a target with keys of its own goes by nothing that the user's AWS files or environment say."""
    variables = (
        {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)} if place.access_key else {}
    )
    return boto3.session.Session(botocore_session=botocore.session.Session(session_vars=variables))
