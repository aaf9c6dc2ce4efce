"""The command line: which commands there are, and how an error becomes one message and an exit code.

Only the module of the command that was asked for is imported, so that `exporter` and `targets` stay small processes; this
one imports little, and what takes long only where Ctrl-C is listened for.
"""

import importlib
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from deploy.native.interruption import INTERRUPTED
from steadyline.cli.output import watched
from steadyline.errors import SteadylineError

if TYPE_CHECKING:
    import typer

COMMANDS = {
    "up": "steadyline.cli.stack:up",
    "down": "steadyline.cli.stack:down",
    "status": "steadyline.cli.status:status",
    "doctor": "steadyline.cli.doctor:doctor",
    "watch": "steadyline.cli.watch:watch",
    "operations": "steadyline.cli.operations:operations",
    "probe": "steadyline.cli.probe:probe",
    "run": "steadyline.cli.run:run",
    "load": "steadyline.cli.load:load",
    "compare": "steadyline.cli.compare:compare",
    "trend": "steadyline.cli.trend:trend",
    "report": "steadyline.cli.report:report",
    "exporter": "steadyline.cli.exporter:exporter",
    "receiver": "steadyline.cli.receiver:receiver",
    "targets": "steadyline.cli.targets:app",
    "baseline": "steadyline.cli.baseline:app",
    "rules": "steadyline.cli.rules:app",
    "dashboards": "steadyline.cli.dashboards:app",
    "regress": "steadyline.cli.regress:regress",
}
"""Each command's place, in the order of `--help`."""

EPILOG = (
    "Exit codes: 0 done, 1 a regression or a failed check, 2 usage or configuration, 3 no data, 4 a host did not answer, "
    "130 interrupted."
)


def build(names: Iterable[str] = tuple(COMMANDS)) -> "typer.Typer":
    """The application with the given commands, their modules imported now."""
    import typer  # noqa: PLC0415

    from steadyline.cli.version import before_every_command  # noqa: PLC0415 - it imports typer

    app = typer.Typer(
        help="Steadyline: write an operation once; get a continuous probe, a baseline, an alert and a dashboard row for it.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(before_every_command)  # keeps the command's name needed when only one was imported
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def report(error: SteadylineError) -> None:
    """Print an error to standard error, each fault on a line of its own; no traceback."""
    from rich.console import Console  # noqa: PLC0415

    from steadyline.printable import printable  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for fault in error.faults:
        console.print("[bold red]steadyline:[/] ", end="")
        console.print("\n".join(map(printable, fault.split("\n"))), markup=False)


def main() -> None:
    """Entry point of the command `steadyline`."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    with watched():
        try:
            build([asked] if asked in COMMANDS else COMMANDS)()
        except SteadylineError as error:
            report(error)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
