"""A native stack's programs: killed, stopped for a while, awaited after their restart."""

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import native_stack
import psutil
from fault_alerts import until

from deploy.native import record, stack
from steadyline.addresses import local_url

RESTART_SECONDS = 180
"""A killed Prometheus replays its log before it is ready."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Those of a running stack."""

    on: native_stack.Stack

    def pid(self, name: str) -> int | None:
        """Its process, where there is one."""
        return next((one.pid for one in stack.running(self.on.settings) if one.name == name), None)

    def supervisor(self) -> psutil.Process:
        """The supervisor's process."""
        known = record.read(self.on.settings.state)
        assert known is not None
        assert known.pid is not None
        return psutil.Process(known.pid)

    def kill(self, name: str) -> float:
        """SIGKILL, and wait until the supervisor has it back and it is ready; how many seconds it was away."""
        before = self.pid(name)
        assert before is not None
        began = time.monotonic()
        psutil.Process(before).kill()
        until(f"{name} is another process", lambda: self.pid(name) not in (None, before), RESTART_SECONDS)
        self.await_ready(name)
        return time.monotonic() - began

    def await_ready(self, name: str) -> None:
        """Wait until it answers at its ready page."""
        until(f"{name} is ready", lambda: _ready(local_url(getattr(self.on.settings.ports, name))), RESTART_SECONDS)

    @contextlib.contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """SIGSTOP for a while: it is there and does nothing, as a machine that swaps."""
        pid = self.pid(name)
        assert pid is not None
        process = psutil.Process(pid)
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def log(self, name: str) -> str:
        """What it said so far."""
        path: Path = self.on.settings.state.logs / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", trust_env=False, timeout=2).is_success
    except httpx.HTTPError:
        return False
