"""The targets of `compare --ab`: at a side's URL with the settings' credentials, or served from a revision's sources."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from deploy.native import worktree
from deploy.native.interruption import Interruption
from deploy.native.own_targets import serving
from steadyline.addresses import LOCAL_HOSTS, LOOPBACK
from steadyline.cli.ab_sides import Side, is_web
from steadyline.database_url import SQLITE
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Hosts, Settings
from steadyline.target import CREDENTIALS, Target
from steadyline.target import embedded as embedded_target

_ADDRESSED = ("password_file",)
"""Credentials that a target gets to see as they are, so that no other address is sent them."""


def at_url(side: Side, settings: Settings, backend: str, *, allow_writes: bool) -> Target:
    """The target at a side's URL.

    A target of the settings at the same address is that target. S3's and VAST DB's keys and bucket are taken from another one
    of the settings' too, because a signature does not show its key; those of the embedded ones where this machine is asked.

    Args:
        side: with a URL.
        settings: whose targets have credentials.
        backend: what the side is.
        allow_writes: `--allow-writes`; what is on this machine may be written to anyway.

    Raises:
        ConfigurationError: something is missing.
    """
    url = side.url.get_secret_value() if side.url else ""
    writable = allow_writes or is_local(url)
    known = list(settings.targets_of(backend).values())
    same = next((target for target in known if _address(target.url.get_secret_value()) == _address(url)), None)
    if same is not None:
        return same.model_copy(update={"allow_writes": writable or same.allow_writes, "embedded": False})
    try:
        credentials = _credentials(known, settings, backend, url)
        return Target(backend=backend, url=SecretStr(url), allow_writes=writable, **credentials)
    except ValidationError as error:
        faults = "; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors(include_input=False))
        raise ConfigurationError(
            f"--ab: {side.name} ({side.shown}): {faults}; a {backend} target of the settings may say it (docs/settings.md)"
        ) from None


def _credentials(known: Sequence[Target], settings: Settings, backend: str, url: str) -> dict[str, Any]:
    named = next((target for target in known if not target.embedded), None)
    if named is None and is_local(url):
        named = embedded_target(backend, url, settings.secrets_dir)
    keys = [key for key in CREDENTIALS[backend] if key not in _ADDRESSED]
    return {key: getattr(named, key) for key in keys if key in named.model_fields_set} if named else {}


def is_local(url: str) -> bool:
    """Whether it is on this machine: a file, a socket, or a loopback address."""
    if is_web(url):
        return urlsplit(url).hostname in LOCAL_HOSTS
    database = make_url(url)
    hosts = [database.host] if database.host else list(database.normalized_query.get("host", ()))
    return database.get_backend_name() == SQLITE or all(host in LOCAL_HOSTS or host.startswith("/") for host in hosts)


def _address(url: str) -> tuple[Any, ...]:
    """Two URLs with the same one are the same place."""
    if not is_web(url):
        database = make_url(url)
        return database.get_backend_name(), database.host, database.port, database.database
    parts = urlsplit(url)
    host = LOOPBACK if parts.hostname in LOCAL_HOSTS else (parts.hostname or "").casefold()
    return parts.scheme.casefold(), host, parts.port, parts.path.rstrip("/")


@contextmanager
def of_revision(
    side: Side, settings: Settings, backends: Sequence[str], folder: Path, asked: Interruption
) -> Iterator[Mapping[str, Target]]:
    """The embedded targets of a revision, served for this comparison alone, empty at the start.

    Args:
        side: with a revision.
        settings: of which the user's targets and hosts are left out.
        backends: whose targets.
        folder: of this process, for sources, data and logs.
        asked: to stop.

    Raises:
        UnreachableError: one does not start; the text has the end of its log.
        ConfigurationError: git cannot give the sources.
    """
    assert side.revision
    own = folder / side.name
    own.mkdir()
    plain = settings.model_copy(update={"targets": {}, "embedded": True, "hosts": Hosts(), "secrets_dir": None})
    with worktree.sources(side.revision, own / "sources", settings.state.runs, asked) as sources, ExitStack() as until_end:
        try:
            reached = until_end.enter_context(serving(plain, backends, own, sources))
        except UnreachableError as error:
            raise UnreachableError(f"{side.name}, {side.shown}: {error}") from None
        yield {backend: reached.embedded_target(backend) for backend in backends}
