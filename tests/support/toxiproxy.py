"""Shopify's Toxiproxy: a TCP proxy before each target, which a test makes refuse, hang, delay, or lead elsewhere."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import free_ports
import go_program
import httpx
import tenacity

MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0"
_TOXIC = "fault"
"""Each proxy has one at most."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """The way to one target.

    Attributes:
        name: of the proxy.
        port: where it listens, on 127.0.0.1.
        behind: host and port of the target.
        control: asks Toxiproxy.
    """

    name: str
    port: int
    behind: str
    control: httpx.Client

    @property
    def url(self) -> str:
        """Where to ask instead of the target."""
        return f"http://127.0.0.1:{self.port}"

    def hang(self) -> None:
        """Accept, and never answer."""
        self._poison("timeout", timeout=0)

    def delay(self, seconds: float) -> None:
        """Hold each answer back for so long."""
        self._poison("latency", latency=round(seconds * 1000))

    def refuse(self) -> None:
        """Break the connections that there are, and take none."""
        self._change(enabled=False)

    def break_connections(self) -> None:
        """Break those that there are."""
        self.refuse()
        self._change(enabled=True)

    def lead_to(self, url: str) -> None:
        """Break the connections that there are, and lead new ones to another server."""
        self._change(upstream=urlsplit(url).netloc)

    def mend(self) -> None:
        """As at the beginning."""
        self.control.delete(f"/proxies/{self.name}/toxics/{_TOXIC}")
        self._change(enabled=True, upstream=self.behind)

    def _poison(self, kind: str, **attributes: int) -> None:
        toxic = {"name": _TOXIC, "type": kind, "stream": "downstream", "attributes": attributes}
        self.control.post(f"/proxies/{self.name}/toxics", json=toxic).raise_for_status()

    def _change(self, **facts: Any) -> None:
        self.control.post(f"/proxies/{self.name}", json=facts).raise_for_status()


@dataclass(frozen=True, slots=True)
class Toxiproxy:
    """A running one.

    Attributes:
        control: asks it.
    """

    control: httpx.Client

    def before(self, name: str, url: str) -> Proxy:
        """A new proxy before the target at the URL."""
        proxy = Proxy(name, free_ports.free_port(), urlsplit(url).netloc.rpartition("@")[2], self.control)
        facts = {"name": name, "listen": f"127.0.0.1:{proxy.port}", "upstream": proxy.behind, "enabled": True}
        self.control.post("/proxies", json=facts).raise_for_status()
        return proxy


@contextmanager
def running(folder: Path) -> Iterator[Toxiproxy]:
    """Run it on a free port; skips where it cannot be had."""
    program = go_program.built("toxiproxy-server", MODULE)
    port = free_ports.free_port()
    log = folder / "toxiproxy.log"
    with log.open("wb") as said:
        environ = {**os.environ, "LOG_LEVEL": "warn"}
        command = [program, "-host", "127.0.0.1", "-port", str(port)]
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environ)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as control:
            _wait(control, log)
            yield Toxiproxy(control)
    finally:
        process.terminate()
        process.wait(timeout=30)


@tenacity.retry(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.1), reraise=True)
def _wait(control: httpx.Client, log: Path) -> None:
    try:
        control.get("/version").raise_for_status()
    except httpx.HTTPError as error:
        raise AssertionError(log.read_text()) from error
