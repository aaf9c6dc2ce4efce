"""Running the exporter: one process on the loopback address, reloaded by SIGHUP, drained by SIGTERM or Ctrl-C."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping

import uvicorn

from exporters import plan
from exporters.ending import ANSWER_SECONDS
from exporters.exporter import Exporter
from exporters.plan import Plan
from exporters.web import application
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.addresses import listening
from steadyline.baselines import known_baselines
from steadyline.errors import ConfigurationError, SteadylineError
from steadyline.redaction import redact as without_secrets

LOG = logging.getLogger(__name__)
KEEP_ALIVE_SECONDS = 15
"""Longer than the scrape interval, so that Prometheus keeps its connection."""
CONNECTIONS = 64
"""More at a time are answered 503: a flood costs no attempt its punctuality."""
ENDING = (signal.SIGTERM, signal.SIGINT)


class _Server(uvicorn.Server):
    """Uvicorn with our signals: its own would end the process before the targets are cleaned."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Lines(logging.Formatter):
    """One line a record (a traceback adds its own), without any target's secret, nor one in the URL of a target unknown yet.

    Args:
        redact: takes out the secrets of the targets that are known.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        """Redact by this and by the general rules."""
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The message on one line."""
        return super().formatMessage(record).replace("\n", " | ")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback where there is one."""
        return without_secrets(self._redact(super().format(record)))


def read_plan(environ: Mapping[str, str]) -> Plan:
    """Settings, baselines and catalogue as they are now.

    Raises:
        ConfigurationError: any of them is wrong.
    """
    settings = settings_module.load(environ)
    return plan.make(settings, known_baselines(settings.state), catalogue)


def serve(environ: Mapping[str, str]) -> None:
    """Ask and answer until told to end, then clean up.

    Raises:
        ConfigurationError: settings or baselines are wrong, or the port is busy; nothing was started.
    """
    exporter = Exporter(lambda: read_plan(environ))
    _log_to_stderr(exporter.redact)
    with listening(settings_module.load(environ).ports.exporter, "ports.exporter") as listener:
        try:
            asyncio.run(_run(exporter, listener))
        finally:
            exporter.close()
    LOG.info("ended")


def _log_to_stderr(redact: Callable[[str], str]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(redact))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def server_of(exporter: Exporter) -> uvicorn.Server:
    """The web server over one exporter; it leaves signals alone."""
    return _Server(
        uvicorn.Config(
            application(exporter),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=ANSWER_SECONDS,
            limit_concurrency=CONNECTIONS,
        )
    )


async def _run(exporter: Exporter, listener: socket.socket) -> None:
    server = server_of(exporter)

    def end() -> None:
        exporter.schedule.stop()
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for ending in ENDING:
        loop.add_signal_handler(ending, end)
    loop.add_signal_handler(signal.SIGHUP, lambda: threading.Thread(target=_reload, args=(exporter,), daemon=True).start())
    await asyncio.to_thread(exporter.open)
    if server.should_exit:
        return
    exporter.start()
    LOG.info("metrics at http://%s:%d/metrics", *listener.getsockname())
    await server.serve(sockets=[listener])


def _reload(exporter: Exporter) -> None:
    try:
        exporter.reload()
    except ConfigurationError as error:
        for fault in error.faults:
            LOG.error("reload refused, the earlier settings hold: %s", fault)  # noqa: TRY400 - a fault needs no traceback
    else:
        LOG.info("reloaded")


def main() -> None:
    """`python -m exporters`: settings from the environment, one message for what is wrong."""
    try:
        serve(os.environ)
    except SteadylineError as error:
        for fault in error.faults if isinstance(error, ConfigurationError) else [str(error)]:
            print(f"steadyline: {fault}", file=sys.stderr)  # noqa: T201 - rich would cost this process more than itself
        sys.exit(error.exit_code)
