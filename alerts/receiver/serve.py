"""Running the receiver: one process on the loopback address, ended by SIGTERM or Ctrl-C."""

import os
import signal
import sys

import uvicorn

from alerts.receiver.app import Receiver, application
from steadyline import settings as settings_module
from steadyline.addresses import listening, local_url
from steadyline.errors import SteadylineError, complain
from steadyline.settings import Settings

DRAIN_SECONDS = 3


def serve(settings: Settings) -> None:
    """Receive notifications until told to end.

    Raises:
        ConfigurationError: the port is taken.
    """
    with listening(settings.ports.receiver, "ports.receiver", settings.listen_address) as listener:
        receiver = Receiver(settings.state.notifications)
        config = uvicorn.Config(
            application(receiver, (settings.hosts.receiver,)),
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        receiver.say(f"receiver: notifications at {local_url(settings.ports.receiver)}, kept in {receiver.path}")
        for ending in (
            signal.SIGTERM,
            signal.SIGINT,
        ):  # uvicorn raises the signal again when it has drained: that is a clean end
            signal.signal(ending, lambda *_: None)
        uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """`python -m alerts.receiver`: settings from the environment, one message for what is wrong."""
    try:
        serve(settings_module.load(os.environ))
    except SteadylineError as error:
        sys.exit(complain(error))
