"""Running the exporter: one process on the loopback address, reloaded by SIGHUP, drained by SIGTERM or Ctrl-C."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping

import uvicorn

from exporters import plan
from exporters.ending import ANSWER_SECONDS
from exporters.exporter import Exporter
from exporters.lines import Lines
from exporters.plan import Plan
from exporters.web import application
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.addresses import listening
from steadyline.baselines import known_baselines
from steadyline.errors import ConfigurationError, SteadylineError, complain
from steadyline.web.exposure import Exposure, made
from steadyline.web.serving import server

LOG = logging.getLogger(__name__)
ENDING = (signal.SIGTERM, signal.SIGINT)


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
        ConfigurationError: settings, web config or baselines are wrong, or the port is busy; nothing was started.
    """
    settings = settings_module.load(environ)
    exporter = Exporter(lambda: read_plan(environ), unscraped=settings.state.unscraped)
    _log_to_stderr(exporter.redact)
    exposure = Exposure.of(settings, "exporter")
    exporter.run.web = exposure.held
    with listening(settings.ports.exporter, "ports.exporter", settings.listen_address) as listener:
        try:
            asyncio.run(_run(exporter, listener, exposure))
        finally:
            exporter.close()
    LOG.info("ended")


def _log_to_stderr(redact: Callable[[str], str]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(redact))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def server_of(exporter: Exporter, exposure: Exposure | None = None) -> uvicorn.Server:
    """The web server over one exporter; it leaves signals alone."""
    return server(application(exporter), exposure or made(None, "exporter"), ANSWER_SECONDS)


async def _run(exporter: Exporter, listener: socket.socket, exposure: Exposure) -> None:
    serving = server_of(exporter, exposure)

    def end() -> None:
        exporter.schedule.stop()
        serving.should_exit = True

    loop = asyncio.get_running_loop()
    for ending in ENDING:
        loop.add_signal_handler(ending, end)
    loop.add_signal_handler(signal.SIGHUP, lambda: threading.Thread(target=_reload, args=(exporter,), daemon=True).start())
    await asyncio.to_thread(exporter.open)
    if serving.should_exit:
        return
    exporter.start()
    LOG.info("metrics at %s://%s:%d/metrics", exposure.scheme, *listener.getsockname())
    await serving.serve(sockets=[listener])


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
        sys.exit(complain(error))
