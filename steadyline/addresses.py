"""Addresses: the one that all of the stack listens on, and what makes a text the address of a web server."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

LOOPBACK = "127.0.0.1"
"""Everything of the stack listens here and nowhere else."""


def local_url(port: int) -> str:
    """Base URL of what listens on a port of this host."""
    return f"http://{LOOPBACK}:{port}"


def web_url(text: str) -> str:
    """The text, which must be a URL that a web client can ask.

    Raises:
        ValueError: it is none; the message never holds it, because a URL may hold a secret.
    """
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:  # brackets that do not match, a port that is no number, a host that no name server knows
        usable = False
    if not usable or " " in text or not text.isprintable():
        raise ValueError("write http://host:port or https://host:port")
    return text


WebUrl = Annotated[str, AfterValidator(web_url)]
"""A setting that is a web server's URL."""
