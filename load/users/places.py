"""Which target users of an API ask: what `--host` names, else the settings'."""

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr, ValidationError

from load.names import TARGET
from steadyline.addresses import LOCAL_HOSTS, LOOPBACK
from steadyline.errors import ConfigurationError
from steadyline.operations.http.connection import place_of
from steadyline.target import Target


def targets_of(backend: str, host: str | None, targets: Mapping[str, Target], *, allow_writes: bool) -> dict[str, Target]:
    """The targets by alias.

    A host that is a target of the settings is that target, with its alias and credentials. Any other is called `host`; it
    may be written to where it is on this machine, or where that was said.

    Args:
        backend: what the host speaks.
        host: the URL that `--host` gives, or None.
        targets: the settings' of this backend.
        allow_writes: `--allow-writes`.

    Raises:
        ConfigurationError: the host is no URL.
    """
    if not host:
        return dict(targets)
    try:
        named = Target(backend=backend, url=SecretStr(host))
        asked = place_of(named).url
    except (ValidationError, ConfigurationError):
        raise ConfigurationError("--host: write http://host:port or https://host:port") from None
    for alias, target in targets.items():
        if _key(place_of(target).url) == _key(asked):
            writable = target.allow_writes or allow_writes
            return {alias: target.model_copy(update={"allow_writes": writable})}
    local = asked.host in LOCAL_HOSTS
    return {TARGET: named.model_copy(update={"allow_writes": local or allow_writes})}


def _key(url: httpx.URL) -> tuple[Any, ...]:
    """Two URLs with the same one are the same place."""
    host = LOOPBACK if url.host in LOCAL_HOSTS else url.host.lower()
    return url.scheme, host, url.port, url.path.rstrip("/")
