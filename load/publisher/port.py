"""The page's port: taken, or one sentence that says who has it and what to do."""

import errno
import socket
import time
from collections.abc import Callable
from typing import Any

import httpx

from load.publisher.facts import Facts
from steadyline.addresses import LOOPBACK, listening
from steadyline.environment import variable
from steadyline.errors import ConfigurationError

SETTING = ("ports", "load")
OPTION = "--metrics-port"
STATE_PATH = "/-/run"
"""Where a publisher says which run it shows; asking it is no scrape."""
ASK_SECONDS = 2.0
RETRY_SECONDS = 0.2


def taken(facts: Facts, sleep: Callable[[float], None] = time.sleep) -> socket.socket:
    """A socket that listens on the page's port.

    Args:
        facts: which port and address; so long as values are held it waits for a publisher whose run is over, and which only
            keeps its last values for a scrape.
        sleep: waits.

    Raises:
        ConfigurationError: somebody else has it, or nobody may.
    """
    end = time.monotonic() + facts.hold_seconds
    while True:
        try:
            return listening(facts.port, ".".join(SETTING), facts.address)
        except ConfigurationError as error:
            # `listening` hides its cause from the reader, not from us
            if not isinstance(error.__context__, OSError) or error.__context__.errno != errno.EADDRINUSE:
                raise
            who = _who(facts)
            if not who.get("leaving") or time.monotonic() > end:
                raise ConfigurationError(_sentence(facts.port, who)) from None
        sleep(RETRY_SECONDS)


def _who(facts: Facts) -> dict[str, Any]:
    """What the publisher on the port says of itself; nothing where it is none."""
    try:
        said = httpx.get(facts.url + STATE_PATH, timeout=ASK_SECONDS, **facts.asking()).json()
    except (httpx.HTTPError, ValueError):
        return {}
    return said if isinstance(said, dict) and "leaving" in said else {}


def _sentence(port: int, who: dict[str, Any]) -> str:
    if who.get("run"):
        holder = f"the load run {who['run']}"
    else:
        holder = "another load run that waits to begin" if who else "another program"
    return f"{LOOPBACK}:{port} is taken by {holder}; end it, or choose another port with {variable(SETTING)} or {OPTION}"
