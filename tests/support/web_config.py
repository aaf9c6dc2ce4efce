"""Web config files as tests write them, and a small server behind one."""

import asyncio
import contextlib
import threading
from pathlib import Path

import bcrypt
import yaml
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from steadyline.addresses import listening
from steadyline.web.exposure import made
from steadyline.web.serving import server

PASSWORD = "correct horse"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
NAME = "exporter"


def write(folder: Path, document) -> Path:
    """The file, written anew; a text as it is."""
    path = folder / "web.yml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document), encoding="utf-8")
    return path


async def _said(_request):
    return PlainTextResponse("said")


@contextlib.contextmanager
def served(file=None, application=None, name=NAME):
    """A server behind the file; its port."""
    exposure = made(file, name)
    serving = server(application or Starlette(routes=[Route("/", _said)]), exposure, 1)
    listener = listening(0, "ports.exporter")
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve(sockets=[listener])))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        serving.should_exit = True
        thread.join()
