"""How long answers are waited for, and the HTTP client that asks: no proxy to this machine, no certificates without TLS."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from steadyline.addresses import LOCAL_HOSTS

SECONDS = 6.0
"""For all subjects together; with what is looked at before, and the imports, it stays under ten."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited.

    Attributes:
        seconds: for all subjects together, which are asked side by side.
    """

    seconds: float = SECONDS

    @property
    def of_a_subject(self) -> float:
        """For all questions of one subject that are asked side by side: its drivers are imported meanwhile, too."""
        return 0.7 * self.seconds

    @property
    def of_an_answer(self) -> float:
        """For one answer: a subject that asks twice in turn is through before it is left behind."""
        return 0.35 * self.seconds


def client(url: str | httpx.URL, seconds: float, asking: Mapping[str, Any] | None = None) -> httpx.Client:
    """A client for one server, which waits so long for each answer; credentials in the URL are used.

    Args:
        url: of the server.
        seconds: for each answer.
        asking: how servers of ours are asked, where a web config guards them.
    """
    place = httpx.URL(url)
    usual = {
        "trust_env": place.host not in LOCAL_HOSTS,
        "verify": ssl.create_default_context() if place.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    }
    return httpx.Client(
        base_url=place,
        timeout=seconds,
        limits=httpx.Limits(max_keepalive_connections=0),  # idle connections would need closing by the caller
        **{**usual, **(asking or {})},
    )
