"""To whom a server of ours is open: read before it listens, and refused where strangers would be let in unsaid."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from steadyline.addresses import LOOPBACK
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.web import document
from steadyline.web.held import Held


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one server is told.

    Attributes:
        held: its web config.
        names: what it is called, beyond its addresses.
    """

    held: Held
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings, part: str) -> "Exposure":
        """What the settings say of one part of the stack.

        Raises:
            ConfigurationError: the web config file is wrong, or strangers would be let in without anybody having said so.
        """
        file, address = settings.web_config_file, settings.listen_address
        return made(file, getattr(settings.hosts, part), address, anonymous=settings.anonymous)

    @property
    def scheme(self) -> str:
        """How one asks."""
        return "https" if self.held.current().context is not None else "http"


def made(file: Path | None, name: str, address: str = LOOPBACK, *, anonymous: bool = False) -> Exposure:
    """What a server is told.

    Args:
        file: the web config file.
        name: at which others find the server.
        address: that it listens on.
        anonymous: whoever reaches the address may ask.

    Raises:
        ConfigurationError: as of `Exposure.of`.
    """
    is_safe = anonymous or ipaddress.ip_address(address).is_loopback
    return Exposure(Held(file, "" if is_safe else address), (name,))


def check_client(settings: Settings) -> None:
    """See that who asks has what the web config wants: else nothing would be scraped, and a log alone would tell.

    Raises:
        ConfigurationError: the web config file is wrong, or web_client lacks something, or a file of it cannot be used.
    """
    if settings.web_config_file is None:
        return
    config, client = document.read(settings.web_config_file), settings.web_client
    tls = config.tls_server_config
    faults = []
    if config.basic_auth_users and client.username is None:
        faults.append("web_client.username: web_config_file has basic_auth_users; say as which of them, and password_file")
    if tls is not None and tls.client_auth_type == "RequireAndVerifyClientCert" and client.cert_file is None:
        faults.append("web_client.cert_file: web_config_file wants a certificate of who asks; say which, and key_file")
    if faults:
        raise ConfigurationError(faults)
    settings.asking()
