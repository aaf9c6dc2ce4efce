"""Why a backend cannot be used at the start: what to do about it, and whether waiting may help."""

from dataclasses import dataclass

from botocore.exceptions import ClientError, EndpointConnectionError
from vastdb import errors

from targets.tams import database, media

FAILURES: tuple[type[Exception], ...] = (
    *database.FAILURES,
    database.TablesDifferError,
    *media.FAILURES,
    NotImplementedError,
    ValueError,
)
"""NotImplementedError and ValueError are how the SDK meets what is no VAST DB."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong and how to mend it, and whether it may pass by itself."""

    text: str
    may_pass: bool


def vast_reason(error: Exception) -> Reason:
    """Why VAST DB cannot be used."""
    if isinstance(error, errors.ConnectionError):
        return Reason("nothing answers there; start it or mend VAST_ENDPOINT", may_pass=True)
    if isinstance(error, errors.MissingBucket):
        return Reason(f"there is no bucket {error.bucket}; make it through S3, or mend VAST_BUCKET", may_pass=False)
    if isinstance(error, errors.Forbidden):
        return Reason("it refuses the keys; mend VAST_ACCESS_KEY and VAST_SECRET_KEY", may_pass=False)
    if isinstance(error, database.TablesDifferError):
        return Reason(f"{error}; use another VAST_SCHEMA", may_pass=False)
    if isinstance(error, errors.HttpError) and not isinstance(error, errors.UnexpectedError):
        return Reason(f"it does not answer as it should ({error.status} {error.code})", may_pass=True)
    return Reason("what answers there is no VAST DB; mend VAST_ENDPOINT", may_pass=False)


def s3_reason(error: Exception) -> Reason:
    """Why S3 cannot be used."""
    if isinstance(error, EndpointConnectionError):
        return Reason("nothing answers there; start it or mend S3_ENDPOINT_URL", may_pass=True)
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status == 403:  # noqa: PLR2004 - Forbidden
            settings = "S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY or S3_BUCKET_NAME"
            return Reason(f"it refuses the keys or the bucket; mend {settings}", may_pass=False)
        return Reason(f"it does not answer as it should ({status})", may_pass=True)
    return Reason(f"it cannot be used ({type(error).__name__})", may_pass=True)
