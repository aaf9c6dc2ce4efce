"""The VAST DB endpoint as a process: everything that can be wrong is found before it listens, and told in one message."""

import argparse
import contextlib
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.abc import MetaPathFinder
from pathlib import Path
from urllib.parse import urlsplit

from targets.faults import Faults, Stretched
from targets.secret_files import with_secrets
from targets.serving import ADDRESS, USAGE, CannotStart, add_address, add_faults, listening, serve_until_signalled
from targets.vast.app import VastApp
from targets.vast.catalogue import Catalogue
from targets.vast.changes import BucketCreated
from targets.vast.checkpoints import locked, restored
from targets.vast.connection import Connection
from targets.vast.endpoint import Endpoint
from targets.vast.journal import DirectoryJournal
from targets.vast.objects import ObjectStore
from targets.vast.signature import Keys
from targets.vast.system import SystemBuckets
from targets.vast.transactions import EXPIRES_SECONDS, Transactions

PORT = 9001
ACCESS_KEY_VARIABLE = "VAST_ACCESS_KEY"
SECRET_KEY_VARIABLE = "VAST_SECRET_KEY"  # noqa: S105 - the variable's name
_NANOSECONDS_PER_TXID = 1000
"""Transaction ids begin with the time of the start, and fewer are given out than time passes: so none is given out again."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        port: where; 0 takes a free one.
        directory: where commits are kept; None keeps them in memory.
        buckets: made at the start.
        s3_url: the S3 store behind the endpoint, if there is one.
        transaction_seconds: how long a transaction may be idle.
        allow_faults: serve fault control.
        address: on which address.
        faults_from_anywhere: control from other hosts too.
    """

    port: int = PORT
    directory: Path | None = None
    buckets: tuple[str, ...] = ()
    s3_url: str | None = None
    transaction_seconds: float = EXPIRES_SECONDS
    allow_faults: bool = False
    address: str = ADDRESS
    faults_from_anywhere: bool = False


def serve(options: Options, environ: Mapping[str, str]) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is under way.

    Raises:
        CannotStart: usage, no keys, busy port, a directory that cannot be used; nothing was started.
    """
    keys = _keys(environ)
    _check(options)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listening(options.port, options.address))
        catalogue, journal = _opened(options, stack)
        transactions = Transactions(
            catalogue,
            journal=journal,
            expires_seconds=options.transaction_seconds,
            first_txid=time.time_ns() // _NANOSECONDS_PER_TXID,
        )
        if journal is not None:
            journal.checkpoint_from(lambda: transactions.newest)
        store = ObjectStore(options.s3_url, keys) if options.s3_url else None
        endpoint = Endpoint(keys, transactions, SystemBuckets(), store)
        faults = Faults(anywhere=options.faults_from_anywhere) if options.allow_faults else None
        app = Stretched(VastApp(endpoint, transactions, store, journal), faults)
        place = options.directory or "memory"
        told = f"vast: http://{options.address}:{listener.getsockname()[1]} in {place}"
        http = partial(Connection, endpoint=endpoint, faults=faults)
        serve_until_signalled(app, listener, told, http=http, lifespan="on")


class _WithoutPandas(MetaPathFinder):
    """Where pandas is installed, pyarrow imports it with its first array: most of a second and 50 MB, for nothing here."""

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> None:
        """Find every module but that one."""
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)


def _opened(options: Options, stack: contextlib.ExitStack) -> tuple[Catalogue, DirectoryJournal | None]:
    """What there is at the start, the asked buckets made, and where commits are kept."""
    catalogue, journal = Catalogue(), None
    if options.directory is not None:
        stack.enter_context(locked(options.directory))
        catalogue, number = restored(options.directory)
        try:
            journal = DirectoryJournal(options.directory, number)
            if made := _missing(options.buckets, catalogue):
                journal.keep(made)
        except OSError as error:
            raise CannotStart(f"--directory {options.directory}: cannot be written: {error.strerror}", USAGE) from None
    for bucket in _missing(options.buckets, catalogue):
        catalogue = bucket.applied(catalogue)
    return catalogue, journal


def _missing(buckets: Sequence[str], catalogue: Catalogue) -> list[BucketCreated]:
    return [BucketCreated(bucket) for bucket in dict.fromkeys(buckets) if bucket not in catalogue.buckets]


def _keys(environ: Mapping[str, str]) -> Keys:
    access, secret = environ.get(ACCESS_KEY_VARIABLE), environ.get(SECRET_KEY_VARIABLE)
    if not access or not secret:
        raise CannotStart(
            f"no keys: set {ACCESS_KEY_VARIABLE} and {SECRET_KEY_VARIABLE}; requests are signed with them", USAGE
        )
    return Keys({access: secret})


def _check(options: Options) -> None:
    if not options.transaction_seconds > 0:  # nan is neither
        raise CannotStart("--transaction-seconds has to be above 0", USAGE)
    for bucket in options.buckets:
        if not bucket or "/" in bucket or bucket in SystemBuckets.names:
            raise CannotStart(
                f"--bucket {bucket}: no name for a bucket; it is not empty, has no slash, and is not the endpoint's own", USAGE
            )
    if options.s3_url is not None:
        parts = urlsplit(options.s3_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise CannotStart("--s3-url has to be http://HOST:PORT, without a path", USAGE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `python -m targets.vast`; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m targets.vast",
        description="Serve a VAST DB endpoint.",
        epilog=f"The keys are read from the environment: {ACCESS_KEY_VARIABLE} and {SECRET_KEY_VARIABLE} (or _FILE).",
    )
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--directory", type=Path, help="keep what is committed here; without it, in memory only")
    parser.add_argument("--bucket", action="append", default=[], help="make this bucket at the start; may be repeated")
    parser.add_argument("--s3-url", help="the S3 store behind the endpoint, such as http://127.0.0.1:9000")
    parser.add_argument(
        "--transaction-seconds",
        type=float,
        default=EXPIRES_SECONDS,
        help="a transaction ends so long after its last request",
    )
    add_address(parser)
    add_faults(parser)
    said = parser.parse_args(arguments)
    sys.meta_path.insert(0, _WithoutPandas())
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="vast: %(message)s")
    options = Options(
        said.port,
        said.directory,
        tuple(said.bucket),
        said.s3_url,
        said.transaction_seconds,
        said.allow_faults,
        said.listen_address,
        said.faults_from_anywhere,
    )
    try:
        serve(options, with_secrets(os.environ, (SECRET_KEY_VARIABLE,)))
    except CannotStart as reason:
        print(f"vast: {reason}", file=sys.stderr)  # noqa: T201 - this is a command line
        return reason.exit_code
    return 0
