"""How long a scrape each second keeps a load's greenlets waiting: with our publisher, and with rendering in the hub.

100 names of 40 cells each, 2000 requests a second, one pinned core for Locust and all its processes. A greenlet wakes each
millisecond; what counts is, of each second, the most processor time that others of its process took while it waited, so that
what else runs on the machine does not. The wait by the clock is told beside it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from http_server import free
from load_export import scraping
from paired import Figure

from steadyline.environment import PREFIX

FLOW = Path(__file__).with_name("load_scrape_flow.py")
ASKED = 0.2
ROUNDS = 4
RUN_SECONDS = 10
WAYS = ("ours", "hub", "none")
Waits = list[dict[str, float]]


def figures() -> Iterator[Figure]:
    """One line."""
    found: dict[str, Waits] = {way: [] for way in WAYS}
    scrapes: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(ROUNDS):
            for way in WAYS if turn % 2 else reversed(WAYS):
                port = free()
                with scraping(f"http://127.0.0.1:{port}/metrics") as sizes:
                    found[way] += _waits(Path(folder), way, port)
                scrapes += sizes
    if len(scrapes) < ROUNDS * RUN_SECONDS / 2:
        raise SystemExit("load_scrape: our page was not scraped")
    ours, hub, none = (statistics.median(second["hub"] for second in found[way]) * 1000 for way in WAYS)
    clock = [statistics.median(second["clock"] for second in found[way]) * 1000 for way in WAYS]
    yield Figure(
        "the longest a greenlet waits in a second with a scrape, 100 names: our publisher / rendering in the hub",
        f"<= {ASKED:g}x",
        f"{ours / hub:.2f}x ({ours:.1f} ms / {hub:.1f} ms, without any {none:.1f} ms; by the clock "
        f"{clock[0]:.1f} ms / {clock[1]:.1f} ms, without any {clock[2]:.1f} ms; page of {max(scrapes) / 1000:.0f} kB)",
        ours / hub <= ASKED,
    )


def _waits(folder: Path, way: str, port: int) -> Waits:
    """One run."""
    file = folder / "waits"
    file.unlink(missing_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    core = min(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "locust", "-f", FLOW, "Feeder", "--headless", "--only-summary", "--skip-log-setup"]
    ours = ["--metrics-port", str(port)] if way == "ours" else []
    subprocess.run(
        ["taskset", "--cpu-list", str(core), *command, "--run-time", str(RUN_SECONDS), *ours],
        cwd=folder,
        env=own | {"WAY": way, "WAITS": str(file)},
        check=True,
        capture_output=True,
        timeout=300,
    )
    found: Waits = json.loads(file.read_text(encoding="utf-8"))
    return found
