"""A native stack of its own in an empty folder on free ports, for what is tested or measured on a running one."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from free_ports import free_port

from steadyline import settings as settings_module
from steadyline.environment import PREFIX
from steadyline.settings import Ports, Settings

STEADYLINE = Path(sys.executable).with_name("steadyline")


@dataclass(frozen=True, slots=True)
class Stack:
    """Where it runs, and how to call it.

    Attributes:
        folder: the working folder; its state is under `.steadyline/`.
        environ: the environment that names its ports.
        settings: what that environment means.
    """

    folder: Path
    environ: dict[str, str]
    settings: Settings

    def run(
        self, *arguments: str, timeout_seconds: float = 300, accepted: Collection[int] = (0,)
    ) -> "subprocess.CompletedProcess[str]":
        """Run the command line in its folder.

        Raises:
            RuntimeError: it ended with another exit code than is accepted; with what it said.
        """
        command = [str(STEADYLINE), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False, timeout=timeout_seconds
        )
        if done.returncode not in accepted:
            raise RuntimeError(f"steadyline {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done


@contextlib.contextmanager
def empty() -> Iterator[Stack]:
    """An empty folder and free ports; whatever was started there is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="steadyline-") as folder:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        ports = {name: free_port() for name in Ports.model_fields}
        environ = clean | {f"STEADYLINE_PORTS_{name.upper()}": str(port) for name, port in ports.items()}
        environ |= {"STEADYLINE_STATE_DIR": str(Path(folder) / ".steadyline")}
        stack = Stack(Path(folder), environ, settings_module.load(environ))
        try:
            yield stack
        finally:
            stack.run("down")


@contextlib.contextmanager
def running() -> Iterator[Stack]:
    """The same, with the stack up and ready."""
    with empty() as stack:
        stack.run("up", "--native", "--detach")
        yield stack
