"""What A and B of `compare --ab` are: systems by their URLs, or git revisions whose embedded targets are served."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from deploy.native import worktree
from deploy.native.worktree import Revision
from runner.choice import Wanted
from steadyline import database_url
from steadyline.addresses import check_login
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation
from steadyline.target import BACKENDS, EMBEDDED_BACKENDS

SQL = "sql"
OVER_HTTP = tuple(backend for backend in BACKENDS if backend != SQL)
"""Those that a web address may be."""
REVISED = tuple(backend for backend in EMBEDDED_BACKENDS if backend != SQL)
"""Those whose embedded targets are programs of ours, so that a revision changes them."""
_SCHEME = "://"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two.

    Attributes:
        name: A or B.
        url: of a system that runs.
        revision: whose embedded targets are served.
    """

    name: str
    url: SecretStr | None = None
    revision: Revision | None = None

    @property
    def backends(self) -> tuple[str, ...]:
        """What it may be."""
        if self.url is None:
            return REVISED
        return OVER_HTTP if is_web(self.url.get_secret_value()) else (SQL,)

    @property
    def shown(self) -> str:
        """For people, without user and secrets."""
        if self.revision:
            return self.revision.shown
        text = self.url.get_secret_value() if self.url else ""
        if not is_web(text):
            return database_url.place(make_url(text))
        parts = urlsplit(text)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def is_web(text: str) -> bool:
    """Whether it is a web address."""
    return text.casefold().startswith(("http://", "https://"))


def side(name: str, said: str, folder: Path) -> Side:
    """What the user named.

    Args:
        name: A or B.
        said: a URL, a git revision, or `.`.
        folder: where revisions are looked for.

    Raises:
        ConfigurationError: it is nothing of these; no text holds a URL's secrets.
    """
    if _SCHEME not in said:
        return Side(name, revision=worktree.revision(said, folder))
    try:
        named = urlsplit(said).hostname if is_web(said) else make_url(said)
    except (ValueError, ArgumentError):
        named = None
    if not named:
        raise ConfigurationError(
            f"--ab: {name}: no URL; write http://host:port, postgresql://host/database, or a git revision"
        )
    try:
        check_login(urlsplit(said).netloc if is_web(said) else said.partition("?")[0])
    except ValueError as error:
        raise ConfigurationError(f"--ab: {name}: {error}") from None
    return Side(name, url=SecretStr(said))


def backends(sides: Iterable[Side], operations: Iterable[Operation], wanted: Wanted) -> tuple[str, ...]:
    """Which backends are compared: one where a side is a URL, else every one that was asked for.

    Raises:
        ConfigurationError: none can be, or it is not clear which.
    """
    a, b = sides
    both = [backend for backend in a.backends if backend in b.backends]
    if not both:
        raise ConfigurationError(f"--ab: {_kinds(a)}, {_kinds(b)}: nothing can be asked of both")
    named = _named(operations, wanted)
    found = tuple(backend for backend in both if backend in named)
    if not found:
        raise ConfigurationError(f"--ab: {', '.join(named)} is asked for, {_kinds(a)}, and {_kinds(b)}{_why_not(a, b)}")
    if len(found) > 1 and (a.url or b.url):
        raise ConfigurationError(
            f"--ab: what answers there may be {', '.join(found)}; say which, such as --backend {found[0]}"
        )
    return found


def _named(operations: Iterable[Operation], wanted: Wanted) -> list[str]:
    fits = (
        one.backend for one in operations if wanted.backend in (None, one.backend) and fnmatchcase(one.name, wanted.pattern)
    )
    return list(dict.fromkeys(fits)) or list(BACKENDS)  # the choice of operations says what fits nothing


def _kinds(one: Side) -> str:
    return f"{one.name} ({one.shown}) is {' or '.join(one.backends)}"


def _why_not(a: Side, b: Side) -> str:
    if a.revision is None and b.revision is None:
        return ""
    return f"; {SQL} has an embedded file and no program that a revision would change"
