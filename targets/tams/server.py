"""The TAMS API as a process: everything that can be wrong is found before it listens, and told in one message."""

import argparse
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from targets.secret_files import with_secrets
from targets.serving import (
    ADDRESS,
    BACKEND,
    CannotStart,
    add_address,
    add_faults,
    check_address,
    listening,
    serve_until_signalled,
)
from targets.tams import database, media
from targets.tams.app import make_app
from targets.tams.database import Database
from targets.tams.janitor import Janitor
from targets.tams.locks import Locks
from targets.tams.media import Media
from targets.tams.moments import now
from targets.tams.reasons import FAILURES, Reason, s3_reason, vast_reason
from targets.tams.settings import SECRETS, Settings, read_settings

PORT = 8001
WAIT_SECONDS = 30.0
"""How long VAST DB and S3 may take to be there, since they may have been started together with this."""
_PAUSE_SECONDS = 0.25

T = TypeVar("T")


def serve(
    settings: Settings,
    port: int = PORT,
    *,
    address: str = ADDRESS,
    allow_faults: bool = False,
    faults_from_anywhere: bool = False,
    wait_seconds: float = WAIT_SECONDS,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is under way.

    Args:
        settings: of both backends.
        port: where; 0 takes a free one.
        address: on which address.
        allow_faults: serve fault control.
        faults_from_anywhere: control from other hosts too.
        wait_seconds: how long to wait for the backends.

    Raises:
        CannotStart: busy port, a backend that is not there or refuses; nothing was started.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="tams: %(message)s")
    for name in ("vastdb", "backoff"):  # the SDK logs whole tracebacks of what is answered, and told in one line, here
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with listening(port, address) as listener, ExitStack() as stack:
        tables = stack.enter_context(opened_database(settings, wait_seconds))
        bucket = stack.enter_context(opened_media(settings, wait_seconds))
        janitor = stack.enter_context(working(Janitor(tables, bucket, Locks(), now)))
        app = make_app(tables, bucket, janitor, allow_faults=allow_faults, faults_from_anywhere=faults_from_anywhere)
        told = f"tams: http://{address}:{listener.getsockname()[1]} on {_shown(settings)}"
        serve_until_signalled(app, listener, told)


def _shown(settings: Settings) -> str:
    vast, s3 = settings.vast, settings.s3
    return f"VAST DB {vast.endpoint} {vast.bucket}/{vast.schema}, S3 {s3.endpoint} {s3.bucket}"


@contextmanager
def opened_database(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> Iterator[Database]:
    """The tables, made where they are missing; CannotStart in a sentence when VAST DB cannot be used."""
    place = settings.vast
    tables = _awaited(lambda: database.connect(place), vast_reason, f"VAST DB {place.endpoint}", wait_seconds)
    try:
        yield tables
    finally:
        tables.close()


@contextmanager
def opened_media(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> Iterator[Media]:
    """The bucket, made where it is missing; CannotStart in a sentence when S3 cannot be used."""
    place = settings.s3
    bucket = _awaited(lambda: media.open_media(place), s3_reason, f"S3 {place.endpoint}", wait_seconds)
    try:
        yield bucket
    finally:
        bucket.close()


@contextmanager
def working(janitor: Janitor) -> Iterator[Janitor]:
    """Let the janitor work, and events be sent, in threads of their own meanwhile."""
    threads = [threading.Thread(target=one.run, name=type(one).__name__) for one in (janitor, janitor.notifications)]
    for thread in threads:
        thread.start()
    try:
        yield janitor
    finally:
        janitor.end()
        janitor.notifications.end()
        for thread in threads:
            thread.join()


def _awaited(opened: Callable[[], T], reason: Callable[[Exception], Reason], name: str, wait_seconds: float) -> T:
    """Open a backend, again and again while it is not there yet; what waiting cannot mend is told at once."""
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return opened()
        except FAILURES as error:
            why = reason(error)
            if not why.may_pass or time.monotonic() >= deadline:
                raise CannotStart(f"{name}: {why.text}", BACKEND) from None
        time.sleep(_PAUSE_SECONDS)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Entry point of `python -m targets.tams`; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m targets.tams",
        description="Serve the TAMS API over VAST DB (VAST_…) and S3 (S3_… in the environment).",
    )
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--s3-public-url", help="what presigned URLs point at (default: S3_ENDPOINT_URL)")
    parser.add_argument(
        "--wait", type=float, default=WAIT_SECONDS, help="seconds to wait for VAST DB and S3 (default: %(default)s)"
    )
    add_address(parser)
    add_faults(parser)
    said = parser.parse_args(arguments)
    try:
        check_address(said.listen_address, anonymous=said.anonymous)
        settings = read_settings(with_secrets(environ, SECRETS), said.s3_public_url)
        serve(
            settings,
            said.port,
            address=said.listen_address,
            allow_faults=said.allow_faults,
            faults_from_anywhere=said.faults_from_anywhere,
            wait_seconds=said.wait,
        )
    except CannotStart as reason:
        print(f"tams: {reason}", file=sys.stderr)  # noqa: T201 - this is a command line
        return reason.exit_code
    except KeyboardInterrupt:  # while it waits for its backends; afterwards the signal ends the serving
        return 0
    return 0
