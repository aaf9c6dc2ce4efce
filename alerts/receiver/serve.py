"""Running the receiver: one process on the loopback address, ended by SIGTERM or Ctrl-C."""

import asyncio
import os
import signal
import socket
import sys

import uvicorn

from alerts.receiver.app import LARGEST_BODY_BYTES, Receiver, application
from steadyline import settings as settings_module
from steadyline.addresses import listening, local_url
from steadyline.errors import SteadylineError, complain
from steadyline.settings import Settings
from steadyline.web.exposure import Exposure
from steadyline.web.serving import server

DRAIN_SECONDS = 3
_ABOVE = 2
"""The connection takes more than the receiver does, which says that it refused something."""


def serve(settings: Settings) -> None:
    """Receive notifications until told to end.

    Raises:
        ConfigurationError: the port is taken, or the web config is wrong.
    """
    exposure = Exposure.of(settings, "receiver")
    with listening(settings.ports.receiver, "ports.receiver", settings.listen_address) as listener:
        receiver = Receiver(settings.state.notifications)
        serving = server(application(receiver), exposure, DRAIN_SECONDS, _ABOVE * LARGEST_BODY_BYTES)
        url = local_url(settings.ports.receiver, exposure.scheme)
        receiver.say(f"receiver: notifications at {url}, kept in {receiver.path}")
        asyncio.run(_run(serving, listener, receiver))


async def _run(serving: uvicorn.Server, listener: socket.socket, receiver: Receiver) -> None:
    def end() -> None:
        serving.should_exit = True

    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, end)
    listens = asyncio.create_task(receiver.listen())
    await serving.serve(sockets=[listener])
    listens.cancel()


def main() -> None:
    """`python -m alerts.receiver`: settings from the environment, one message for what is wrong."""
    try:
        serve(settings_module.load(os.environ))
    except SteadylineError as error:
        sys.exit(complain(error))
