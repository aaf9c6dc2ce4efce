"""`steadyline dashboards`: Grafana boards from code."""

from types import ModuleType

import typer

from steadyline.errors import ConfigurationError

app = typer.Typer(help="Generate the Grafana boards, or check that the committed ones are up to date.", no_args_is_help=True)

DRIFTED = 1


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
