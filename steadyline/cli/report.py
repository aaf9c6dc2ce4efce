"""`steadyline report`: what the last run measured, once more, as text, Markdown, JSON or a page."""

import os
from pathlib import Path
from typing import Annotated

import typer

from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baselines import known_baselines
from steadyline.cli import load_result, load_rows, load_summary, run_table
from steadyline.cli.conclude import written
from steadyline.cli.operation_table import terminal
from steadyline.cli.report_page import of_load, of_run
from steadyline.cli.report_page.markdown import in_markdown
from steadyline.cli.report_page.page import Page
from steadyline.cli.report_page.page import html as page_html
from steadyline.cli.run import unjudged
from steadyline.cli.run_result import Results, read
from steadyline.cli.verdicts import text as comparison
from steadyline.cli.verdicts.form import WRITERS, Form
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.named_file import content_of
from steadyline.printable import printable
from steadyline.settings import Settings


def report(
    file: Annotated[Path | None, typer.Argument(help="Written by run --json, or by load. Default: the last run's.")] = None,
    form: Annotated[Form | None, typer.Option("--format", help="How it is written. Default: text.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The same as --format markdown.")] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with plots there.")] = None,
) -> None:
    """Show what the last `run` or `compare` measured: worst first, with growth and failures; or a load run, by its file.

    A comparison is shown as `compare` shows it, in any of its formats; junit and github are for CI.
    Markdown is for a pull request; the page is one file that needs nothing else, for a mail or as a CI job's artefact. With
    --html nothing is printed unless a format is asked for too. Exit codes: 0 shown, 2 a file cannot be read or written,
    3 nothing was measured yet.
    """
    shown = _form(form, markdown=markdown, is_needed=html is None)
    settings = settings_module.load(os.environ)
    path = file or settings.state.results
    text = _text(path, is_given=file is not None)
    page = _load_page(settings, path, shown) if load_result.is_one(text) else _run_page(text, path, shown)
    if html is not None:
        faults = written(html, page_html(page))
        if faults:
            raise ConfigurationError(faults)


def _form(form: Form | None, *, markdown: bool, is_needed: bool) -> Form | None:
    """What is printed; None where nothing is."""
    if markdown and form not in (None, Form.MARKDOWN):
        raise ConfigurationError(f"--markdown and --format {form}: say one of them")
    return Form.MARKDOWN if markdown else form or (Form.TEXT if is_needed else None)


def _run_page(text: str, path: Path, shown: Form | None) -> Page:
    """As `run` or `compare` showed it."""
    results = read(text, path)
    page = of_run.page(results)
    if shown is Form.JSON:
        typer.echo(text, nl=False)
    elif shown is Form.TEXT:
        _draw(results)
    elif shown is Form.MARKDOWN and not results.is_comparison:
        told = [*_below(results), *unjudged(results.rows)]
        typer.echo(in_markdown(page, results.made.heading, results.rows, run_table.markdown, told))
    elif shown is not None:
        typer.echo(WRITERS[shown](results), nl=False)
    return page


def _draw(results: Results) -> None:
    out = terminal()
    if results.is_comparison:
        comparison.draw(results, out)
        return
    out.print(printable(results.made.heading), soft_wrap=True, markup=False)
    out.print(run_table.table(results.rows, out.width))
    for line in _below(results):
        out.print(printable(line), soft_wrap=True, markup=False)


def _load_page(settings: Settings, path: Path, shown: Form | None) -> Page:
    """As `load` showed it, held to the baselines of now."""
    if shown in (Form.JUNIT, Form.GITHUB):
        raise ConfigurationError(f"--format {shown}: {path} is of a load run; there are text, markdown and json of it")
    result = load_result.read(path)
    found = load_rows.judged(result, known_baselines(settings.state), catalogue.operations())
    code = found.exit_code(result.exit_code or 0)
    page = of_load.page(result, found, code)
    if shown is Form.JSON:
        typer.echo(path.read_text(encoding="utf-8"), nl=False)
    elif shown is Form.MARKDOWN:
        told = [text for text, _ in load_summary.lines(result, found, code)]
        typer.echo(in_markdown(page, page.below, found.rows, load_summary.markdown, told))
    elif shown is Form.TEXT:
        load_summary.show(terminal(), result, found, code)
    return page


def _below(results: Results) -> list[str]:
    told = [run_table.growth_line(growth) for growth in results.growths]
    return [*told, *run_table.failures(results.rows), *(f"no answer: {sentence}" for sentence in results.unreachable)]


def _text(path: Path, *, is_given: bool) -> str:
    try:
        return content_of(path).decode("utf-8")
    except FileNotFoundError:
        if is_given:
            raise ConfigurationError(f"{path}: no such file") from None
        raise NoDataError("no run was made here yet; steadyline run measures") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 (byte {error.start})") from None
