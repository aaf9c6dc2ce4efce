"""The HTTP client of the doctor's questions: bounded, without a proxy to this machine, cheap where nothing is encrypted."""

import ssl

import httpx

from steadyline.addresses import LOCAL_HOSTS

ASK_SECONDS = 2.5
"""Longest wait for one answer: a subject that asks twice is through before it is left behind."""


def client(url: str | httpx.URL) -> httpx.Client:
    """A client for one server; credentials in the URL are used."""
    place = httpx.URL(url)
    return httpx.Client(
        base_url=place,
        timeout=ASK_SECONDS,
        trust_env=place.host not in LOCAL_HOSTS,
        verify=ssl.create_default_context() if place.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        limits=httpx.Limits(max_keepalive_connections=0),  # idle connections would need closing by the caller
    )
