"""`steadyline targets`: systems to measure when you have none of your own; each is imported only when it is served."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from deploy.native.layout import between_targets
from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Settings
from targets.serving import BACKEND, CannotStart

app = typer.Typer(
    help="Serve a system to measure, on the loopback address: the Trace API, S3, a VAST DB endpoint, or the TAMS API.",
    no_args_is_help=True,
)

OfPort = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="0 takes a free one. Default: its own in ports.")]
Faults = Annotated[bool, typer.Option("--allow-faults", help="Let `regress` make requests slow.")]
Buckets = Annotated[list[str] | None, typer.Option("--bucket", help="Make this bucket at the start; may be given again.")]


@app.command()
def trace(
    url: Annotated[str | None, typer.Option(help="Database; TRACE_DATABASE_URL where it holds a password.")] = None,
    port: OfPort = None,
    password_file: Annotated[Path | None, typer.Option(help="Its first line is the database password.")] = None,
    allow_faults: Faults = False,
) -> None:
    """Serve the Trace API (items and links in SQL) until Ctrl-C.

    Without a database it keeps its own SQLite file in the state folder.
    """
    from targets.trace import server  # noqa: PLC0415 - only what is served is imported

    settings = _settings()
    own = f"sqlite:///{settings.state.data('trace') / 'trace.db'}"
    place = url or os.environ.get(server.URL_VARIABLE) or own
    with _refusals():
        server.serve(place, _port(port, settings.ports.trace), password_file, allow_faults=allow_faults, environ=os.environ)


@app.command()
def s3(bucket: Buckets = None, port: OfPort = None, allow_faults: Faults = False) -> None:
    """Serve S3 from memory until Ctrl-C.

    It takes the keys of S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY; without them those that `steadyline up` gives it, which
    everybody knows.
    """
    from targets.s3 import server  # noqa: PLC0415

    settings = _settings()
    with _refusals():
        server.serve(bucket or [], _port(port, settings.ports.s3), allow_faults=allow_faults, environ=_environment(settings))


@app.command()
def vast(  # noqa: PLR0917 - Typer calls it by name
    directory: Annotated[Path | None, typer.Option(help="Keep what is committed here; without it, in memory only.")] = None,
    bucket: Buckets = None,
    s3_url: Annotated[str | None, typer.Option(help="The S3 behind it, out of which it imports Parquet.")] = None,
    transaction_seconds: Annotated[
        float | None, typer.Option(help="A transaction ends so long after its last request. Default: 300.")
    ] = None,
    port: OfPort = None,
    allow_faults: Faults = False,
) -> None:
    """Serve a VAST DB endpoint, with which the official vastdb SDK works as it is, until Ctrl-C.

    It takes the keys of VAST_ACCESS_KEY and VAST_SECRET_KEY; without them those that `steadyline up` gives it, which everybody
    knows.
    """
    from targets.vast import server  # noqa: PLC0415
    from targets.vast.transactions import EXPIRES_SECONDS  # noqa: PLC0415

    settings = _settings()
    idle = EXPIRES_SECONDS if transaction_seconds is None else transaction_seconds
    options = server.Options(
        _port(port, settings.ports.vast), directory, tuple(bucket or ()), s3_url, idle, allow_faults=allow_faults
    )
    with _refusals():
        server.serve(options, _environment(settings))


@app.command()
def tams(port: OfPort = None, allow_faults: Faults = False) -> None:
    """Serve the TAMS API (BBC specification's core) until Ctrl-C: metadata in VAST DB, media in S3.

    Where these are, VAST_ENDPOINT, VAST_ACCESS_KEY, VAST_SECRET_KEY, VAST_BUCKET, VAST_SCHEMA, S3_ENDPOINT_URL,
    S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_BUCKET_NAME say; without them it takes the stack's own.
    """
    from targets.tams import server  # noqa: PLC0415
    from targets.tams.settings import read_settings  # noqa: PLC0415

    settings = _settings()
    with _refusals():
        server.serve(read_settings(_environment(settings)), _port(port, settings.ports.tams), allow_faults=allow_faults)


def _settings() -> Settings:
    return settings_module.load(os.environ)


def _port(asked: int | None, own: int) -> int:
    return own if asked is None else asked


def _environment(settings: Settings) -> Mapping[str, str]:
    """The user's own variables, and for those that are not set what the stack's targets use among themselves."""
    return {**{name: value for name, value in between_targets(settings).items() if not _has_keys(name)}, **os.environ}


def _has_keys(name: str) -> bool:
    """Whether the variable is one half of a pair of keys of which the user gave a half: ours would not fit to it."""
    pairs = (("VAST_ACCESS_KEY", "VAST_SECRET_KEY"), ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"))
    return any(name in pair and any(half in os.environ for half in pair) for pair in pairs)


@contextmanager
def _refusals() -> Iterator[None]:
    """A target's refusal as an error of ours: the same message, the same exit code."""
    try:
        yield
    except CannotStart as reason:
        kind = UnreachableError if reason.exit_code == BACKEND else ConfigurationError
        raise kind(str(reason)) from None
