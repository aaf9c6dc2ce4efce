"""The page's port: taken, or one sentence that says who has it and what to do."""

import errno
import socket
import time
from collections.abc import Callable
from typing import Any

import httpx

from steadyline.addresses import LOOPBACK, listening, local_url
from steadyline.environment import variable
from steadyline.errors import ConfigurationError

SETTING = ("ports", "load")
OPTION = "--metrics-port"
STATE_PATH = "/-/run"
"""Where a publisher says which run it shows; asking it is no scrape."""
ASK_SECONDS = 2.0
RETRY_SECONDS = 0.2


def taken(
    port: int, wait_seconds: float, sleep: Callable[[float], None] = time.sleep, address: str = LOOPBACK
) -> socket.socket:
    """A socket that listens on the port.

    Args:
        port: which one.
        wait_seconds: how long to wait for a publisher whose run is over, and which only keeps its last values for a scrape.
        sleep: waits.
        address: on which address.

    Raises:
        ConfigurationError: somebody else has it, or nobody may.
    """
    end = time.monotonic() + wait_seconds
    while True:
        try:
            return listening(port, ".".join(SETTING), address)
        except ConfigurationError as error:
            # `listening` hides its cause from the reader, not from us
            if not isinstance(error.__context__, OSError) or error.__context__.errno != errno.EADDRINUSE:
                raise
            who = _who(port)
            if not who.get("leaving") or time.monotonic() > end:
                raise ConfigurationError(_sentence(port, who)) from None
        sleep(RETRY_SECONDS)


def _who(port: int) -> dict[str, Any]:
    """What the publisher on the port says of itself; nothing where it is none."""
    try:
        said = httpx.get(local_url(port) + STATE_PATH, timeout=ASK_SECONDS, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return {}
    return said if isinstance(said, dict) and "leaving" in said else {}


def _sentence(port: int, who: dict[str, Any]) -> str:
    if who.get("run"):
        holder = f"the load run {who['run']}"
    else:
        holder = "another load run that waits to begin" if who else "another program"
    return f"{LOOPBACK}:{port} is taken by {holder}; end it, or choose another port with {variable(SETTING)} or {OPTION}"
