"""Addresses: the one that all of the stack listens on, and what makes a text the address of a web server."""

import socket
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from steadyline.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
"""Everything of the stack listens here, unless a container says otherwise."""
LOCAL_HOSTS = (LOOPBACK, "localhost", "::1")
"""This machine's names in a URL: a proxy of the environment cannot reach it."""


def local_url(port: int, scheme: str = "http") -> str:
    """Base URL of what listens on a port of this host."""
    return f"{scheme}://{LOOPBACK}:{port}"


def check_login(before_path: str) -> None:
    """See that no part of a password would be taken as a host, which every text may show.

    Raises:
        ValueError: a second @; the message holds nothing of it.
    """
    if before_path.count("@") > 1:
        raise ValueError("there is a second @; write %40 for one that is part of the password")


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
    check_login(parts.netloc)
    return text


def without_login(url: str) -> str:
    """A URL for people to open, without the user and password that stand in it: who reads a link need not be who asks."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


WebUrl = Annotated[str, AfterValidator(web_url)]
"""A setting that is a web server's URL."""


def listening(port: int, key: str, address: str = LOOPBACK) -> socket.socket:
    """A socket that listens, taken before anything else starts.

    Args:
        port: where.
        key: the setting that changes it, for the message.
        address: on which address.

    Raises:
        ConfigurationError: the port is busy.
    """
    # asyncio turns Nagle off only for sockets that say TCP; an answer in two parts waits 40 ms for an acknowledgement else.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"{key}: {address}:{port}: {error.strerror}; end what listens there, or set another port"
        ) from None
    return listener
