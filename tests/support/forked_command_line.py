"""The command line many times over for the price of one start: a process that has imported it all forks for each command.

Each command has a process of its own, as a user's has; only what importing costs is paid once.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended.

    Attributes:
        code: its exit code.
        text: what it printed, standard output and standard error as they came.
    """

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Forked:
    """The process that forks.

    Attributes:
        process: it.
        log: where a command's output goes before it is read.
    """

    process: "subprocess.Popen[str]"
    log: Path

    def run(self, arguments: list[str], folder: Path, environ: Mapping[str, str], seconds: float = 120) -> Said:
        """Run `steadyline` with these arguments to its end; past the time it is killed, with exit code 124."""
        asked = {
            "arguments": arguments,
            "folder": str(folder),
            "environ": dict(environ),
            "log": str(self.log),
            "seconds": seconds,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answered = self.process.stdout.readline()
        assert answered, "the process that forks has ended; its standard error says why"
        return Said(json.loads(answered), self.log.read_text(errors="replace"))


@contextlib.contextmanager
def forked(folder: Path) -> Iterator[Forked]:
    """The process that forks, until the end; folder is for its output."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Forked(process, folder / "said")
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)


def _serve() -> None:
    """Import, then answer one line with one exit code, until there are no more."""
    from steadyline import heap  # noqa: PLC0415
    from steadyline.cli import main as command_line  # noqa: PLC0415

    app = command_line.build()
    heap.settle()  # a child that looked through all that is here would copy it
    command_line.build = lambda names=(): app  # noqa: ARG005 - main names one, and all are there
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(asked)
            command_line.main()
            sys.exit(0)
        sys.stdout.write(f"{json.dumps(_code(child, asked['seconds']))}\n")
        sys.stdout.flush()


def _become(asked: dict[str, Any]) -> None:
    """In the child: where, with what, and where to."""
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environ"], PWD=asked["folder"])
    written = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["steadyline", *asked["arguments"]]


def _code(child: int, seconds: float) -> int:
    """Wait for it by its process descriptor, which is readable once it has ended."""
    import select  # noqa: PLC0415
    import signal  # noqa: PLC0415

    watched = os.pidfd_open(child)
    in_time = bool(select.select([watched], [], [], seconds)[0])
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(watched)
    return os.waitstatus_to_exitcode(status) if in_time else 124


if __name__ == "__main__":
    _serve()
