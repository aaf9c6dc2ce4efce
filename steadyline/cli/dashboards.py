"""`steadyline dashboards`: Grafana boards from code, and into a Grafana."""

import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from steadyline import settings as settings_module
from steadyline.addresses import web_url
from steadyline.boards import Board
from steadyline.errors import ConfigurationError
from steadyline.secret_file import first_line
from steadyline.settings import Settings

if TYPE_CHECKING:
    from dashboards.change import Done

app = typer.Typer(
    help="The Grafana boards: into your Grafana with push; generate and check are for who changes them.",
    epilog="Into a Grafana of yours: steadyline dashboards push --url https://grafana.example --token-file token --dry-run",
    no_args_is_help=True,
)

DRIFTED = 1
FOLDER = "Steadyline"
ASK_SECONDS = 30.0
WORD_WIDTH = 9
"""Of `unchanged`, the longest that a line begins with."""


def _generation() -> ModuleType:
    """The module that needs Grafana's SDK, which only generating does."""
    try:
        from dashboards import generate as generation  # noqa: PLC0415
    except ImportError as error:
        if not (error.name or "").startswith("grafana_foundation_sdk"):
            raise
        raise ConfigurationError("generating boards needs Grafana's SDK: pip install 'steadyline[dashboards]'") from None
    return generation


@app.command()
def generate() -> None:
    """Write the boards' JSON anew."""
    for path in _generation().generate():
        typer.echo(f"wrote {path}")


@app.command()
def check() -> None:
    """Exit with 1 where a board's JSON is not what the code says now."""
    drifted = _generation().drifted()
    for path in drifted:
        typer.echo(f"{path} has drifted: run `steadyline dashboards generate` and commit it")
    if drifted:
        raise typer.Exit(DRIFTED)
    typer.echo("the boards are up to date")


@app.command()
def push(
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Grafana, as a browser has it. Default: grafana_url of the settings."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="Its first line is a service account's token. Default: grafana_token_file of the settings.",
        ),
    ] = None,
    folder: Annotated[str, typer.Option("--folder", metavar="NAME", help="Title or uid; made where there is none.")] = FOLDER,
    datasource: Annotated[
        str | None, typer.Option("--datasource", metavar="NAME", help="Name or uid of Grafana's data source that they ask.")
    ] = None,
    prometheus_url: Annotated[
        str | None,
        typer.Option(
            "--prometheus-url",
            metavar="URL",
            help="Prometheus, as Grafana reaches it: a data source with that URL is taken, or made.",
        ),
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Bring the boards into a Grafana of yours, and keep them there as they are shipped.

    Repeat it after an upgrade: what is the same is left alone, what changed is updated, and boards of ours in that folder
    that are shipped no longer are removed. No other board is touched.

    Without --datasource and --prometheus-url the boards ask a data source that was made for them, else the one with our
    Prometheus' URL, else the only or the default Prometheus; where there is none it is made.

    The token's service account needs the role Editor; to make a data source, or to find one by its URL, Admin. Grafana 9.4
    and later.

    Exit codes: 0 done, 2 something to mend (a right, an option, a board that is provisioned), 4 no Grafana answers.
    """
    from dashboards import push as pushing  # noqa: PLC0415 - Grafana's client takes a while to import
    from dashboards.shipped import shipped  # noqa: PLC0415
    from dashboards.source import Wish  # noqa: PLC0415
    from steadyline.grafana import Grafana  # noqa: PLC0415

    settings = settings_module.load(os.environ)
    grafana = Grafana(_web_url("--url", url) or settings.grafana, _token(settings, url, token_file), ASK_SECONDS)
    wish = Wish(datasource, _web_url("--prometheus-url", prometheus_url) or settings.prometheus, prometheus_url is not None)
    boards = shipped()
    name = f"Grafana {grafana.version()}".rstrip()
    typer.echo(f"{name} at {grafana.url}" + (": only what would be done" if dry_run else ""))
    for done in pushing.push(grafana, boards, folder, wish, dry=dry_run):
        typer.echo(_line(done, dry=dry_run))
    if not dry_run:
        home = Board.OVERVIEW if Board.OVERVIEW in boards else next(iter(boards))
        typer.echo(f"{grafana.url}/d/{home}")


def _web_url(option: str, said: str | None) -> str | None:
    try:
        return None if said is None else web_url(said)
    except ValueError as error:
        raise ConfigurationError(f"{option}: {error}") from None


def _token(settings: Settings, url: str | None, file: Path | None) -> str | None:
    """The option's, else the settings', but that one for no other host than the settings' Grafana."""
    if file is not None:
        return first_line(file, "--token-file", "the token")
    elsewhere = url is not None and urlsplit(url).hostname != urlsplit(settings.grafana).hostname
    if settings.grafana_token_file is None or elsewhere:
        return None
    return first_line(settings.grafana_token_file, "grafana_token_file", "the token")


def _line(done: "Done", *, dry: bool) -> str:
    word = f"would be {done.change}" if dry and done.change.is_one else str(done.change)
    width = WORD_WIDTH + (len("would be ") if dry else 0)
    return f"{word:<{width}}  {done.what}" + (f": {done.note}" if done.note else "")
