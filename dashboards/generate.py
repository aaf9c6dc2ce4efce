"""Writes the boards' JSON, and says where what is committed has drifted from the code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.boards import backends, compare, load, memory, operation, overview, stack
from dashboards.shipped import GENERATED
from steadyline.boards import Board

_MADE: Mapping[Board, Callable[[], Dashboard]] = {
    Board.OVERVIEW: overview.board,
    Board.OPERATION: operation.board,
    Board.LOAD: load.board,
    Board.COMPARE: compare.board,
    Board.BACKENDS: backends.board,
    Board.MEMORY: memory.board,
    Board.STACK: stack.board,
}
BOARDS: Mapping[str, Callable[[], Dashboard]] = {f"{board}.json": made for board, made in _MADE.items()}
"""Each board by its file."""


def text(board: Dashboard) -> str:
    """The board as Grafana loads it; sorted, so that a change shows as what it is."""
    return json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def generate(folder: Path = GENERATED) -> list[Path]:
    """Write every board, delete what is none any more; answer the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in _left_over(folder):
        path.unlink()
    for name, board in BOARDS.items():
        (folder / name).write_text(text(board()), encoding="utf-8")
    return [folder / name for name in BOARDS]


def drifted(folder: Path = GENERATED) -> list[Path]:
    """The files that are not what would be generated now."""
    return _left_over(folder) + [
        folder / name
        for name, board in BOARDS.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text(board())
    ]


def _left_over(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.name not in BOARDS)
