"""To whom a server of ours is open: read before it listens, and refused where strangers would be let in unsaid."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from steadyline.addresses import LOOPBACK
from steadyline.environment import variable
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.web.held import Held

ANONYMOUS = ("anonymous",)
WEB_CONFIG_FILE = ("web_config_file",)


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
    held = Held(file)
    open_to_all = not held.current().config.is_authenticating
    if open_to_all and not anonymous and not ipaddress.ip_address(address).is_loopback:
        raise ConfigurationError(
            f"listen_address: {address}: whoever reaches it would be answered; name a web_config_file with basic_auth_users "
            f"or client certificates ({variable(WEB_CONFIG_FILE)}), or say {variable(ANONYMOUS)}=true where ports published "
            "on loopback or a network policy guard it"
        )
    return Exposure(held, (name,))
