"""The VAST DB backend: tables in a bucket, asked through the official SDK.

The SDK takes a second and 150 MB to import, so it is imported where it is first needed, and never to list what there is.
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
    from steadyline.operations.vast.client import VastClient


@dataclass(frozen=True, slots=True)
class VastBackend:
    """Makes clients for VAST DB targets and knows their errors.

    Attributes:
        waits: the longest that each kind of wait may take.
        now: Unix time, by which run-scoped schemas age.
    """

    waits: Waits = WAITS
    now: Callable[[], float] = time.time
    name: str = "vast"

    def connect(self, target: Target) -> "VastClient":
        """Make a client; the target is first asked by `check` or by an operation.

        Raises:
            ConfigurationError: a secret key file that is missing or empty.
        """
        from steadyline.operations.vast.client import VastClient  # noqa: PLC0415 - imports the SDK
        from steadyline.operations.vast.connection import Place  # noqa: PLC0415

        place = Place(target.url.get_secret_value().rstrip("/"), str(target.bucket), str(target.access_key), target.secret())
        return VastClient(place, target.concurrency, allow_writes=target.allow_writes, waits=self.waits, now=self.now)

    def classify(self, error: Exception) -> Reason | None:
        """Say which reason an error of the SDK is, or None where the exception is not the SDK's."""
        from steadyline.operations.vast.failures import reason_of  # noqa: PLC0415 - imports the SDK

        return reason_of(error)

    def redact(self, text: str, target: Target) -> str:
        """Answer the text without the target's secret key, wherever it stands."""
        try:
            secret = target.secret()
        except ConfigurationError:
            return redact(text)
        return redact(text, [secret] if secret else [])


BACKEND = VastBackend()
"""The one that the catalogue names."""
