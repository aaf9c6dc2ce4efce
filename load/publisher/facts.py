"""What the publisher must know of the settings: the load run reads them, and tells it."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from steadyline.addresses import LOOPBACK, local_url
from steadyline.live import LIVE
from steadyline.settings import Settings
from steadyline.web.exposure import Exposure, made
from steadyline.web_client import WebClient, scheme

HOLD_SCRAPES = 3
"""So many scrape intervals a run waits for Prometheus at its end: one until the next scrape, one that fails, one to spare."""

LONGEST_HOLD_SECONDS = 120.0
"""A page that is scraped more seldom holds its values longer, but no longer than this."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Where the page is, and whom the publisher speaks to.

    Attributes:
        port: of the page; 0 takes a free one.
        targets_folder: where Prometheus finds whom to scrape.
        prometheus: base URL of the Prometheus that should hold the values in the end.
        alertmanager: base URL, for the silence.
        grafana: base URL where runs are marked; None where nobody configured one.
        grafana_token_file: a file with the token for it.
        hold_seconds: how long final values wait for a scrape at most.
        address: on which the page listens.
        host: the name at which Prometheus finds it.
        anonymous: whoever reaches the address may ask.
        web_config_file: who may ask otherwise, and how.
        web_client: how a page is asked then, by the names of `WebClient`.
    """

    port: int
    targets_folder: str
    prometheus: str
    alertmanager: str
    grafana: str | None = None
    grafana_token_file: str | None = None
    hold_seconds: float = HOLD_SCRAPES * LIVE.scrape_seconds
    address: str = LOOPBACK
    host: str = LOOPBACK
    anonymous: bool = False
    web_config_file: str | None = None
    web_client: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings, port: int | None = None) -> "Facts":
        """The facts of the settings.

        Args:
            settings: the user's.
            port: another one than the settings', for this run.
        """
        token = settings.grafana_token_file
        marked = settings.grafana_url is not None or token is not None
        return cls(
            settings.ports.load if port is None else port,
            str(settings.state.load_targets),
            settings.prometheus,
            settings.alertmanager,
            settings.grafana if marked else None,
            str(Path(token).absolute()) if token else None,
            address=settings.listen_address,
            host=settings.hosts.load,
            anonymous=settings.anonymous,
            web_config_file=str(settings.web_config_file.absolute()) if settings.web_config_file else None,
            web_client=settings.web_client.model_dump(mode="json", exclude_none=True),
        )

    @property
    def url(self) -> str:
        """The page's base URL."""
        return local_url(self.port, self._scheme)

    @property
    def exposure(self) -> Exposure:
        """To whom the page is open.

        Raises:
            ConfigurationError: the web config is wrong, or nobody said that strangers may ask.
        """
        file = Path(self.web_config_file) if self.web_config_file else None
        return made(file, self.host, self.address, anonymous=self.anonymous)

    def asking(self) -> dict[str, Any]:
        """What httpx is told, to ask a page.

        Raises:
            ConfigurationError: a file cannot be used.
        """
        return WebClient(**self.web_client).asking(self._scheme)  # type: ignore[arg-type] # pydantic makes paths of texts

    @property
    def _scheme(self) -> str:
        return scheme(Path(self.web_config_file) if self.web_config_file else None)

    def at(self, port: int) -> "Facts":
        """The same with the port that the page has got."""
        return replace(self, port=port)

    def document(self) -> dict[str, Any]:
        """The facts as a frame carries them."""
        return asdict(self)
