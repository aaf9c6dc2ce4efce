"""Who asks: AWS signature version 4, as the VAST SDK, boto3 and presigned URLs make it."""

from collections.abc import Mapping
from dataclasses import dataclass

SKEW_SECONDS = 15 * 60
"""How far the client's clock may be off: S3's own limit."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The secrets by access key; shown without them."""

    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Keys({', '.join(map(repr, self.secrets))})"


def verify(
    keys: Keys, method: str, raw_path: str, query_string: str, headers: Mapping[str, str], body: bytes | None, now: float
) -> None:
    """Return if the request is signed by one of the keys.

    Args:
        keys: whose signatures count.
        method: as sent, such as GET.
        raw_path: still percent-encoded, as sent.
        query_string: still percent-encoded, as sent, without the question mark.
        headers: by lower-case name.
        body: whole; None where it is not at hand (it streams on to S3, which checks it), so that only its claimed hash counts.
        now: seconds since the epoch.

    Raises:
        InvalidAccessKeyId, SignatureDoesNotMatch, AccessDenied (unsigned or expired), RequestTimeTooSkewed: 403.
        MalformedSignature, ContentMismatch: 400.
    """
    raise NotImplementedError
