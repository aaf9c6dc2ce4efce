"""Locust with the locustfile of the shapes, as a program: headless to its end, or with its web page."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from free_ports import free_port

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-m", "locust", "-f", str(HERE / "shaped_locustfile.py"), "--only-summary", "--skip-log-setup"]
TOLD = "told: "
PATIENCE_SECONDS = 60.0
UNTOUCHED = {"user_count": "1", "spawn_rate": "1", "run_time": "", "profile": "", "shape": "constant", "arrival_rate": ""}
"""The form as the page fills it in by itself."""


def environment(**more: str) -> dict[str, str]:
    """Of this process, without options of Locust that a shell may hold."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST", "STEADYLINE"))}
    return {**kept, "PYTHONPATH": str(HERE.parents[1]), **more}


def told(output: str) -> list[dict]:
    """What the locustfile told so far."""
    return [json.loads(line.removeprefix(TOLD)) for line in output.splitlines() if line.startswith(TOLD)]


def headless(*options: str, **more: str) -> list[dict]:
    """Everything that a run told, from its start to its end."""
    command = [*COMMAND, "--headless", *options]
    run = subprocess.run(command, env=environment(**more), capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return told(run.stdout)


class Page:
    """Locust's web page on a free port."""

    def __init__(self, folder: Path, *options: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.output = folder / "output"
        where = ["--web-host", "127.0.0.1", "--web-port", str(port)]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*COMMAND, *where, *options],
                env=environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        self._read = 0
        self.wait_for(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        try:
            return bool(self.get("/"))
        except urllib.error.URLError:
            return False

    def wait_for(self, what) -> None:
        """Ask again and again until it is so."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not what():
            assert time.monotonic() < end, self.output.read_text()
            time.sleep(0.05)

    def get(self, path: str) -> str:
        """The page at a path."""
        with urllib.request.urlopen(self.url + path) as answer:
            return answer.read().decode()

    def post(self, path: str, **fields: str) -> dict:
        """What Locust answers to a form."""
        body = urllib.parse.urlencode(fields).encode()
        with urllib.request.urlopen(self.url + path, data=body) as answer:
            return json.loads(answer.read())

    def swarm(self, **fields: str) -> dict:
        """Post the form; fields that are not given are as the page has them."""
        return self.post("/swarm", **{**UNTOUCHED, **fields})

    def run(self, **fields: str) -> dict:
        """Start a run and stop it again; what it told of itself at the start, and its first users."""
        answer = self.swarm(**fields)
        assert answer["success"], answer
        facts: dict = {}
        while not {"shape_class", "users"} <= facts.keys():
            facts |= self.next_told()
        self.stop()
        return facts

    def stop(self) -> None:
        """Stop the run, and wait until it is over."""
        self.post("/stop")
        while "stopped" not in self.next_told():
            pass

    def next_told(self) -> dict:
        """The next line that was told."""
        self.wait_for(lambda: len(told(self.output.read_text())) > self._read)
        self._read += 1
        return told(self.output.read_text())[self._read - 1]

    def close(self) -> None:
        """End Locust."""
        self.process.terminate()
        self.process.wait(PATIENCE_SECONDS)
