"""Draws boards without Grafana, from the Prometheus of a stack that runs: `python tests/bench/boards.py http://127.0.0.1:9090`.

A picture of the handbook wants a quiet machine, and something to see: `steadyline regress` beside it. Where there is a
Grafana, its own pictures are better: tests/dashboards/test_screenshots.py makes them.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "support"))

from drawn_board import drawn  # noqa: E402 - its path comes first

from steadyline.boards import Board  # noqa: E402


def main() -> None:
    """Write an SVG for each board that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prometheus", help="its URL")
    parser.add_argument("--board", type=Board, action="append", choices=list(Board), help="which; several may be named")
    parser.add_argument(
        "--choose", metavar="NAME=VALUE", action="append", default=[], help="what is chosen at the board's top"
    )
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "docs" / "boards", help="the folder")
    parser.add_argument("--at", type=float, help="the end of the time shown, Unix seconds; now where it is not given")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    choice = dict(pair.split("=", 1) for pair in given.choose)
    for board in given.board or [Board.OVERVIEW]:
        path = given.out / f"{board}.svg"
        path.write_text(drawn(board, given.prometheus, choice, given.at), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
