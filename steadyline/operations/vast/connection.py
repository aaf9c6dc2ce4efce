"""How the official SDK connects here: every wait bounded, nothing tried again, no proxy asked, and its wire metered.

What the SDK does with its connections is left as its users meet it: one pool for a session, and a connection of its own
for each query and import. Importing this module imports the SDK, which takes a second and 150 MB: only what connects may.
"""

import copy
import logging
import ssl
from contextvars import Token
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Self

import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import Url, parse_url
from vastdb import errors
from vastdb._internal import VastdbApi
from vastdb._session_context import SessionContext
from vastdb.config import BackoffConfig, SessionConfig
from vastdb.features import Features
from vastdb.session import Session
from vastdb.transaction import Transaction

from steadyline.operations.http.connection import WAITS, Waits
from steadyline.operations.urllib3_wire import MeteredPool, MeteredTlsPool
from steadyline.outcome import Call, current_call
from steadyline.target import DEFAULT_REGION

ENTITIES_PER_PAGE = 10_000
"""The SDK's own default."""
_KNOWN_STATUSES = frozenset(status.value for status in errors.HttpStatus)
_NOISY = ("vastdb", "backoff")
"""They log every refusal and each rolled-back transaction with its traceback; here a failure is an outcome, told once."""


class StatusError(Exception):
    """An answer whose status the SDK does not know, as a proxy's 502; in the SDK it would be a bare ValueError.

    Attributes:
        status: of the answer.
    """

    def __init__(self, status: int, method: str | None, url: str) -> None:
        """Name the request."""
        super().__init__(f"{method} {url}: HTTP {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target is and who asks.

    Attributes:
        url: its endpoint, `http://host:port`.
        bucket: the bucket to work in.
        access_key: who asks.
        secret: the access key's.
    """

    url: str
    bucket: str
    access_key: str
    secret: str = field(repr=False)


class _BoundedPool(HTTPConnectionPool):
    """A pool that lets nobody wait for a connection for ever, as requests would have it."""

    def __init__(self, *args: Any, longest_wait_seconds: float, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self._longest_wait_seconds = longest_wait_seconds

    def _get_conn(self, timeout: float | None = None) -> Any:
        return super()._get_conn(self._longest_wait_seconds if timeout is None else timeout)


class _Pool(_BoundedPool, MeteredPool):
    """Over TCP."""


class _TlsPool(_BoundedPool, MeteredTlsPool):
    """Over TLS."""


@cache
def system_trust() -> ssl.SSLContext:
    """The system's certificates, to which requests adds certifi's; loaded once: each query has an adapter of its own."""
    return ssl.create_default_context()


class MeteredAdapter(HTTPAdapter):
    """The way from requests to urllib3: metered pools, and answers that the SDK can read."""

    def __init__(self, connections: int, waits: Waits, *, tls: bool) -> None:
        """Open nothing yet."""
        self._waits = waits
        self._trust: dict[str, Any] = {"ssl_context": system_trust()} if tls else {}
        super().__init__(pool_connections=1, pool_maxsize=connections, pool_block=True)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **facts: Any) -> None:
        """As requests', with pools of our own."""
        super().init_poolmanager(connections, maxsize, block, **facts, **self._trust)
        pools = {"http": _Pool, "https": _TlsPool}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: partial(pool, longest_wait_seconds=self._waits.pool) for scheme, pool in pools.items()
        }

    def send(self, request: requests.PreparedRequest, *args: Any, **facts: Any) -> requests.Response:
        """Send one request.

        Raises:
            StatusError: a status of which the SDK would make a ValueError.
        """
        answer = super().send(request, *args, **facts)
        if answer.status_code >= requests.codes.bad and answer.status_code not in _KNOWN_STATUSES:
            answer.close()
            raise StatusError(answer.status_code, request.method, str(request.url))
        return answer


