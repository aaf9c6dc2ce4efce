"""Whether a VAST DB target answers as one, and if not, what to do: one sentence without a secret."""

from contextlib import suppress
from uuid import uuid4

from vastdb import errors

from steadyline.errors import UnreachableError
from steadyline.operations.http.cures import CURES
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.vast.artefacts import PREFIX
from steadyline.operations.vast.connection import Place
from steadyline.operations.vast.database import Database
from steadyline.operations.vast.failures import FAILURES, reason_of, said_of
from steadyline.outcome import Reason
from steadyline.redaction import redact

_UNANSWERED: tuple[type[Exception], ...] = (*FAILURES, ClientClosedError)
_OTHER = "it answers, but not as a VAST DB does; mend the URL"
_CURES = {**CURES, Reason.CLIENT_ERROR: _OTHER, Reason.INTEGRITY: _OTHER}


class _TriedError(Exception):
    """What was to be tried has been; roll it back."""


def check(database: Database, *, allow_writes: bool) -> None:
    """Ask for the version, the bucket, and one page of its schemas; where operations are to write, try to make one.

    The schema that is tried is rolled back, so it is never there.

    Raises:
        UnreachableError: it does not answer, refuses, or is no VAST DB; the text says what to do.
    """
    try:
        with suppress(_TriedError), database.transaction() as tx:
            bucket = tx.bucket(database.place.bucket)
            if allow_writes:
                bucket.create_schema(f"{PREFIX}check-{uuid4()}")
                raise _TriedError
            bucket.schema("steadyline", fail_if_missing=False)
    except errors.MissingBucket:
        raise UnreachableError(_sentence(database.place, "has no such bucket; make it, or mend the bucket")) from None
    except _UNANSWERED as error:
        raise UnreachableError(_sentence(database.place, _cure(database.place, error), _said(error))) from None


def _sentence(place: Place, cure: str, said: str = "") -> str:
    told = redact(said, [place.secret]).strip().partition("\n")[0]
    return f"VAST DB at {place.url}, bucket {place.bucket}: {cure}" + (f" ({told})" if told else "")


def _cure(place: Place, error: Exception) -> str:
    reason = reason_of(error) or Reason.OTHER
    if reason is Reason.AUTH:
        return f"it refuses access key {place.access_key!r}; mend the key or its secret, or grant it the bucket"
    return _CURES.get(reason, "it cannot be asked")


def _said(error: Exception) -> str:
    if isinstance(error, errors.HttpError):
        return said_of(error)
    return str(error.cause if isinstance(error, errors.ConnectionError) else error)
