"""The web config that holds: read again when a file of it changes, and kept as it was while the new one is wrong."""

import logging
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from steadyline.environment import variable
from steadyline.errors import ConfigurationError
from steadyline.web import document, tls
from steadyline.web.document import WebConfig
from steadyline.web.rate import Bucket
from steadyline.web.users import Users

LOG = logging.getLogger(__name__)
ANONYMOUS = ("anonymous",)
WEB_CONFIG_FILE = ("web_config_file",)
Print = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Web:
    """A web config ready for use.

    Attributes:
        config: what the file says.
        context: for new connections; None serves without TLS.
        users: who may ask.
        bucket: how many requests are answered.
    """

    config: WebConfig
    context: ssl.SSLContext | None
    users: Users
    bucket: Bucket


OPEN = WebConfig()
"""What holds without a file."""


def make(config: WebConfig, path: Path) -> Web:
    """Make a config ready for use.

    Raises:
        ConfigurationError: a certificate or a key that it names cannot be used.
    """
    context = tls.context(config.tls_server_config, path) if config.tls_server_config else None
    rate = config.rate_limit
    return Web(config, context, Users(config.basic_auth_users), Bucket(rate.interval, rate.burst))


@dataclass(slots=True)
class Held:
    """The web config of one server.

    Attributes:
        path: of the file; None where there is none.
        guarded: the address at which strangers could ask, so that no file may let in who does not say who they are; or none.
        is_good: whether what the files say now is what holds.
    """

    path: Path | None
    guarded: str = ""
    is_good: bool = True
    _web: Web = field(init=False)
    _watched: tuple[Path, ...] = ()
    _seen: Print = ()

    def __post_init__(self) -> None:
        """Read the file.

        Raises:
            ConfigurationError: it is wrong, or lets strangers in: there is nothing to hold to yet.
        """
        if self.path is None:
            self._check(OPEN)
            self._web = make(OPEN, Path())
        else:
            self._take(self.path)

    def current(self) -> Web:
        """What holds now; a few looks at files, no more."""
        if self.path is not None and _print(self._watched) != self._seen:
            self._renew(self.path)
        return self._web

    def _take(self, path: Path) -> None:
        self._watch(path)
        config = document.read(path)
        self._check(config)
        self._watch(path, *document.files(config))
        self._web = make(config, path)

    def _check(self, config: WebConfig) -> None:
        if self.guarded and not config.is_authenticating:
            raise ConfigurationError(
                f"listen_address: {self.guarded}: whoever reaches it would be answered; name a web_config_file with "
                f"basic_auth_users or client certificates ({variable(WEB_CONFIG_FILE)}), or say {variable(ANONYMOUS)}=true "
                "where ports published on loopback or a network policy guard it"
            )

    def _watch(self, *paths: Path) -> None:
        """Seen before they are read: what changes meanwhile is read once more."""
        self._watched, self._seen = paths, _print(paths)

    def _renew(self, path: Path) -> None:
        try:
            self._take(path)
        except ConfigurationError as error:
            self.is_good = False
            for fault in error.faults:
                LOG.error("web config refused, the earlier one holds: %s", fault)  # noqa: TRY400 - no traceback
        else:
            self.is_good = True
            LOG.info("web config %s taken", path)


def _print(paths: Iterable[Path]) -> Print:
    """By what one sees that a file is another one: when, how large, and which."""
    return tuple(_of(path) for path in paths)


def _of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
