"""`steadyline status`: what runs, whether it judges, and what it says now."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from alerts.view.rows import Held, Row
from steadyline import settings as settings_module
from steadyline.addresses import LOOPBACK, local_url
from steadyline.cli import cells
from steadyline.cli.operation_table import table, terminal
from steadyline.cli.status_report import RUNNING, Report, gather
from steadyline.errors import ConfigurationError
from steadyline.severity import Verdict

BROKEN = 1
NOTHING_RUNS = 3
_NOTICED = (Verdict.CRITICAL, Verdict.WARNING, Verdict.SUSPECT, Verdict.INFO, Verdict.NO_DATA)
"""Verdicts whose operations are listed; `watch` shows all."""


def _programs(report: Report) -> Table:
    found = Table(box=None, pad_edge=False, header_style="bold", title="Processes", title_justify="left", title_style="bold")
    for heading in ("process", "state", "pid", "open"):
        found.add_column(heading)
    for one in report.programs:
        style = "green" if one.state == RUNNING else "bold red"
        found.add_row(one.name, Text(one.state, style), str(one.pid or cells.NOTHING), one.url)
    return found


def _services(report: Report) -> Table:
    title = "Services of docker compose"
    found = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="bold")
    for heading in ("service", "state", "open"):
        found.add_column(heading)
    for one in report.services:
        style = "green" if one.good else "bold red"
        found.add_row(one.service, Text(one.told, style), local_url(one.ports[0]) if one.ports else "")
    return found


def _targets(report: Report) -> Text:
    text = Text("Scraped  ", "bold")
    for name, up in report.targets.items():
        text.append(f"{name} {'up' if up else 'down'}  ", "green" if up else "bold red")
    return text if report.targets else text.append("nothing yet", "yellow")


def _rules(report: Report) -> Text:
    if report.rules is None:
        return Text()
    broken = len(report.rules.broken)
    text = Text("Rules    ", "bold")
    return text.append(f"{report.rules.loaded} loaded, {broken} broken", "bold red" if broken else "")


def _leaked(report: Report) -> Text:
    text = Text("Leaked   ", "bold")
    for name, count in report.leaked.items():
        text.append(f"{name} {count}  ", "yellow" if count else "green")
    return text if report.leaked else text.append("not counted yet", "dim")


def _counts(report: Report) -> Text:
    text = Text("Verdicts ", "bold")
    for word, count in Counter(row.verdict or "no baseline" for row in report.operations).most_common():
        text.append(f"{count} {word}  ", cells.STYLES.get(word, ""))
    return text


def _sight(row: Row) -> str:
    """What the operation is held to, and what that shows."""
    if row.held is Held.BUDGET:
        return "only what breaks the budget"
    return f"from {cells.multiple(row.visible_factor)} now" if row.visible_factor else cells.NOTHING


def _baselines(report: Report) -> Table:
    found = Table(box=None, pad_edge=False, header_style="bold", title="Baselines", title_justify="left", title_style="bold")
    for heading in ("operation", "target", "held to", "shows a slowdown"):
        found.add_column(heading, no_wrap=heading != "held to")
    for row in sorted(report.operations, key=lambda row: (row.operation, row.target)):
        found.add_row(row.operation, row.target, cells.baseline(row), Text(_sight(row), "yellow" if row.blind else ""))
    return found


def _drawn(report: Report, width: int) -> Iterator[RenderableType]:
    if report.programs:
        yield _programs(report)
    if report.services:
        yield _services(report)
    if not report.programs and not report.services and LOOPBACK in report.prometheus:
        yield Text("Stack    ", "bold").append(f"none of this folder runs; the Prometheus at {report.prometheus} is asked")
    for problem in report.problems:
        yield Text(f"! {problem}", "bold red")
    if report.rules is not None:
        yield from (_targets(report), _rules(report), _leaked(report), _counts(report))
        noticed = [row for row in report.operations if row.severity or row.failing_streak or row.verdict in _NOTICED]
        if noticed:
            yield table(noticed, width)
        yield _baselines(report)
        yield from (Text(f"> {advice}", "yellow") for advice in report.advice)
        yield cells.alerts(report.alerts, datetime.now(UTC))
    yield cells.notifications(report.notifications)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Say what runs, whether it judges, what each baseline can show, and what fires.

    Exit code 0: the stack works, whatever it has to say; 1: a part of it is broken; 2: your own operations cannot be read, and
    what runs goes on with those that it has; 3: nothing runs.
    """
    settings = settings_module.load(os.environ)
    report = gather(settings)
    if as_json:
        typer.echo(json.dumps(report.document(), indent=2))
    elif report.nothing_runs:
        typer.echo(f"nothing runs with {settings.state.root}; `steadyline up` starts the stack ({report.unreachable})")
    else:
        console = terminal()
        for part in _drawn(report, console.width):
            console.print(part)
    if report.nothing_runs:
        raise typer.Exit(NOTHING_RUNS)
    if report.own_faults:
        raise typer.Exit(ConfigurationError.exit_code)
    if report.problems:
        raise typer.Exit(BROKEN)
