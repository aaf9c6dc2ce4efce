"""One program of the native stack: how it is started, where it listens, how one knows that it is ready."""

from dataclasses import dataclass, field
from typing import Any

from steadyline.addresses import LOOPBACK, local_url
from steadyline.web_client import WebClient

HOST = LOOPBACK


@dataclass(frozen=True, slots=True)
class Web:
    """How a program is asked: the servers of ours may have a web config.

    Attributes:
        scheme: http or https.
        client: who asks.
    """

    scheme: str = "http"
    client: WebClient = field(default_factory=WebClient)

    def asking(self) -> dict[str, Any]:
        """What httpx is told.

        Raises:
            ConfigurationError: a file cannot be used.
        """
        return self.client.asking(self.scheme)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that the supervisor runs.

    Attributes:
        name: its name in messages, in the log's file name and in `settings.ports`.
        command: what is run; no secret is ever in it.
        port: where it listens.
        watch: a part of its command line that no other process has, by which the exporter finds it.
        opens: the path to open in a browser; of several, the first that the installed version has.
        tells: what one sees there.
        quiet_stdout: its standard output is a file of its own, for `up` to follow; the rest is in the log.
        stop_seconds: how long it may take to stop before it is killed.
        web: how it is asked.
        stage: programs of one stage start side by side, once all of the stages before are ready.
    """

    name: str
    command: tuple[str, ...]
    port: int
    watch: str
    opens: tuple[str, ...]
    tells: str
    quiet_stdout: bool = False
    stop_seconds: int = 20
    stage: int = 0
    web: Web = field(default_factory=Web)

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return local_url(self.port, self.web.scheme)

    @property
    def urls(self) -> tuple[str, ...]:
        """What to open: the first that is there."""
        return tuple(self.base_url + path for path in self.opens)

    @property
    def ready_url(self) -> str:
        """Answers 200 once it is ready."""
        return f"{self.base_url}/-/ready"
