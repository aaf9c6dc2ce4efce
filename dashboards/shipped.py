"""The boards that come with this installation: their committed JSON, which is read without Grafana's SDK."""

import json
from pathlib import Path
from typing import Any

from steadyline.errors import ConfigurationError

GENERATED = Path(__file__).parent / "generated"

Document = dict[str, Any]
"""A board as Grafana loads it."""


def shipped(folder: Path = GENERATED) -> dict[str, Document]:
    """Every board by its uid.

    Raises:
        ConfigurationError: there is none, which no installation ships.
    """
    found = {
        board["uid"]: board
        for board in (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")))
    }
    if not found:
        raise ConfigurationError(f"{folder}: no board is there; steadyline dashboards generate writes them")
    return found
