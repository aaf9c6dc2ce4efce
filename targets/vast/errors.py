"""What the endpoint refuses, under the names and status codes by which the official SDK raises its own exceptions.

    Refusal
      InvalidArgument, UnsupportedColumnType, MismatchedColumnType, …     400  BadRequest (NotSupportedSchema for the second)
      AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, …          403  Forbidden
      NoSuchBucket, NoSuchSchema, NoSuchTable, NoSuchTransaction, …       404  NotFound (the SDK makes Missing… of it)
      MethodNotAllowed                                                    405  MethodNotAllowed
      Conflict, AlreadyExists                                             409  Conflict
      InternalError                                                       500  InternalServerError
      NotImplementedHere                                                  501  NotImplemented
      SlowDown, ServiceUnavailable                                        503  Slowdown (the SDK retries), ServiceUnavailable

The SDK knows no other status: 413 or 204 would be a ValueError in it, so an oversized body is a 400.
"""

from typing import ClassVar
from xml.sax.saxutils import escape

CONTENT_TYPE = "application/xml"
_LONGEST_MESSAGE = 1000
"""Characters: a client's own name or value may stand in a message, and must not make it endless."""


class Refusal(Exception):  # noqa: N818 - it is the answer, not a fault of ours
    """A request that is not met: HTTP status, error code and one sentence for the client.

    Attributes:
        status: of HTTP; one that the SDK knows.
        code: as S3 or VAST names it.
        message: one sentence; holds no secret.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "InvalidArgument"

    def __init__(self, message: str = "") -> None:
        """Keep what to tell the client."""
        super().__init__(message)
        self.message = message


def xml(refusal: Refusal) -> bytes:
    """The body of the answer, as S3 words it; what a client sent in is escaped, and what XML cannot hold is replaced."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in refusal.message[:_LONGEST_MESSAGE])
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{refusal.code}</Code><Message>{escape(text)}</Message></Error>'
    ).encode("utf-8", "replace")


class InvalidArgument(Refusal):
    """The request cannot be understood or asks for what cannot be."""


class EntityTooLarge(Refusal):
    """The body is over the limit."""

    code = "EntityTooLarge"


class UnsupportedColumnType(Refusal):
    """A column type that VAST DB does not store; the SDK raises NotSupportedSchema."""

    code = "TabularUnsupportedColumnType"


class InvalidColumnTypeParameter(Refusal):
    """A column type that is stored, but not with this parameter, such as a list of no items."""

    code = "TabularInvalidColumnTypeParam"


class MismatchedColumnType(Refusal):
    """The column is there and of another type."""

    code = "TabularMismatchColumnType"


class MismatchedColumnName(Refusal):
    """There is no such column."""

    code = "TabularMismatchColumnName"


class ImportRefused(Refusal):
    """A Parquet object that cannot be imported."""

    code = "TabularImportError"


class MalformedSignature(Refusal):
    """The Authorization header or the signing parameters cannot be read."""

    code = "AuthorizationHeaderMalformed"


class ContentMismatch(Refusal):
    """The body is not the one that was signed."""

    code = "XAmzContentSHA256Mismatch"


class AccessDenied(Refusal):
    """Unsigned, or the signature has expired."""

    status = 403
    code = "AccessDenied"


class InvalidAccessKeyId(Refusal):
    """An access key that nobody has."""

    status = 403
    code = "InvalidAccessKeyId"


class SignatureDoesNotMatch(Refusal):
    """Signed with another secret, or changed on the way."""

    status = 403
    code = "SignatureDoesNotMatch"


class RequestTimeTooSkewed(Refusal):
    """The client's clock is off, or the request was held back."""

    status = 403
    code = "RequestTimeTooSkewed"


class NoSuchBucket(Refusal):
    """The bucket is not there."""

    status = 404
    code = "NoSuchBucket"


class NoSuchSchema(Refusal):
    """The schema is not there."""

    status = 404
    code = "TabularNoSuchSchema"


class NoSuchTable(Refusal):
    """The table is not there."""

    status = 404
    code = "TabularNoSuchTable"


class NoSuchColumn(Refusal):
    """The column is not there."""

    status = 404
    code = "TabularNoSuchColumn"


class NoSuchProjection(Refusal):
    """The projection is not there."""

    status = 404
    code = "TabularNoSuchProjection"


class NoSuchTransaction(Refusal):
    """The transaction has ended, has expired or never was."""

    status = 404
    code = "TabularNoSuchTransaction"


class NoSuchObject(Refusal):
    """The object to import is not there."""

    status = 404
    code = "TabularNoSuchObject"


class NoSuchKey(Refusal):
    """Whatever else is not there."""

    status = 404
    code = "NoSuchKey"


class MethodNotAllowed(Refusal):
    """The resource is there, the method is not for it."""

    status = 405
    code = "MethodNotAllowed"


class Conflict(Refusal):
    """Another transaction holds or has changed what this one wants to change."""

    status = 409
    code = "TabularConflict"


class AlreadyExists(Refusal):
    """The name is taken."""

    status = 409
    code = "TabularAlreadyExists"


class InternalError(Refusal):
    """A fault of ours."""

    status = 500
    code = "InternalError"


class NotImplementedHere(Refusal):
    """VAST DB, or S3, has it; what answers here does not."""

    status = 501
    code = "NotImplemented"


class SlowDown(Refusal):
    """Too much at once; the SDK tries again."""

    status = 503
    code = "SlowDown"


class ServiceUnavailable(Refusal):
    """Something behind the endpoint does not answer; the SDK does not try again."""

    status = 503
    code = "ServiceUnavailable"


class InsufficientCapacity(Refusal):
    """There is no room for it on the disk."""

    status = 507
    code = "InsufficientCapacity"
