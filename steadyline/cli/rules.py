"""`steadyline rules`: make the alerting rules from the baselines, check them, and run their own tests."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from alerts.rules import generate as generation
from alerts.rules import tools
from alerts.rules.tools import Checked
from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError

app = typer.Typer(
    no_args_is_help=True,
    help="Rules as data: every alert is made from a baseline, and so are its own tests.",
    epilog="The usual round after changing a baseline: rules generate, rules check, rules test.",
)

Directory = Annotated[
    Path, typer.Option("--dir", metavar="DIR", help="Where the generated files are.", show_default="alerts/generated")
]

REMEDY = "run: steadyline rules generate"
_FAILED = 1


@app.command()
def generate(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write this installation's own rules there, recorded baselines included."),
    ] = None,
) -> None:
    """Write the rules, their tests and Alertmanager's configuration.

    Without --out: the files under alerts/generated in a checkout, from the sourced baselines and the default settings, to be
    committed. With --out: the rules, their tests and the configuration of this installation, from its settings and its
    recorded baselines, for a Prometheus and an Alertmanager of your own.
    """
    if out is not None:
        generation.generate(settings_module.load(os.environ), out)
        typer.echo(f"{out}: written {generation.RULES} and its tests, {generation.ALERTMANAGER}")
        return
    if not (generation.COMMITTED.parents[1] / "pyproject.toml").is_file():
        raise ConfigurationError("rules generate: not in a checkout, so there is nothing to commit; say where with --out DIR")
    changed = generation.drift(generation.COMMITTED)
    generation.write(generation.COMMITTED, generation.committed_files())
    typer.echo(f"{generation.COMMITTED}: " + (f"changed {', '.join(changed)}" if changed else "nothing changed"))


@app.command()
def check(directory: Directory = generation.COMMITTED) -> None:
    """See that the committed files are what would be generated now, and that Prometheus and Alertmanager load them.

    Exit code 1 where they are not; what to run is said.
    """
    console = Console(highlight=False, soft_wrap=True)
    drifted = generation.drift(directory)
    found: list[tuple[str, Checked]] = [
        ("generated files are current", Checked(not drifted, f"{', '.join(drifted)} differ; {REMEDY}" if drifted else "")),
        *_if_there("promtool check rules", directory / generation.RULES, tools.check_rules),
        *_if_there("amtool check-config", directory / generation.ALERTMANAGER, tools.check_alertmanager),
    ]
    for name, checked in found:
        console.print(f"{'[green]ok[/]' if checked.ok else '[bold red]failed[/]'}  {name}")
        if not checked.ok:
            console.print(checked.said, markup=False)
    if not all(checked.ok for _, checked in found):
        raise typer.Exit(_FAILED)


def _if_there(name: str, path: Path, checker: Callable[[Path], Checked]) -> list[tuple[str, Checked]]:
    """A file that is missing has been told as drift already."""
    return [(name, checker(path))] if path.is_file() else []


@app.command("test")
def run_tests(
    directory: Directory = generation.COMMITTED,
    *,
    installed: Annotated[
        bool,
        typer.Option(
            "--installed", help="Those of this installation, as `up` has written them, its recorded baselines included."
        ),
    ] = False,
) -> None:
    """Run the rules' own tests with promtool: each limit of each baseline, minus and plus, silence and then firing.

    Takes about half a minute. Exit code 1 where one fails; promtool's words say which.
    """
    if installed:
        directory = settings_module.load(os.environ).state.generated
    files = [directory / name for name in (generation.RULE_TESTS, generation.SLOW_RULE_TESTS)]
    remedy = "run: steadyline up" if installed else REMEDY
    missing = [f"{file}: no such file; {remedy}" for file in files if not file.is_file()]
    if missing:
        raise ConfigurationError(missing)
    tools.find("promtool")
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    cases = {file: tools.count_cases(file) for file in files}
    results = _run(cases, console)
    for file, checked in results.items():
        if not checked.ok:
            console.print(f"[bold red]failed[/]  {file.name}")
            console.print(checked.said, markup=False)
    passed = sum(cases[file] for file, checked in results.items() if checked.ok)
    typer.echo(f"{passed} of {sum(cases.values())} cases in files that passed ({len(files)} files)")
    if not all(checked.ok for checked in results.values()):
        raise typer.Exit(_FAILED)


def _run(cases: dict[Path, int], console: Console) -> dict[Path, Checked]:
    """Run the files beside each other; promtool itself tells nothing until the end of a file."""
    columns = (
        TextColumn("promtool test rules"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    results = {}
    with Progress(*columns, console=console, transient=True) as progress, ThreadPoolExecutor(len(cases)) as pool:
        task = progress.add_task("", total=sum(cases.values()))
        waiting = {pool.submit(tools.run_rule_tests, file): file for file in cases}
        for done in as_completed(waiting):
            file = waiting[done]
            results[file] = done.result()
            progress.advance(task, cases[file])
    return results
