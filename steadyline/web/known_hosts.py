"""The names that a server without users answers to: a page elsewhere whose name was made to point here reads nothing.

A browser that was led here by a name of somebody else's sends that name. An address is no name, and a cluster's names end in
what nobody else can register.
"""

import ipaddress
from collections.abc import Iterable

LOCAL = "localhost"
_CLUSTER = (".svc", ".svc.cluster.local")


def is_known(header: str | None, names: Iterable[str]) -> bool:
    """Whether the Host header names this server.

    Args:
        header: its value, with or without a port; HTTP/1.0 may leave it out.
        names: what this server is called beyond its addresses.
    """
    if header is None:
        return True
    host = _host(header)
    if host == LOCAL or _is_address(host):
        return True
    return any(host == name.lower() or (host.startswith(f"{name.lower()}.") and host.endswith(_CLUSTER)) for name in names)


def _host(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0].lower().removesuffix(".")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
