"""Whether an S3 target can be worked with, and if not, what to do: one sentence without a secret."""

from collections.abc import Callable

from botocore.exceptions import ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from steadyline.errors import UnreachableError
from steadyline.operations.http.cures import CURES
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.s3.connection import Place
from steadyline.operations.s3.failures import FAILURES, code_of, reason_of
from steadyline.outcome import IntegrityError, Reason
from steadyline.redaction import redact

_UNANSWERED: tuple[type[Exception], ...] = (*FAILURES, ClientClosedError)
_OTHER = "it answers, but not as S3 does; mend the URL"
_NO_CODES = ("301", "302", "400", "401", "403", "404", "405", "500")
"""What the SDK takes for a code where the answer has none of S3's: 500 also for a success that is no listing."""


def check(place: Place, ask: Callable[[], object]) -> None:
    """Ask for the bucket, and say what to do where it cannot be worked with.

    Args:
        place: of the target.
        ask: a question about the bucket; raises what the SDK raises.

    Raises:
        UnreachableError: no answer, a refusal, no such bucket, or something that is no S3.
    """
    try:
        ask()
    except _UNANSWERED as error:
        said = redact(str(error), [place.secret_key]).partition("\n")[0]
        raise UnreachableError(f"S3 at {place.endpoint}: {_cure(place, error)} ({said})") from None


def _cure(place: Place, error: Exception) -> str:
    if isinstance(error, ParamValidationError):
        return f"no bucket can be called {place.bucket!r}; mend the setting bucket"
    code = code_of(error) if isinstance(error, ClientError) else ""
    if code == "NoSuchBucket":
        return f"there is no bucket {place.bucket!r}; make it, or mend the setting bucket"
    if code in ("AuthorizationHeaderMalformed", "PermanentRedirect"):
        return f"the bucket {place.bucket!r} is in another region than {place.region}; mend the setting region"
    reason = reason_of(error) or Reason.OTHER
    if code in _NO_CODES or reason is Reason.CLIENT_ERROR or isinstance(error, (ResponseParserError, IntegrityError)):
        return _OTHER
    if reason is Reason.AUTH:
        return _who(place)
    return CURES.get(reason, "it cannot be asked")


def _who(place: Place) -> str:
    if not place.access_key:
        return "it wants keys; set access_key and secret_key_file, or what the AWS SDK goes by (AWS_ACCESS_KEY_ID …)"
    return (
        f"it refuses access key {place.access_key!r}, or lets it not into bucket {place.bucket!r}; mend the key or its secret"
    )
