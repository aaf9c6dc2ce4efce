"""The S3 backend: objects in a bucket, through the AWS SDK as applications use it.

The SDK is imported where it is first needed, and never to list what there is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from steadyline.errors import ConfigurationError
from steadyline.operations.http.connection import WAITS, Waits
from steadyline.outcome import Reason
from steadyline.redaction import redact
from steadyline.target import Target

if TYPE_CHECKING:
    from steadyline.operations.s3.client import S3Client


@dataclass(frozen=True, slots=True)
class S3Backend:
    """Makes clients for S3 targets and knows their errors.

    Attributes:
        waits: the longest that each kind of wait may take.
        now: Unix time, by which run-scoped prefixes are renewed.
    """

    waits: Waits = WAITS
    now: Callable[[], float] = time.time
    name: str = "s3"

    def connect(self, target: Target) -> "S3Client":
        """Make a client; the target is first asked by `check` or by an operation.

        Raises:
            ConfigurationError: a secret key's file that is missing or empty; a host, a region or an AWS file that the SDK
                does not take.
        """
        from steadyline.operations.s3.client import S3Client  # noqa: PLC0415 - imports the SDK
        from steadyline.operations.s3.connection import place_of  # noqa: PLC0415
        from steadyline.operations.s3.failures import UNUSABLE  # noqa: PLC0415

        place = place_of(target)
        try:
            return S3Client(place, target.concurrency, self.waits, allow_writes=target.allow_writes, now=self.now)
        except UNUSABLE as error:
            why = self.redact(str(error), target).partition("\n")[0]
            raise ConfigurationError(f"s3 target: the AWS SDK makes no client of it: {why}") from None

    def classify(self, error: Exception) -> Reason | None:
        """Say which reason an error of the SDK is, or None where the exception is not the SDK's."""
        from steadyline.operations.s3.failures import reason_of  # noqa: PLC0415 - imports the SDK

        return reason_of(error)

    def redact(self, text: str, target: Target) -> str:
        """Answer the text without the target's secret key."""
        try:
            secret = target.secret()
        except ConfigurationError:
            return redact(text)
        return redact(text, [secret] if secret else [])


BACKEND = S3Backend()
