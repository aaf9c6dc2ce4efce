"""Whether a host can be reached, and of which closed reason not: a connection is made and closed, and nothing asked."""

import smtplib
import socket
import ssl
from contextlib import closing
from urllib.parse import urlsplit

from steadyline.notify import Email
from steadyline.outcome import Reason

PORTS = {"http": 80, "https": 443}
SUBMISSIONS = 465
"""TLS from the first byte."""
CURES = {
    Reason.DNS: "its host name is not known; mend it, or this host's name server",
    Reason.CONNECT: "nobody listens there; start it, or mend host and port",
    Reason.TLS: "the encrypted connection failed; see that its certificate is in date, of that name, and of a known authority",
    Reason.TIMEOUT: "see the way to it: firewall, route, proxy, load",
    Reason.AUTH: "it refuses who asks; mend user, password or token",
    Reason.SERVER_ERROR: "it fails by itself; its log says why",
    Reason.CLIENT_ERROR: "it answers, but not as what it should be; mend the URL",
}


def cure_of(reason: Reason | None) -> str:
    """What to do about a reason."""
    return CURES.get(reason or Reason.OTHER, "see its log")


def reason_of(error: BaseException) -> Reason:
    """Which reason an error of the socket is."""
    if isinstance(error, socket.gaierror):
        return Reason.DNS
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):  # smtplib hides it behind its own
        return Reason.TIMEOUT
    if isinstance(error, ssl.SSLError):
        return Reason.TLS
    if isinstance(error, smtplib.SMTPException):
        return Reason.CLIENT_ERROR
    return Reason.CONNECT


def place_of(url: str) -> str:
    """Host and port of a URL, which may hold a secret in every other part."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or PORTS.get(parts.scheme, 0)}"


def reach(url: str, seconds: float) -> None:
    """Connect to a URL's host, with TLS where it says so; nothing is asked.

    Raises:
        OSError: it cannot be reached; `reason_of` says why.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    with closing(socket.create_connection((host, port), timeout=seconds)) as connection:
        if parts.scheme == "https":
            ssl.create_default_context().wrap_socket(connection, server_hostname=host).close()


def greet(email: Email, seconds: float) -> str:
    """Greet a mail server, and leave; what is wrong with it, or nothing.

    Raises:
        OSError: it cannot be reached, or is no mail server.
    """
    host, _, port = (email.smarthost or "").rpartition(":")
    kind = smtplib.SMTP_SSL if int(port) == SUBMISSIONS else smtplib.SMTP
    with kind(host.strip("[]"), int(port), local_hostname=email.hello or "localhost", timeout=seconds) as server:
        server.ehlo()
        if email.require_tls and int(port) != SUBMISSIONS and not server.has_extn("starttls"):
            return "it offers no STARTTLS, and notify.email.require_tls wants it; set that to false for a server that has none"
        if email.username and not (server.has_extn("auth") or server.has_extn("starttls")):
            return "it takes no user and password, and notify.email.username is set; take it out"
    return ""
