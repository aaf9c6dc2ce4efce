"""Commands that write into targets which are looked at from outside, each killed in the middle with all that it started."""

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from fault_alerts import until
from native_stack import STEADYLINE
from system import System, naming

BEGUN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Suites:
    """A folder with state of its own, and the far ends that are asked.

    Attributes:
        folder: where the commands run.
        systems: one far end for each backend.
    """

    folder: Path
    systems: Sequence[System]

    @property
    def environ(self) -> dict[str, str]:
        """Names the far ends, and nothing else."""
        return naming(self.systems)

    def artefacts(self) -> int:
        """How many things lie in all far ends together; what is locked just then is looked at later."""
        with contextlib.suppress(Exception):
            return sum(sum(system.artefacts().values()) for system in self.systems)
        return 0

    @contextlib.contextmanager
    def begun(self, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A command that has written something; whatever is left of it ends, by SIGKILL."""
        before = self.artefacts()
        with (self.folder / "said").open("ab") as said:
            process = subprocess.Popen(
                [str(STEADYLINE), *arguments], cwd=self.folder, env=self.environ, stdout=said, stderr=said
            )
        try:
            until(
                f"steadyline {' '.join(arguments)} writes",
                lambda: process.poll() is not None or self.artefacts() > before,
                BEGUN_SECONDS,
            )
            assert process.poll() is None, (self.folder / "said").read_text()
            yield process
        finally:
            kill_all(process)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        command = [str(STEADYLINE), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=300, check=False
        )


def kill_all(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to it and to all that it started, at once: nothing can clean up."""
    with contextlib.suppress(psutil.NoSuchProcess):
        started = psutil.Process(process.pid).children(recursive=True)
        for one in (psutil.Process(process.pid), *started):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()
