"""`steadyline targets`: systems to measure when you have none of your own."""

import os
from pathlib import Path
from typing import Annotated

import typer

from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError
from targets.serving import BACKEND, CannotStart
from targets.trace import server

app = typer.Typer(help="Serve a system to measure: the Trace API.", no_args_is_help=True)


@app.callback()
def _targets() -> None:
    """Keep the target's name needed while there is only one."""


@app.command()
def trace(
    url: Annotated[str | None, typer.Option(help=f"Database; {server.URL_VARIABLE} where it holds a password.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one. Default: ports.trace.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Its first line is the database password.")] = None,
    allow_faults: Annotated[bool, typer.Option("--allow-faults", help="Let `regress` make requests slow.")] = False,
) -> None:
    """Serve the Trace API (items and links in SQL) on the loopback address until Ctrl-C.

    Without a database it keeps its own SQLite file in the state folder.
    """
    settings = settings_module.load(os.environ)
    own = f"sqlite:///{settings.state.data('trace') / 'trace.db'}"
    place = url or os.environ.get(server.URL_VARIABLE) or own
    chosen = settings.ports.trace if port is None else port
    try:
        server.serve(place, chosen, password_file, allow_faults=allow_faults, environ=os.environ)
    except CannotStart as reason:
        raise _error(reason) from None


def _error(reason: CannotStart) -> SteadylineError:
    """The target's refusal as an error of ours: the same message, the same exit code."""
    kind = UnreachableError if reason.exit_code == BACKEND else ConfigurationError
    return kind(str(reason))
