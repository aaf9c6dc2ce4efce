"""Whole load runs as a user starts them: Locust in processes of its own, in an empty folder, on ports of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOCUST = Path(sys.executable).with_name("locust")
LOCUSTFILE = Path(__file__).parents[2] / "load" / "locustfile.py"
END_SECONDS = 90


@dataclass
class Locust:
    """One Locust process.

    Attributes:
        process: it.
        log: what it printed, both ways.
        result: the file for the run's result.
        stats: the file for Locust's own figures.
    """

    process: "subprocess.Popen[str]"
    log: Path
    result: Path
    stats: Path

    def end(self) -> int:
        """Wait for its end; the exit code."""
        return self.process.wait(END_SECONDS)

    @property
    def said(self) -> str:
        """All that it printed so far."""
        return self.log.read_text(encoding="utf-8")

    @property
    def came_to(self) -> dict[str, Any]:
        """The run's result."""
        return json.loads(self.result.read_text(encoding="utf-8"))

    @property
    def told_locust(self) -> int:
        """How many requests Locust itself counted."""
        return sum(entry["num_requests"] for entry in json.loads(self.stats.read_text(encoding="utf-8")))


@dataclass
class Runs:
    """Starts runs that share a folder and a port for /metrics; ends what is left of them."""

    folder: Path
    free_port: Callable[[], int]
    started: list[Locust] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The port is the same for all: two runs at once are two runs on it."""
        self.metrics_port = self.free_port()

    def start(self, *arguments: str, locustfile: Path = LOCUSTFILE, headless: bool = True, **environment: str) -> Locust:
        """Start Locust with these arguments."""
        number = len(self.started)
        files = [self.folder / f"{number}.{kind}" for kind in ("log", "result.json", "stats")]
        command = [str(LOCUST), "-f", str(locustfile), "--only-summary"]
        if "--worker" not in arguments:
            command += ["--metrics-port", str(self.metrics_port), "--result", str(files[1]), "--json-file", str(files[2])]
            command += ["--headless"] if headless else ["--web-host", "127.0.0.1"]
        command += arguments
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("STEADYLINE_", "LOCUST_"))}
        with files[0].open("w") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**environ, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        # Locust adds .json to the name of its file.
        self.started.append(Locust(process, files[0], files[1], files[2].with_suffix(".stats.json")))
        return self.started[-1]

    def distributed(self, workers: int, *arguments: str, **facts: Any) -> tuple[Locust, list[Locust]]:
        """Start a master and workers that meet over the network."""
        meet = str(self.free_port())
        there = ("--master-bind-host", "127.0.0.1", "--master-bind-port", meet, "--expect-workers", str(workers))
        master = self.start("--master", *there, *arguments, **facts)
        asked = {name: fact for name, fact in facts.items() if name != "headless"}
        return master, [
            self.start("--worker", "--master-host", "127.0.0.1", "--master-port", meet, **asked) for _ in range(workers)
        ]

    def end(self) -> None:
        """Kill what still runs, with its children."""
        for one in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()


class _Answering(BaseHTTPRequestHandler):
    """Answers every request by its path's first part: /500/… with 500, /ok/… with 200; /never/… never."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/never/"):
            self.rfile.read(1)  # until the client goes
            self.close_connection = True
            return
        status = int(self.path.split("/")[1]) if self.path.split("/")[1].isdigit() else 200
        body = b"answered\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_facts: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def answering() -> Iterator[str]:
    """A server that answers what it is asked to; its base URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answering) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
