"""Who asks: AWS signature version 4, as the VAST SDK, boto3 and presigned URLs make it."""

import binascii
import calendar
import functools
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple
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
_EMPTY_SHA256 = sha256(b"").hexdigest()
_LONGEST_AUTHORIZATION = 4096


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The secrets by access key; shown without them."""

    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Keys({', '.join(map(repr, self.secrets))})"


class _Asked(NamedTuple):
    """What of a request is signed.

    Attributes:
        stamp: when it was signed.
        query_string: still encoded, without the signature itself.
        payload: what stands for the body.
        values: of the signed headers, in their order.
    """

    stamp: str
    method: str
    raw_path: str
    query_string: str
    payload: str
    values: tuple[str, ...]


class _Claim(NamedTuple):
    """What a request says about its signature.

    Attributes:
        scope: date/region/service/aws4_request.
        signed_headers: lower-case names, joined by semicolons.
    """

    access_key: str
    scope: str
    signed_headers: str
    signature: str


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
        claim, stamp, said = _stated(authorization), headers.get("x-amz-date", ""), query_string
        payload = _payload(headers, body)
        if abs(now - _seconds(stamp)) > SKEW_SECONDS:
            raise RequestTimeTooSkewed("the client's clock and this endpoint's differ by more than 15 minutes")
    else:
        claim, stamp, payload = _presigned(query_string, headers, now)
        said = "&".join(pair for pair in query_string.split("&") if not pair.startswith("X-Amz-Signature="))
    if not claim.scope.startswith(stamp[:8]):
        raise MalformedSignature("the date of the credential has to be that of x-amz-date")
    secret = keys.secrets.get(claim.access_key)
    if secret is None:
        raise InvalidAccessKeyId("there is no such access key")
    values = tuple([headers.get(name, "") for name in claim.signed_headers.split(";")])
    _prove(claim, secret, _Asked(stamp, method, raw_path, said, payload, values))


@functools.lru_cache(512)
def _stated(authorization: str) -> _Claim:
    """What an Authorization header says."""
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != _ALGORITHM:
        raise AccessDenied(f"sign with {_ALGORITHM}")
    if len(authorization) > _LONGEST_AUTHORIZATION:
        raise MalformedSignature("the Authorization header is too long")
    return _claim(dict(part.strip().partition("=")[::2] for part in rest.split(",")))


def _presigned(query_string: str, headers: Mapping[str, str], now: float) -> tuple[_Claim, str, str]:
    """What a presigned URL says, the time it was signed at, and what stands for the body."""
    said = dict(parse_qsl(query_string))
    if said.get("X-Amz-Algorithm") != _ALGORITHM:
        raise AccessDenied(f"the request is not signed; sign with {_ALGORITHM}")
    claim = _claim({name: said.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")})
    expires = said.get("X-Amz-Expires", "")
    if not (expires.isascii() and expires.isdecimal() and 0 < int(expires[:9]) <= LONGEST_PRESIGNED_SECONDS):
        raise MalformedSignature("X-Amz-Expires has to be between 1 and 604800 seconds")
    stamp = said.get("X-Amz-Date", "")
    signed = _seconds(stamp)
    if now > signed + int(expires[:9]):
        raise AccessDenied("the presigned URL has expired")
    if now < signed - SKEW_SECONDS:
        raise RequestTimeTooSkewed("the presigned URL is not valid yet")
    payload = said.get("X-Amz-Content-Sha256") or headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    return claim, stamp, payload


def _claim(parts: Mapping[str, str]) -> _Claim:
    credential = parts.get("Credential", "").rsplit("/", 4)  # from the right: a key may hold a slash
    if len(credential) != 5 or credential[4] != "aws4_request":  # noqa: PLR2004
        raise MalformedSignature("the credential has to be KEY/DATE/REGION/SERVICE/aws4_request")
    names = parts.get("SignedHeaders", "")
    if "host" not in names.split(";"):
        raise MalformedSignature("the host header has to be signed")
    return _Claim(credential[0], "/".join(credential[1:]), names, parts.get("Signature", ""))


def _payload(headers: Mapping[str, str], body: bytes | None) -> str:
    """What stands for the body: its hash, or a word such as UNSIGNED-PAYLOAD by which the client says that it has no hash.

    The chunks of STREAMING-… have signatures of their own, which whoever stores the body checks.
    """
    said = headers.get("x-amz-content-sha256")
    if body is None or (said is not None and len(said) != _SHA256_HEX_LENGTH):
        return said or ""
    actual = sha256(body).hexdigest() if body else _EMPTY_SHA256
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


@functools.lru_cache(4096)
def _prove(claim: _Claim, secret: str, asked: _Asked) -> None:
    """Compare the signature with ours; clients differ in how they encode and sort, and any of their ways will do.

    What was proven is remembered: a client that asks the same thing twice in a second signs it the same.
    """
    key = _signing_key(secret, claim.scope)
    named = zip(claim.signed_headers.split(";"), asked.values, strict=True)
    signed = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in named)
    rest = f"{signed}\n{claim.signed_headers}\n{asked.payload}"
    stated = claim.signature.encode("latin-1", "replace")
    for path in _paths(asked.raw_path):
        for query in _queries(asked.query_string.split("&")):
            canonical = f"{asked.method}\n{path}\n{query}\n{rest}".encode("utf-8", "surrogateescape")
            text = f"{_ALGORITHM}\n{asked.stamp}\n{claim.scope}\n{sha256(canonical).hexdigest()}"
            if hmac.compare_digest(binascii.hexlify(hmac.digest(key, text.encode(), "sha256")), stated):
                return
    raise SignatureDoesNotMatch("the signature is not the one of this request; is the secret key right?")


def _paths(raw_path: str) -> Iterator[str]:
    """As sent (S3's rule), encoded twice (as the SDK does), and encoded anew."""
    yield raw_path
    if not raw_path.replace("/", "").isalnum():
        yield quote(raw_path, safe="/" + _UNRESERVED)
        yield quote(unquote(raw_path), safe="/" + _UNRESERVED)


def _queries(pairs: Sequence[str]) -> Iterator[str]:
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
