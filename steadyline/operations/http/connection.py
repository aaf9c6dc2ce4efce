"""How operations over HTTP connect: the target's URL without its credentials, and every wait bounded."""

import ssl
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import httpx

from steadyline.errors import ConfigurationError
from steadyline.operation import OPERATION_BUDGET_SECONDS
from steadyline.redaction import redact
from steadyline.secret_file import first_line
from steadyline.target import Target

IDLE_SECONDS = 4.0
"""How long an idle connection is kept: less than the 5 s after which common servers close theirs, so that no request
runs into a connection that is just being closed."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The longest that each kind of wait may take, seconds.

    Attributes:
        pool: for a free connection of the pool.
        connect: for the target to accept a connection, TLS included.
        answer: between two parts of a request or an answer.
    """

    pool: float = 10.0
    connect: float = 5.0
    answer: float = OPERATION_BUDGET_SECONDS


WAITS = Waits()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target is.

    Attributes:
        url: its base, without credentials, ending in a slash.
        user: for basic authentication, or "".
        password: for basic authentication, or "".
    """

    url: httpx.URL
    user: str
    password: str

    @property
    def shown(self) -> str:
        """Scheme, host and port, for messages."""
        return f"{self.url.scheme}://{self.url.netloc.decode()}"

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password, or None where there are none."""
        return (self.user, self.password) if self.user or self.password else None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no text may show: the password, and as it is sent; a far end may say either back."""
        return (self.password, b64encode(f"{self.user}:{self.password}".encode()).decode()) if self.password else ()


def place_of(target: Target) -> Place:
    """The target's URL taken apart; with the password of its file where it has one.

    Raises:
        ConfigurationError: a URL that cannot be used, or a password file that is missing or empty; no secret in it.
    """
    try:
        url = httpx.URL(target.url.get_secret_value())
        usable = url.scheme in ("http", "https") and url.host and not url.query and not url.fragment
    except (httpx.InvalidURL, UnicodeError):  # UnicodeError: a host that is no name, as xn--
        usable = False
    if not usable or not 0 < (url.port or 1) < 2**16:
        raise ConfigurationError(
            f"{target.backend} target: url: write http://host:port or https://host:port, at most a path after it"
        )
    key = f"{target.backend} target: password_file"
    file = target.password_file
    password = url.password if file is None else first_line(file, key, "the password")
    base = url.copy_with(username=None, password=None, path=url.path.rstrip("/") + "/")
    return Place(base, url.username, password)


def connect(place: Place, concurrency: int, waits: Waits) -> httpx.Client:
    """A client for the target that retries nothing, follows nothing and asks no proxy: what it times is the target."""
    secure = place.url.scheme == "https"
    return _client(concurrency, waits, base_url=place.url, auth=place.credentials, verify=_trust(secure=secure))


def connect_anywhere(scheme: str, concurrency: int, waits: Waits) -> httpx.Client:
    """A client for presigned URLs of a scheme, whichever host they name: as `connect`'s, without credentials of its own."""
    return _client(concurrency, waits, verify=_trust(secure=scheme == "https"))


def _client(concurrency: int, waits: Waits, **facts: Any) -> httpx.Client:
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency, keepalive_expiry=IDLE_SECONDS)
    timeout = httpx.Timeout(waits.answer, connect=waits.connect, pool=waits.pool)
    return httpx.Client(timeout=timeout, limits=limits, trust_env=False, **facts)


def _trust(*, secure: bool) -> ssl.SSLContext:
    """The system's certificates; none are loaded for plain HTTP, where a context is wanted but not used."""
    return ssl.create_default_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def redacted(text: str, target: Target) -> str:
    """The text without the target's password, wherever it stands, as a basic credential too."""
    try:
        place = place_of(target)
    except ConfigurationError:
        return redact(text)
    return redact(text, place.secrets)
