"""Who asks: AWS signature version 4, as the VAST SDK, boto3 and presigned URLs make it."""

import binascii
import calendar
import functools
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl, quote, unquote

from targets.vast.errors import (
    AccessDenied,
    ContentMismatch,
    InvalidAccessKeyId,
    MalformedSignature,
    RequestTimeTooSkewed,
    SignatureDoesNotMatch,
)

SKEW_SECONDS = 15 * 60
"""How far the client's clock may be off: S3's own limit."""
LONGEST_PRESIGNED_SECONDS = 7 * 86400
"""S3's own limit for a presigned URL."""
_ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "-_.~"
_SHA256_HEX_LENGTH = 64


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The secrets by access key; shown without them."""

    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Keys({', '.join(map(repr, self.secrets))})"


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says about its signature.

    Attributes:
        scope: date/region/service/aws4_request.
        signed_headers: lower-case names, joined by semicolons.
        payload: what stands for the body in the canonical request.
        pairs: of the query string, still encoded, without the signature itself.
    """

    access_key: str
    scope: str
    stamp: str
    signed_headers: str
    signature: str
    payload: str
    pairs: tuple[str, ...]


def verify(
    keys: Keys, method: str, raw_path: str, query_string: str, headers: Mapping[str, str], *, body: bytes | None, now: float
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
    authorization = headers.get("authorization")
    if authorization is not None:
        claim = _from_headers(authorization, headers, query_string, body)
        if abs(now - _seconds(claim.stamp)) > SKEW_SECONDS:
            raise RequestTimeTooSkewed("the client's clock and this endpoint's differ by more than 15 minutes")
    else:
        claim = _from_query(query_string, headers, now)
    secret = keys.secrets.get(claim.access_key)
    if secret is None:
        raise InvalidAccessKeyId("there is no such access key")
    _check(claim, _signing_key(secret, claim.scope), method, raw_path, headers)


def _from_headers(authorization: str, headers: Mapping[str, str], query_string: str, body: bytes | None) -> _Claim:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != _ALGORITHM:
        raise AccessDenied(f"sign with {_ALGORITHM}")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    stamp = headers.get("x-amz-date", "")
    pairs = tuple(query_string.split("&")) if query_string else ()
    return _claim(parts, stamp, _payload(headers, body), pairs)


def _from_query(query_string: str, headers: Mapping[str, str], now: float) -> _Claim:
    said = dict(parse_qsl(query_string))
    if said.get("X-Amz-Algorithm") != _ALGORITHM:
        raise AccessDenied(f"the request is not signed; sign with {_ALGORITHM}")
    parts = {name: said.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")}
    pairs = tuple(pair for pair in query_string.split("&") if not pair.startswith("X-Amz-Signature="))
    payload = said.get("X-Amz-Content-Sha256") or headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    claim = _claim(parts, said.get("X-Amz-Date", ""), payload, pairs)
    expires = said.get("X-Amz-Expires", "")
    if not (expires.isascii() and expires.isdecimal() and 0 < int(expires[:9]) <= LONGEST_PRESIGNED_SECONDS):
        raise MalformedSignature("X-Amz-Expires has to be between 1 and 604800 seconds")
    signed = _seconds(claim.stamp)
    if now > signed + int(expires[:9]):
        raise AccessDenied("the presigned URL has expired")
    if now < signed - SKEW_SECONDS:
        raise RequestTimeTooSkewed("the presigned URL is not valid yet")
    return claim


def _claim(parts: Mapping[str, str], stamp: str, payload: str, pairs: tuple[str, ...]) -> _Claim:
    credential = parts.get("Credential", "").rsplit("/", 4)  # from the right: a key may hold a slash
    if len(credential) != 5 or credential[4] != "aws4_request" or credential[1] != stamp[:8]:  # noqa: PLR2004
        raise MalformedSignature("the credential has to be KEY/DATE/REGION/SERVICE/aws4_request, its date that of x-amz-date")
    names = parts.get("SignedHeaders", "")
    if "host" not in names.split(";"):
        raise MalformedSignature("the host header has to be signed")
    return _Claim(credential[0], "/".join(credential[1:]), stamp, names, parts.get("Signature", ""), payload, pairs)


def _payload(headers: Mapping[str, str], body: bytes | None) -> str:
    """What stands for the body: its hash, or a word such as UNSIGNED-PAYLOAD by which the client says that it has no hash.

    The chunks of STREAMING-… have signatures of their own, which whoever stores the body checks.
    """
    said = headers.get("x-amz-content-sha256")
    if body is None or (said is not None and len(said) != _SHA256_HEX_LENGTH):
        return said or ""
    actual = sha256(body).hexdigest()
    if said is not None and said != actual:
        raise ContentMismatch("the body is not the one that was signed")
    return actual


@functools.lru_cache(64)
def _seconds(stamp: str) -> int:
    """Seconds since the epoch of a stamp such as 20260102T030405Z."""
    digits = stamp[:8] + stamp[9:15]
    if len(stamp) != 16 or stamp[8] != "T" or stamp[15] != "Z" or not (digits.isascii() and digits.isdecimal()):  # noqa: PLR2004
        raise MalformedSignature("x-amz-date has to be like 20260102T030405Z")
    parts = (stamp[0:4], stamp[4:6], stamp[6:8], stamp[9:11], stamp[11:13], stamp[13:15])
    try:
        return calendar.timegm(tuple(map(int, parts)))
    except ValueError:
        raise MalformedSignature("x-amz-date is no date") from None


@functools.lru_cache(64)
def _signing_key(secret: str, scope: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _check(claim: _Claim, key: bytes, method: str, raw_path: str, headers: Mapping[str, str]) -> None:
    """Compare the signature with ours; clients differ in how they encode and sort, and any of their ways will do."""
    names = claim.signed_headers.split(";")
    signed = "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in names)
    rest = f"{signed}\n{claim.signed_headers}\n{claim.payload}"
    stated = claim.signature.encode("latin-1", "replace")
    for path in _paths(raw_path):
        for query in _queries(claim.pairs):
            canonical = f"{method}\n{path}\n{query}\n{rest}".encode("utf-8", "surrogateescape")
            text = f"{_ALGORITHM}\n{claim.stamp}\n{claim.scope}\n{sha256(canonical).hexdigest()}"
            if hmac.compare_digest(binascii.hexlify(hmac.digest(key, text.encode(), "sha256")), stated):
                return
    raise SignatureDoesNotMatch("the signature is not the one of this request; is the secret key right?")


def _paths(raw_path: str) -> Iterator[str]:
    """As sent (S3's rule), encoded twice (as the SDK does), and encoded anew."""
    yield raw_path
    if not raw_path.replace("/", "").isalnum():
        yield quote(raw_path, safe="/" + _UNRESERVED)
        yield quote(unquote(raw_path), safe="/" + _UNRESERVED)


def _queries(pairs: tuple[str, ...]) -> Iterator[str]:
    """Sorted by name and value, by the whole pair (as the SDK does), and encoded anew."""
    split = [pair.partition("=") for pair in pairs if pair]
    yield "&".join(f"{name}={value}" for name, _, value in sorted(split))
    if len(split) > 1:
        yield "&".join(f"{name}={value}" for name, _, value in (pair.partition("=") for pair in sorted(pairs)) if name)
    if any("%" in pair or "+" in pair for pair in pairs):
        fresh = sorted((_encoded(name), _encoded(value)) for name, _, value in split)
        yield "&".join(f"{name}={value}" for name, value in fresh)


def _encoded(part: str) -> str:
    return quote(unquote(part.replace("+", "%20")), safe=_UNRESERVED)
