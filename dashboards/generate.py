"""Writes the boards' JSON, and says where what is committed has drifted from the code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards import load, operations

GENERATED = Path(__file__).parent / "generated"
BOARDS: Mapping[str, Callable[[], Dashboard]] = {"operations.json": operations.board, "load.json": load.board}
"""Each board by its file."""


def text(board: Dashboard) -> str:
    """The board as Grafana loads it; sorted, so that a change shows as what it is."""
    return json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def generate(folder: Path = GENERATED) -> list[Path]:
    """Write every board; answer the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, board in BOARDS.items():
        (folder / name).write_text(text(board()), encoding="utf-8")
    return [folder / name for name in BOARDS]


def drifted(folder: Path = GENERATED) -> list[Path]:
    """The files that are not what would be generated now."""
    return [
        folder / name
        for name, board in BOARDS.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text(board())
    ]
