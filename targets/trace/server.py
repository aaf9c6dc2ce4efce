"""The Trace API as a process: everything that can be wrong is found before it listens, and told in one message."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from targets.serving import (
    ADDRESS,
    BACKEND,
    USAGE,
    CannotStart,
    add_address,
    add_faults,
    check_address,
    listening,
    serve_until_signalled,
)
from targets.trace.app import make_app
from targets.trace.model import DatabaseUrlError, database_url, make_engine, make_tables

PORT = 8000
URL_VARIABLE = "TRACE_DATABASE_URL"
CONNECTIONS = 16


def serve(
    url: str | None,
    port: int = PORT,
    password_file: Path | None = None,
    *,
    address: str = ADDRESS,
    allow_faults: bool = False,
    faults_from_anywhere: bool = False,
    environ: Mapping[str, str],
) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is under way.

    Args:
        url: database; without it, what TRACE_DATABASE_URL holds.
        port: where; 0 takes a free one.
        password_file: its first line is the database password.
        address: on which address.
        allow_faults: serve fault control.
        faults_from_anywhere: control from other hosts too.
        environ: the environment.

    Raises:
        CannotStart: usage, busy port, unreachable database; nothing was started.
    """
    place = _place(url or environ.get(URL_VARIABLE), password_file)
    with listening(port, address) as listener:
        engine = _opened(place)
        try:
            app = make_app(engine, allow_faults=allow_faults, faults_from_anywhere=faults_from_anywhere)
            told = f"trace: http://{address}:{listener.getsockname()[1]} on {_shown(place)}"
            serve_until_signalled(app, listener, told)
        finally:
            engine.dispose()


def _place(url: str | None, password_file: Path | None) -> URL:
    if not url:
        raise CannotStart(f"no database: give --url or set {URL_VARIABLE}, for example sqlite:////path/trace.db", USAGE)
    try:
        return database_url(url, _password(password_file))
    except DatabaseUrlError as error:
        raise CannotStart(f"--url or {URL_VARIABLE}: {error}", USAGE) from None


def _password(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CannotStart(f"{file}: the password cannot be read: {reason}", USAGE) from None


def _shown(place: URL) -> str:
    """The database without any credential, query parameters (which may hold some) left out too."""
    if place.get_backend_name() == "sqlite":
        return f"SQLite {place.database}"
    return f"PostgreSQL {place.host or 'local socket'}:{place.port or 5432}/{place.database}"


def _opened(place: URL) -> Engine:
    """The engine, its tables made: so the database is known to answer."""
    try:
        engine = make_engine(place, connections=CONNECTIONS)
    except DatabaseUrlError as error:
        raise CannotStart(f"--url or {URL_VARIABLE}: {error}", USAGE) from None
    try:
        make_tables(engine)
    except (DBAPIError, OSError) as error:
        engine.dispose()
        raise CannotStart(f"database {_shown(place)}: {_cause(error)}", BACKEND) from None
    return engine


def _cause(error: DBAPIError | OSError) -> str:
    """Why the database refused and what to do, in our words: the driver's text may repeat the connection string."""
    text = str(error.orig if isinstance(error, DBAPIError) else error.strerror).lower()
    cures = {
        "password authentication failed": "wrong user or password; mend --password-file or the URL",
        "no password supplied": "it wants a password; give --password-file",
        "does not exist": "no such database or role; create it or mend the URL",
        "resolve": "the host's name is not known; mend the URL",
        "not known": "the host's name is not known; mend the URL",
        "refused": "nothing listens there; start it or mend the URL",
        "timeout": "no answer in time; is the host up and reachable?",
        "not a database": "the file is no SQLite database; name another",
        "unable to open": "the file cannot be opened; is its folder writable?",
        "invalid connection option": "a parameter after the question mark is not known; mend the URL",
        "no such file": "the folder cannot be made; name another",
        "permission denied": "no permission; is its folder or schema writable?",
        "readonly": "it is read-only; make it writable",
        "locked": "another program holds it locked; stop that one",
    }
    return next(
        (cure for sign, cure in cures.items() if sign in text), f"cannot be used ({type(error).__name__}); check that it is up"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `python -m targets.trace`; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m targets.trace", description="Serve the Trace API.")
    parser.add_argument("--url", help=f"database; better set {URL_VARIABLE} where it holds a password")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--password-file", type=Path, help="its first line is the database password")
    add_address(parser)
    add_faults(parser)
    said = parser.parse_args(arguments)
    try:
        check_address(said.listen_address, anonymous=said.anonymous)
        serve(
            said.url,
            said.port,
            said.password_file,
            address=said.listen_address,
            allow_faults=said.allow_faults,
            faults_from_anywhere=said.faults_from_anywhere,
            environ=os.environ,
        )
    except CannotStart as reason:
        print(f"trace: {reason}", file=sys.stderr)  # noqa: T201 - this is a command line
        return reason.exit_code
    return 0
