"""What the publisher must know of the settings: the load run reads them, and tells it."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from steadyline.addresses import LOOPBACK, local_url
from steadyline.live import LIVE
from steadyline.settings import Settings

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
        )

    @property
    def url(self) -> str:
        """The page's base URL."""
        return local_url(self.port)

    def at(self, port: int) -> "Facts":
        """The same with the port that the page has got."""
        return replace(self, port=port)

    def document(self) -> dict[str, Any]:
        """The facts as a frame carries them."""
        return asdict(self)
