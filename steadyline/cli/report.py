"""`steadyline report`: what the last run measured, once more, as text, Markdown or JSON."""

import json
import os
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from runner.growth import Growth
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baselines import known_baselines
from steadyline.cli import load_result, load_rows, load_summary, run_table
from steadyline.cli.operation_table import terminal
from steadyline.cli.run import FORMAT
from steadyline.cli.run_rows import Row
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.settings import Settings


class Format(StrEnum):
    """How it is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Results:
    """A run as it was kept.

    Attributes:
        heading: the run in one line: when, of how many rounds, of what and where.
        rows: worst first.
        growths: of families.
        unreachable: one sentence for each target that did not answer.
    """

    heading: str
    rows: tuple[Row, ...]
    growths: tuple[Growth, ...]
    unreachable: tuple[str, ...]


def report(
    file: Annotated[Path | None, typer.Argument(help="Written by run --json, or by load. Default: the last run's.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
) -> None:
    """Show what the last `run` or `compare` measured: worst first, with growth and failures; or a load run, by its file.

    Markdown is for a pull request. Exit codes: 0 shown, 2 the file cannot be read, 3 nothing was measured yet.
    """
    settings = settings_module.load(os.environ)
    path = file or settings.state.results
    text = _text(path, is_given=file is not None)
    if load_result.is_one(text):
        _show_load(settings, path, form)
        return
    results = read(text, path)
    if form is Format.JSON:
        typer.echo(text, nl=False)
    elif form is Format.MARKDOWN:
        typer.echo(markdown(results))
    else:
        out = terminal()
        out.print(results.heading, soft_wrap=True, markup=False)
        out.print(run_table.table(results.rows, out.width))
        for line in _below(results):
            out.print(line, soft_wrap=True, markup=False)


def _show_load(settings: Settings, path: Path, form: Format) -> None:
    """As `load` showed it, held to the baselines of now."""
    result = load_result.read(path)
    found = load_rows.judged(result, known_baselines(settings.state), catalogue.operations())
    code = found.exit_code(result.exit_code or 0)
    if form is Format.JSON:
        typer.echo(path.read_text(encoding="utf-8"), nl=False)
    elif form is Format.MARKDOWN:
        typer.echo(load_summary.markdown(result, found, code))
    else:
        load_summary.show(terminal(), result, found, code)


def read(text: str, path: Path) -> Results:
    """The results in a file's text.

    Raises:
        ConfigurationError: it is none of ours.
    """
    try:
        document = json.loads(text, parse_constant=_refused)
        if document["format"] > FORMAT:
            raise ConfigurationError(f"{path}: format {document['format']} is newer than {FORMAT}; use a newer steadyline")
        known = {one.name for one in fields(Row)}
        plain = [{key: value for key, value in row.items() if key in known} for row in document["operations"]]
        rows = TypeAdapter(tuple[Row, ...]).validate_python(plain)
        growths = [
            Growth(one["family"], one["target"], float(one["exponent"]), _points(one["points"])) for one in document["growth"]
        ]
        return Results(_heading(document["run"]), rows, tuple(growths), tuple(document["unreachable"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError):
        raise ConfigurationError(f"{path}: not the results of a run; steadyline run --json writes them") from None


def _heading(run: dict[str, Any]) -> str:
    early = ", ended early" if run["interrupted"] else ""
    return f"Run of {run['started']}, {run['rounds']} rounds, revision {run['revision']}, on {run['host']}{early}"


def _points(plain: Any) -> tuple[tuple[int, float], ...]:
    """At least one."""
    found = TypeAdapter(tuple[tuple[int, float], ...]).validate_python(plain)
    if not found:
        raise ValueError(plain)
    return found


def _refused(constant: str) -> None:
    """Infinity and the like are no figures of a run."""
    raise ValueError(constant)


def markdown(results: Results) -> str:
    """The whole report as Markdown."""
    lines = [f"### Steadyline\n\n{results.heading}\n", run_table.markdown(results.rows)]
    below = _below(results)
    return "\n".join([*lines, *(["", *(f"- {line}" for line in below)] if below else [])])


def _below(results: Results) -> list[str]:
    told = [run_table.growth_line(growth) for growth in results.growths]
    return [*told, *run_table.failures(results.rows), *(f"no answer: {sentence}" for sentence in results.unreachable)]


def _text(path: Path, *, is_given: bool) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if is_given:
            raise ConfigurationError(f"{path}: no such file") from None
        raise NoDataError("no run was made here yet; steadyline run measures") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
