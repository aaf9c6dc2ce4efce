"""`make bench-judgement`: how often the judgement is right, as tables; --keep puts them into docs/judgement.md.

    python tests/bench/judgement/run.py [--only NAME]... [--keep]

Each subject is a module beside this one with `found()`.
"""

import argparse
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "support")]  # other benchmarks', tests' parts

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from subject import Found, Tell
from tables import keep, markdown, measured_on, shown

PAGE = Path(__file__).parents[3] / "docs" / "judgement.md"
SUBJECTS = {
    "record": "run sets of the sql suite (about 20 minutes; kept, so only once)",
    "same": "the gate over recorded run sets that are all of the same program",
    "replay": "the gate over replayed noise and steps (about 5 minutes)",
    "rivals": "other judgements on the same replayed data",
    "live": "the live rules over 30 replayed days (about 5 minutes)",
    "embedded": "injected steps on the embedded targets (about 8 minutes)",
    "pairs": "a step of 10 % in A against B on the embedded targets (about 20 minutes)",
}


@contextmanager
def progress(console: Console, name: str) -> Iterator[Tell]:
    """A bar with the time left, from the first that is told on: what has progress of its own tells nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(compact=True), TextColumn("left"))
    with Progress(*columns, console=console, transient=True, disable=True) as bar:
        task = bar.add_task(name, total=None)

        def tell(done: float, total: float) -> None:
            if bar.disable:
                bar.disable = False
                bar.start()
            bar.update(task, completed=done, total=total)

        yield tell


def block(name: str, outcome: Found) -> str:
    """What the page shows of one subject."""
    command = f'`make bench-judgement ARGS="--only {name} --keep"`'
    return "\n\n".join([markdown(outcome.figures), *outcome.tables, f"{measured_on()} Again: {command}."])


def main() -> int:
    """Measure the subjects that were asked for; exit with 1 where a figure was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=SUBJECTS, help="this subject; may be given again")
    parser.add_argument("--keep", action="store_true", help="write the tables into docs/judgement.md")
    asked = parser.parse_args()
    console, figures = Console(), []
    for name in asked.only or SUBJECTS:
        console.print(f"{name}: {SUBJECTS[name]}", highlight=False)
        with progress(console, name) as tell:
            outcome: Found = importlib.import_module(name).found(tell)
        for table in outcome.tables:
            console.print(f"\n{table}", markup=False, highlight=False, soft_wrap=True)
        if asked.keep:
            keep(PAGE, name, block(name, outcome))
            for file, text in outcome.pictures.items():
                PAGE.with_name(file).write_text(text, encoding="utf-8")
        figures += outcome.figures
    console.print(shown(figures))
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
