"""The suite runner: what an attempt costs beside bare timing, how long --fast takes, and how far two runs agree."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from paired import Figure, paired
from pydantic import SecretStr

from runner.choice import Chosen
from runner.effort import MOST_ATTEMPTS, Effort
from runner.memory import Ledger
from runner.session import Session
from steadyline.attempt import Attempt
from steadyline.baselines import default_tolerance
from steadyline.edges import own_edges
from steadyline.environment import PREFIX
from steadyline.operation import Operation
from steadyline.outcome import Outcome
from steadyline.recorder import Recorder
from steadyline.target import Target
from steadyline.vocabulary import Driver

OVERHEAD = 3.0
FAST_SECONDS = 60
AGREEING = 0.9
ROUNDS = 50
PAIRS = 31
NOTHING = Operation(name="sql.nothing", tells="x", body=lambda _client, _prepared: None)
KEY = (NOTHING.name, "main")
STEADYLINE = Path(sys.executable).with_name("steadyline")


def figures() -> Iterator[Figure]:
    """Three lines."""
    yield _overhead()
    with tempfile.TemporaryDirectory() as folder:
        yield _fast(Path(folder))
        yield _agreement(Path(folder))


def _recorder() -> Recorder:
    recorder = Recorder(Driver.BENCH)
    recorder.declare(NOTHING, KEY[1], own_edges(0.05, 0.1, [20]))
    return recorder


def _overhead() -> Figure:
    """The runner's own rounds over an operation that does nothing, against two clock calls and the recorder."""
    target = Target(backend="sql", url=SecretStr("sqlite:////nowhere"))
    connection = SimpleNamespace(attempt=lambda clock, on_bug: Attempt(SimpleNamespace(), SimpleNamespace(), clock, on_bug))
    ledger = Ledger()
    session = Session(
        {("sql", KEY[1]): connection},
        (Chosen(NOTHING, KEY[1], target),),
        _recorder(),
        Effort(rounds=ROUNDS),
        random.Random(1),
        ledger,
    )
    session.warm_up()
    session._counts[KEY] = MOST_ATTEMPTS
    bare_recorder, outcome = _recorder(), Outcome(0.00001, None, 1)

    def bare() -> None:
        for _ in range(ROUNDS * MOST_ATTEMPTS):
            start = time.perf_counter()
            time.perf_counter() - start
            bare_recorder.record(*KEY, outcome)

    def rounds() -> None:
        session.measured[KEY].runs.clear()
        session.rounds(session.chosen, ROUNDS)

    with ledger.sampling():
        ratio = paired(rounds, bare, pairs=PAIRS)
    each = 1e6 / (ROUNDS * MOST_ATTEMPTS)
    return Figure(
        "the suite runner's attempt (order, outcome, memory, recorder) / two perf_counter calls and the recorder",
        f"<= {OVERHEAD:g}x",
        f"{ratio.a_over_b:.2f}x ({ratio.a_seconds * each:.2f} us / {ratio.b_seconds * each:.2f} us)",
        ratio.a_over_b <= OVERHEAD,
    )


def _run(folder: Path, name: str, *arguments: str) -> dict[str, object]:
    """One run on targets of its own; its document."""
    file = folder / f"{name}.json"
    environ = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    command = [STEADYLINE, "run", *arguments, "--json", file]
    subprocess.run(command, cwd=folder, env=environ, check=False, capture_output=True, timeout=1800)
    found: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _fast(folder: Path) -> Figure:
    start = time.monotonic()
    found = _run(folder, "fast", "--fast")
    seconds = time.monotonic() - start
    return Figure(
        f"steadyline run --fast, {len(found['operations'])} operations, SQLite and embedded targets",  # type: ignore[arg-type]
        f"<= {FAST_SECONDS} s",
        f"{seconds:.1f} s",
        seconds <= FAST_SECONDS,
    )


def _agreement(folder: Path) -> Figure:
    """Two runs, one after the other: how many operations' means differ by no more than the tolerance."""
    first, second = (_means(_run(folder, name, "--fast")) for name in ("first", "second"))
    both = [(*first[key], second[key][0]) for key in first.keys() & second.keys()]
    close = sum(max(a, b) / min(a, b) <= 1 + tolerance for a, tolerance, b in both)
    return Figure(
        f"two runs of --fast agree within the tolerance, of {len(both)} operations",
        f">= {AGREEING:.0%}",
        f"{close / len(both):.1%}",
        close / len(both) >= AGREEING,
    )


def _means(document: dict[str, object]) -> dict[tuple[str, str], tuple[float, float]]:
    """Mean and tolerance by operation and target."""
    return {
        (row["operation"], row["target"]): (row["mean"], row["tolerance"] or default_tolerance())
        for row in document["operations"]  # type: ignore[attr-defined]
        if row["mean"]
    }
