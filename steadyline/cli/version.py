"""`steadyline --version`: what is installed."""

from importlib import metadata
from typing import Annotated

import typer


def _say(asked: bool) -> None:
    if asked:
        typer.echo(f"steadyline {metadata.version('steadyline')}")
        raise typer.Exit


def before_every_command(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say, is_eager=True, help="Say the version, and end.")
    ] = False,
) -> None:
    """What may stand before a command's name."""