class MeteredApi(VastdbApi):  # type: ignore[misc]  # the SDK has no types
    """The SDK's requests to one endpoint.

    The SDK asks queries and imports in threads of its own, over an API that it enters there: entering carries the call
    that is being timed into that thread.

    Args:
        place: where, and who asks.
        connections: most at once.
        waits: the longest that each kind of wait may take.
        call: the body being timed, when this API is one of a query's or an import's.
        version_check: whether to ask for the version at once, as the SDK does for a session.
    """

    def __init__(
        self, place: Place, connections: int, waits: Waits, call: Call | None = None, *, version_check: bool = True
    ) -> None:
        """Ask for the version, if so."""
        self._place, self._connections, self._waits, self._call = place, connections, waits, call
        self._token: Token[Call | None] | None = None
        try:
            super().__init__(
                place.access_key,
                place.secret,
                endpoints=[place.url],
                max_entities_per_page=ENTITIES_PER_PAGE,
                timeout=(waits.connect, waits.answer),
                backoff_config=BackoffConfig(max_tries=1),
                version_check=version_check,
            )
        except BaseException:
            self.close()
            raise

    def of_call(self, call: Call | None) -> Self:
        """The same API, over the same connections, whose queries and imports belong to a call."""
        made = copy.copy(self)
        made._call = call  # noqa: SLF001 - its own kind
        return made

    def with_endpoints(self, endpoints: list[str]) -> "MeteredApi":
        """A new API over connections of its own, as the SDK opens for each query and import."""
        place = Place(endpoints[0], self._place.bucket, self._place.access_key, self._place.secret)
        return MeteredApi(place, 1, self._waits, self._call, version_check=False)

    def __enter__(self) -> Self:
        self._token = current_call.set(self._call)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._token is not None:
            current_call.reset(self._token)
        self.close()

    def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            session.close()

    def _session_create(self, url: Url) -> requests.Session:
        session: requests.Session = super()._session_create(url)
        session.trust_env = False
        session.max_redirects = 0
        tls = url.scheme == "https"
        session.mount(f"{url.scheme}://", MeteredAdapter(self._connections, self._waits, tls=tls))
        return session

    def ask_for_object(self, method: str, path: str, content: bytes = b"") -> requests.Response:
        """Ask the endpoint's S3 side, over the same connections and under the same keys.

        Args:
            method: of HTTP.
            path: below the endpoint: bucket, key, query.
            content: of an object to put.

        Raises:
            vastdb.errors.HttpError: it refuses.
        """
        url = parse_url(f"{self._place.url}/{path}")
        session: requests.Session = self._session_get_or_create(url)
        # The SDK signs for no region, and not all of its headers: VAST takes that, an S3 behind another endpoint refuses it.
        request = AWSRequest(method, str(url), data=content)
        S3SigV4Auth(Credentials(self._place.access_key, self._place.secret), "s3", DEFAULT_REGION).add_auth(request)
        signed = dict(request.headers.items())
        answer = session.request(method, str(url), data=content, headers=signed, timeout=self.timeout, auth=_as_it_is)
        if answer.status_code >= requests.codes.multiple_choices:
            raise errors.from_response(answer)
        return answer


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """A request that is signed already."""
    return request


class MeteredSession(Session):  # type: ignore[misc]  # the SDK has no types
    """The SDK's session over a metered API; making it asks for the endpoint's version, as `vastdb.connect` does.

    Args:
        place: where, and who asks.
        connections: most at once, beside those of queries and imports.
        waits: the longest that each kind of wait may take.
    """

    def __init__(self, place: Place, connections: int, waits: Waits = WAITS) -> None:
        """Connect."""
        self.access, self.secret = place.access_key, place.secret
        self.api = MeteredApi(place, connections, waits)
        # The SDK would ask the table's statistics for other addresses of the cluster: measured is the endpoint named.
        config = SessionConfig(data_endpoints=[place.url])
        self._context = SessionContext(api=self.api, endpoint=place.url, config=config)
        self.features = Features(self.api.vast_version)
        self.adbc_driver_path = None
        self._end_user = None

    def transaction(self) -> Transaction:
        """A transaction, of the call that is being timed."""
        session = copy.copy(self)
        session.api = self.api.of_call(current_call.get())
        return Transaction(_rpc=session, _session_context=self._context)

    def close(self) -> None:
        """Close the connections."""
        self.api.close()


def quieten() -> None:
    """Keep the SDK's own account of failures out of the program's log."""
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
