"""Users of the web config file: passwords against bcrypt's hashes, off the event loop, a few at a time."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

import bcrypt

MOST_WAITING = 16
"""A hash takes a twentieth of a second or more: with more waiting, who asks is told to come again."""
MOST_BYTES = 72
"""bcrypt looks at no more of a password."""
MOST_COST = 14
"""Each one more doubles the time of a look at a password; 14 takes a second or so, and others wait meanwhile."""
_HASH = re.compile(r"\$2[abxy]\$(?P<cost>0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")
_CURE = "make one with htpasswd -nBC 10"


class BusyError(Exception):
    """Too many passwords wait to be looked at."""


def fault(text: str) -> str | None:
    """What is wrong with a hash, if anything; the text is in no message."""
    found = _HASH.fullmatch(text)
    if found is None:
        return f"is no hash of bcrypt; {_CURE}"
    if int(found["cost"]) > MOST_COST:
        return f"bcrypt's cost is above {MOST_COST}, and everybody would wait for each look at a password; {_CURE}"
    return None


def credentials(header: str | None) -> tuple[str, bytes] | None:
    """User and password of an Authorization header, or None where it holds none."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), password) if colon else None
    except (binascii.Error, UnicodeDecodeError):
        return None


class Users:
    """Who may ask.

    Args:
        hashes: of each user's password.
    """

    def __init__(self, hashes: Mapping[str, str]) -> None:
        """Nobody is known yet."""
        self._hashes = {name: text.encode() for name, text in hashes.items()}
        self._key = secrets.token_bytes(32)
        self._known: dict[str, bytes] = {}
        self._one = asyncio.Semaphore(1)
        self._waiting = 0

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._hashes)

    async def allow(self, user: str, password: bytes) -> bool:
        """Whether the password is that user's. A user that there is not takes as long as one that there is.

        Raises:
            BusyError: too many others are asking.
        """
        password = password[:MOST_BYTES]
        digest = hmac.digest(self._key, password, hashlib.sha256)
        if (known := self._known.get(user)) is not None and hmac.compare_digest(known, digest):
            return True
        if self._waiting >= MOST_WAITING:
            raise BusyError
        self._waiting += 1
        try:
            async with self._one:
                hashed = self._hashes.get(user, next(iter(self._hashes.values())))
                fits = await asyncio.to_thread(_fits, password, hashed)
        finally:
            self._waiting -= 1
        if fits and user in self._hashes:
            self._known[user] = digest
            return True
        return False


def _fits(password: bytes, hashed: bytes) -> bool:
    return b"\0" not in password and bcrypt.checkpw(password, hashed)
