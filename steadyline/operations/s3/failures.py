"""Which reason each error of the AWS SDK, and of the connections below it, is."""

from traceback import walk_tb

from botocore import exceptions as sdk
from botocore import parsers
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from steadyline.operations import urllib3_failures
from steadyline.operations.http.failures import reason_of_status
from steadyline.operations.renewal import ClientClosedError
from steadyline.outcome import IntegrityError, Reason

_CODES: dict[str, Reason] = {
    "AuthorizationHeaderMalformed": Reason.AUTH,
    "ExpiredToken": Reason.AUTH,
    "InvalidToken": Reason.AUTH,
    "TokenRefreshRequired": Reason.AUTH,
    "XAdminUserNotFound": Reason.AUTH,  # VersityGW of an access key that nobody has, with a 404
    "BadDigest": Reason.INTEGRITY,
    "XAmzContentSHA256Mismatch": Reason.INTEGRITY,
    "BandwidthLimitExceeded": Reason.THROTTLED,
    "RequestLimitExceeded": Reason.THROTTLED,
    "SlowDown": Reason.THROTTLED,
    "Throttling": Reason.THROTTLED,
    "ThrottlingException": Reason.THROTTLED,
    "TooManyRequests": Reason.THROTTLED,
    "RequestTimeout": Reason.TIMEOUT,
}
"""Where the status alone would say something else."""

_KINDS: tuple[tuple[type[Exception], Reason], ...] = (
    (ClientClosedError, Reason.CANCELLED),
    (sdk.NoCredentialsError, Reason.AUTH),
    (sdk.PartialCredentialsError, Reason.AUTH),
    (sdk.CredentialRetrievalError, Reason.AUTH),
    (sdk.ReadTimeoutError, Reason.TIMEOUT),
    (sdk.IncompleteReadError, Reason.INTEGRITY),
    (ResponseParserError, Reason.SERVER_ERROR),
    (sdk.HTTPClientError, Reason.OTHER),
)
"""The first that fits decides."""


FAILURES: tuple[type[Exception], ...] = (sdk.BotoCoreError, sdk.ClientError, ResponseParserError, HTTPError, IntegrityError)
"""What a question to the target raises when it fails."""

UNUSABLE: tuple[type[Exception], ...] = (sdk.BotoCoreError, ValueError)
"""What the SDK raises of settings of which it makes no client; of a host such as `my_host` a bare ValueError."""


class PutRefusedError(Exception):
    """A presigned upload was answered without success: HTTP status, and the code that S3 gave."""

    def __init__(self, status: int, code: str) -> None:
        """Say both."""
        super().__init__(f"HTTP {status} {code}".rstrip())
        self.status = status
        self.code = code


def reason_of(error: Exception) -> Reason | None:
    """The reason, or None where the exception is none of a client's."""
    if isinstance(error, sdk.ClientError):
        return _of_answer(code_of(error), error.response["ResponseMetadata"]["HTTPStatusCode"])
    if isinstance(error, PutRefusedError):
        return _of_answer(error.code, error.status)
    if isinstance(error, sdk.ResponseStreamingError):
        return urllib3_failures.reason_of(error.kwargs["error"]) or Reason.OTHER
    if _is_of_the_parser(error):
        return Reason.INTEGRITY
    below = urllib3_failures.reason_of(error)
    return below or next((reason for kind, reason in _KINDS if isinstance(error, kind)), None)


def _is_of_the_parser(error: Exception) -> bool:
    """Whether the SDK fell over an answer: over a size that is no number it raises what `int` does."""
    if isinstance(error, ResponseParserError) or not isinstance(error, (ValueError, TypeError, LookupError, AttributeError)):
        return False
    return any(frame.f_globals.get("__name__") == parsers.__name__ for frame, _ in walk_tb(error.__traceback__))


def code_of(error: sdk.ClientError) -> str:
    """The error as S3 names it; its status where it names none, as for HEAD."""
    return str(error.response["Error"].get("Code", ""))


def is_missing(error: sdk.ClientError) -> bool:
    """Whether it says that what was asked for is not there."""
    return code_of(error) in ("NoSuchKey", "NoSuchUpload", "404", "NotFound")


def _of_answer(code: str, status: int) -> Reason:
    return _CODES.get(code) or reason_of_status(status)
