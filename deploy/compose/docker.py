"""The program `docker` of this machine: found on PATH, asked in bounded time, its output as it comes."""

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.native.programs import dotted
from steadyline.errors import ConfigurationError, UnreachableError

ENGINE = (20, 10)
"""The oldest engine this was tried with; it builds with BuildKit."""
COMPOSE = (2, 20)
"""The oldest plugin that waits for one-shot services and keeps variables without a value out of containers."""
ANSWER_SECONDS = 8.0
"""Longest wait for an engine that may not be there; one that is takes a tenth of a second."""
ASKED_SECONDS = 60.0
"""Longest wait for an engine that has answered before."""
NATIVE = "--native runs the stack without Docker"
OR_NATIVE = f", or {NATIVE}"
"""Ends what is said of a machine where Docker is not fit: the fault, a semicolon, what to do."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said to its end."""

    code: int
    output: str
    errors: str

    @property
    def last(self) -> str:
        """The last line that says something, of its errors where there are any."""
        lines = [line.strip() for line in (self.errors or self.output).splitlines() if line.strip()]
        return lines[-1] if lines else f"it ended with {self.code} and said nothing"


@dataclass(frozen=True, slots=True)
class Docker:
    """The program, and where it is started.

    Attributes:
        path: its full path.
        folder: where docker-compose.yml lies.
        environ: the environment it gets.
    """

    path: str
    folder: Path
    environ: Mapping[str, str]

    def ask(self, *arguments: str, seconds: float = ASKED_SECONDS) -> Said:
        """Run it to its end.

        Raises:
            UnreachableError: it took longer than it may, or cannot be run.
        """
        try:
            done = subprocess.run(  # noqa: S603  the path comes from PATH, as for any command
                [self.path, *arguments],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
                start_new_session=True,  # Ctrl-C asks us alone, and we end it in order
            )
        except subprocess.TimeoutExpired:
            raise UnreachableError(f"docker {' '.join(arguments[:2])} did not end within {seconds:g} s") from None
        except OSError as error:
            raise UnreachableError(f"{self.path} cannot be run: {error.strerror}") from None
        return Said(done.returncode, done.stdout, done.stderr)

    def follow(self, *arguments: str, line: Callable[[str], None], first_seconds: float, seconds: float) -> Said:
        """Run it to its end, each line shown as it comes; killed where its first line or its end is late."""
        process = subprocess.Popen(  # noqa: S603  as above
            [self.path, *arguments],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

        def end(number: int) -> None:
            with suppress(ProcessLookupError):  # the plugin that it started is of its group
                os.killpg(process.pid, number)

        late = [threading.Timer(limit, end, [signal.SIGKILL]) for limit in (first_seconds, seconds)]
        lines: list[str] = []
        with process:
            try:
                for timer in late:
                    timer.start()
                for text in process.stdout or ():
                    late[0].cancel()
                    lines.append(text)
                    line(text.strip())
                return Said(process.wait(), "", "".join(lines))
            finally:
                for timer in late:
                    timer.cancel()
                if process.returncode is None:
                    end(signal.SIGTERM)


def find(environ: Mapping[str, str], folder: Path) -> Docker:
    """The program on PATH.

    Raises:
        ConfigurationError: there is none.
    """
    path = shutil.which("docker", path=environ.get("PATH"))
    if path is None:
        raise ConfigurationError(f"docker is not on PATH; install Docker Engine with its compose plugin{OR_NATIVE}")
    return Docker(path, folder, environ)


def check(docker: Docker) -> str:
    """The version of the engine that answers.

    Raises:
        UnreachableError: none answers.
        ConfigurationError: it, or the compose plugin, is too old or missing.
    """
    said = docker.ask("version", "--format", "{{.Server.Version}}", seconds=ANSWER_SECONDS)
    if said.code != 0:
        raise UnreachableError(f"no Docker engine answers ({said.last}); start it{OR_NATIVE}")
    engine = _version(said.output)
    if engine < ENGINE:
        raise ConfigurationError(
            f"the Docker engine is version {said.output.strip()}, older than {dotted(ENGINE)}; install a newer one{OR_NATIVE}"
        )
    plugin = docker.ask("compose", "version", "--short", seconds=ANSWER_SECONDS)
    if plugin.code != 0:
        raise ConfigurationError(f"docker has no compose plugin; install docker-compose-plugin{OR_NATIVE}")
    if _version(plugin.output) < COMPOSE:
        raise ConfigurationError(
            f"docker compose is version {plugin.output.strip()}, older than {dotted(COMPOSE)}; install a newer one{OR_NATIVE}"
        )
    return dotted(engine)


def _version(text: str) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found.group().split(".")) if found else ()
