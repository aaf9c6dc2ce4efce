"""HTTP load: our user's requests per second beside FastHttpUser's and k6's, over HTTP and HTTPS, on one pinned core.

The server counts: nginx, on another core, says how many requests it answered in a window of a running generator, and the
system how much processor time the generator's core gave it meanwhile. A rate is requests per second of that time, so a
core that others use, too, measures the same. Each generator checks status and body of every answer, and stops at a
wrong one.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
from http_server import BODY, PATH, Server, program, serving
from paired import Figure

USERS = 50
WARM_SECONDS = 1.0
START_SECONDS = 30
"""FastHttpUser reads the system's certificates for each user."""
WINDOW_SECONDS = 4.0
ROUNDS = 5
OVER_FAST = 2.5
OVER_K6 = 1.2
FLOW = Path(__file__).with_name("http_load_flow.py")
SCRIPT = Path(__file__).with_name("http_load_k6.js")


@dataclass(frozen=True, slots=True)
class Rate:
    """What one window showed.

    Attributes:
        per_core: requests per second of the generator's processor time.
        per_second: requests per second.
    """

    per_core: float
    per_second: float


def figures() -> Iterator[Figure]:
    """Two lines for HTTP, two for HTTPS; those beside k6 are missing where k6 is."""
    nginx, k6 = program(), _k6()
    if nginx is None:
        yield _missing("everything", "no nginx")
        return
    generators = {"ours": _locust("QuickHttpUser"), "FastHttpUser": _locust("FastHttpUser")}
    if k6:
        generators["k6"] = _k6_command(k6)
    with tempfile.TemporaryDirectory() as folder, serving(nginx, Path(folder), core=_cores()[-1]) as server:
        for scheme, url in (("HTTP", server.plain), ("HTTPS", server.secure)):
            rounds = [_round(generators, server, url, turn) for turn in range(ROUNDS)]
            yield _beside("FastHttpUser", OVER_FAST, scheme, rounds)
            yield _beside("k6", OVER_K6, scheme, rounds) if k6 else _missing(f"k6, {scheme}", "no k6, and no Go to build it")


def _round(generators: dict[str, Callable[[str], list[str]]], server: Server, url: str, turn: int) -> dict[str, Rate]:
    """Each generator once, in an order that changes from round to round."""
    names = list(generators)
    order = names[turn % len(names) :] + names[: turn % len(names)]
    return {name: _rate(generators[name](url), server) for name in (order if turn % 2 else reversed(order))}


def _rate(command: list[str], server: Server) -> Rate:
    """A window of a running generator."""
    with tempfile.TemporaryFile() as said, _running(command, said) as process:
        _wait_for_users(process, server)
        requests, used, start = server.answered(), _used(process), time.perf_counter()
        time.sleep(WINDOW_SECONDS)
        requests, used, seconds = server.answered() - requests, _used(process) - used, time.perf_counter() - start
        if process.poll() is not None or requests < USERS:
            said.seek(0)
            raise SystemExit(f"{command[0]} did not run: {said.read(2000).decode()}")
    return Rate(requests / used, requests / seconds)


def _wait_for_users(process: subprocess.Popen[bytes], server: Server) -> None:
    """Until every user is connected, and a little more."""
    end = time.monotonic() + START_SECONDS
    while server.connected() < USERS and process.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(WARM_SECONDS)


def _used(process: subprocess.Popen[bytes]) -> float:
    """A process's processor time, seconds."""
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system


@contextmanager
def _running(command: list[str], said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "GOMAXPROCS": "1", "BODY": BODY}
    pinned = ["taskset", "--cpu-list", str(_cores()[0]), *command]
    process = subprocess.Popen(pinned, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def _locust(user: str) -> Callable[[str], list[str]]:
    def command(url: str) -> list[str]:
        shown = ["--headless", "--only-summary", "--skip-log-setup"]
        return [
            sys.executable,
            "-m",
            "locust",
            "-f",
            str(FLOW),
            user,
            "-u",
            str(USERS),
            "-r",
            str(USERS),
            "--host",
            url,
            *shown,
        ]

    return command


def _k6() -> str | None:
    """Where k6 is: on the path, where Go puts what it builds, or built now where there is Go."""
    built = Path.home() / "go" / "bin" / "k6"
    found = shutil.which("k6") or (str(built) if built.exists() else None)
    if found is None and (go := shutil.which("go")):
        subprocess.run([go, "install", "go.k6.io/k6@latest"], check=False, timeout=900)
        found = str(built) if built.exists() else None
    return found


def _k6_command(k6: str) -> Callable[[str], list[str]]:
    def command(url: str) -> list[str]:
        quiet = ["--quiet", "--no-summary", "--no-usage-report", "--insecure-skip-tls-verify"]
        return [k6, "run", "--vus", str(USERS), "--duration", "1h", *quiet, "--env", f"URL={url}{PATH}", str(SCRIPT)]

    return command


def _beside(other: str, wanted: float, scheme: str, rounds: list[dict[str, Rate]]) -> Figure:
    ratio = statistics.median(found["ours"].per_core / found[other].per_core for found in rounds)
    ours, theirs = (statistics.median(found[name].per_core for found in rounds) for name in ("ours", other))
    seen = statistics.median(found["ours"].per_second for found in rounds)
    return Figure(
        f"our HTTP user's requests per second of one core / {other}'s, {USERS} users, {scheme}",
        f">= {wanted:g}x",
        f"{ratio:.2f}x ({ours / 1000:.1f} k/s / {theirs / 1000:.1f} k/s; {seen / 1000:.1f} k/s by the clock)",
        ratio >= wanted,
    )


def _missing(what: str, why: str) -> Figure:
    return Figure(f"our HTTP user's requests per second of one core / {what}", "a ratio", f"not measured: {why}", reached=True)
