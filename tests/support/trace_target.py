"""The Trace API in this process, on a free port and a database of the test's own."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from targets.serving import listening, make_server
from targets.trace.app import make_app
from targets.trace.model import make_engine, make_tables


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application as the target serves its own; the base URL. It may be asked at once."""
    with listening(0) as listener:
        server = make_server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def trace_api(database: str, **facts: Any) -> Iterator[str]:
    """The Trace API over a database; facts are `make_app`'s. The base URL."""
    engine = make_engine(database)
    make_tables(engine)
    try:
        with serving(make_app(engine, **facts)) as url:
            yield url
    finally:
        engine.dispose()
