"""The store: moto's S3 in this process, with the mends that let it run for days."""

import io
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.model_instances import model_data
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import FakeKey, s3_backends
from moto.utilities.tagging_service import TaggingService
from starlette.types import Scope

from targets.vast.errors import CONTENT_TYPE, InvalidArgument, NotImplementedHere, Refusal, xml
from targets.vast.signature import Keys, verify

REGION = "us-east-1"
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FORM = "application/x-www-form-urlencoded"
_PLAIN = "binary/octet-stream"
"""S3's own type for an object whose type nobody named."""

log = logging.getLogger(__name__)

Environ = dict[str, Any]


class StartResponse(Protocol):
    """WSGI's own."""

    def __call__(self, status: str, headers: list[tuple[str, str]], /) -> Any:
        """Begin the answer."""


class BucketNameError(ValueError):
    """A bucket that cannot be made; one sentence."""


class _Forgetful(list[Any]):
    """Moto keeps each object that ever was, its data with it, for an inspection page that is not served here."""

    def append(self, _instance: Any) -> None:
        pass


class _SparseTags(TaggingService):  # type: ignore[misc]
    """Moto notes the empty set of tags of each object that ever was."""

    def tag_resource(self, arn: str, tags: list[dict[str, str]] | None) -> None:
        if tags:
            super().tag_resource(arn, tags)


def _dispose(key: Any) -> None:
    """Moto's own end of an object warns that nobody ended it before."""
    key.dispose()


def _mend() -> None:
    """Keep moto's memory flat; each line is about one thing that it keeps or says."""
    for models in model_data.values():
        for model in models.values():
            model.instances_tracked = _Forgetful()
    FakeKey.__del__ = _dispose
    _backend().tagger = _SparseTags()


def _backend() -> Any:
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]


def make_buckets(names: Iterable[str]) -> None:
    """Make those that are not there.

    Raises:
        BucketNameError: S3 allows no such name.
    """
    for name in names:
        if not _BUCKET_NAME.fullmatch(name):
            raise BucketNameError(f"{name!r} is no bucket name: 3 to 63 small letters, digits, dots and hyphens")
        if name not in _backend().buckets:
            _backend().create_bucket(name, REGION)


def bucket_names() -> Sequence[str]:
    """The buckets there are."""
    return list(_backend().buckets)


class Store:
    """Moto's S3 as a WSGI application; it wants the whole body in `scope["body"]`.

    Args:
        keys: whose signatures count; None takes any.
        now: Unix time, for the age of signatures.
    """

    def __init__(self, keys: Keys | None, now: Callable[[], float] = time.time) -> None:
        """Make the application; buckets and objects are the process's."""
        self._keys = keys
        self._now = now
        self._moto = create_backend_app("s3")
        self._moto.debug = False  # which makes a class for each request, and so keeps its body until Python looks for cycles
        self._moto.config["PROPAGATE_EXCEPTIONS"] = True
        _mend()

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Answer one request; what moto cannot do is one line in the log and NotImplemented, as S3 words it."""
        scope: Scope = environ["asgi.scope"]
        try:
            if self._keys is not None:
                _check(self._keys, scope, self._now())
            answer: Iterable[bytes] = self._moto(_mended(environ, scope), start)
        except Refusal as refusal:
            return _refused(refusal, start)
        except ExpatError as error:
            return _refused(InvalidArgument(f"the body is no XML: {error}"), start)
        except Exception as error:  # noqa: BLE001 - whatever moto raises must not cost the process its next request
            log.warning("s3: %s of %s failed: %s: %s", scope["method"], scope["path"], type(error).__name__, error)
            return _refused(NotImplementedHere("this store cannot do that"), start)
        return answer


def _check(keys: Keys, scope: Scope, now: float) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    verify(keys, scope["method"], path, query, headers, body=scope["body"], now=now)


def _mended(environ: Environ, scope: Scope) -> Environ:
    """The request as moto needs it: whole, its path as it was sent, and no form.

    Moto takes the body of a form for the parameters of a question, and waits for ever for the body that it has read away:
    curl says `application/x-www-form-urlencoded` of whatever it uploads, to presigned URLs too.
    """
    environ["wsgi.input"] = io.BytesIO(scope["body"])
    environ["CONTENT_LENGTH"] = str(len(scope["body"]))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["RAW_URI"] = scope["raw_path"].decode("latin-1")
    names = [name.decode("latin-1") for name, _ in scope["headers"] if b"_" in name]  # WSGI makes - of each _
    kept = {environ_key_for_header(name): name for name in names if should_preserve_original_header_name(name)}
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = kept
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        environ["CONTENT_TYPE"] = _PLAIN
    return environ


def _refused(refusal: Refusal, start: StartResponse) -> Iterable[bytes]:
    body = xml(refusal)
    start(
        f"{refusal.status} {HTTPStatus(refusal.status).phrase}",
        [("content-type", CONTENT_TYPE), ("content-length", str(len(body)))],
    )
    return [body]
