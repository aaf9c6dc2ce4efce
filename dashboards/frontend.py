"""What a Grafana tells everybody who may look at it: its data sources by name, and how often a board may refresh itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.shipped import Document
from steadyline import durations
from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana, RefusedError


@dataclass(frozen=True, slots=True)
class Frontend:
    """What its own pages know.

    Attributes:
        sources: uid, name, type and whether it is the default; no URL but that of Grafana's proxy.
        least_refresh: the shortest interval, as Grafana writes it; it refuses a board with a shorter one.
    """

    sources: Sequence[Mapping[str, Any]] = ()
    least_refresh: str = ""


def read(grafana: Grafana) -> Frontend:
    """Ask for it; where it is refused, nothing is known."""

    def asked() -> Frontend:
        found = grafana.api.client.GET("/frontend/settings")
        seen = [{key: one[key] for key in ("uid", "name", "type", "isDefault")} for one in _sources(found) if one.get("uid")]
        return Frontend(seen, str(found.get("minRefreshInterval") or ""))

    try:
        return grafana.ask("its settings", asked)
    except RefusedError:
        return Frontend()


def refreshing(board: Document, least: str) -> Document:
    """The board, refreshing itself no more often than it may."""
    own = board.get("refresh")
    if not own or not least:
        return board
    try:
        return {**board, "refresh": least} if durations.parse(own) < durations.parse(least) else board
    except ConfigurationError:
        return board


def _sources(found: Any) -> Sequence[Any]:
    return list((found.get("datasources") or {}).values())
