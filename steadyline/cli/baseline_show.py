"""`steadyline baseline show`: all that the baselines of one operation keep, with the histogram."""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console

from alerts.judgement.gate import Family, smallest_step
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baseline import ANY, GATE_MOST_RUNS, GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.baselines import load_recorded, load_sourced
from steadyline.cli import baseline_rows, cells
from steadyline.cli.operation_table import terminal
from steadyline.errors import NoDataError
from steadyline.live import LIVE
from steadyline.operation_version import version_of
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

BAR_WIDTH = 40
BAR = "█"
_LOADS = {
    True: "a load run was under way",
    False: "no load run was under way",
    None: "not known whether a load run was under way",
}


def show(
    operation: Annotated[str, typer.Argument(help="Its full name.")],
    target: Annotated[str | None, typer.Option("--target", help="Alias of a target. Default: every one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, as the file has them.")] = False,
) -> None:
    """Everything that an operation's baselines keep: where, when and how they were measured, and how the times lay."""
    settings = settings_module.load(os.environ)
    recorded = load_recorded(settings.state.baselines, unknown_too=True)
    every = [one for one in (*recorded, *load_sourced()) if one.operation == operation]
    found = [one for one in every if target in (None, one.target) or one.target == ANY]
    if not every:
        catalogue.named(operation)  # says what is near it
    if not found:
        raise NoDataError(f"{operation}{f' on {target}' if target else ''}: no baseline; its budget alone judges it")
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in found], indent=2))
        return
    console = terminal()
    for at, one in enumerate(found):
        if at:
            console.print()
        _print(console, one, settings)


def _plain(one: Baseline) -> dict[str, Any]:
    facts: dict[str, Any] = TypeAdapter(Baseline).dump_python(one, mode="json")
    return {"id": one.id, **facts}


def _print(console: Console, one: Baseline, settings: Settings) -> None:
    where = "any target" if one.target == ANY else f"on {one.target}"
    profile = "" if one.profile == ANY else f", profile {one.profile}"
    console.print(f"[bold]{one.operation}[/] {where}, driver {one.driver}{profile}", soft_wrap=True)
    for name, words in _facts(one, settings):
        console.print(f"  {name:<10} {words}", soft_wrap=True, markup=False)
    if one.recorded and sum(one.recorded.histogram):
        for line in bars(one.recorded):
            console.print(f"  {line}", soft_wrap=True, markup=False)


def _facts(one: Baseline, settings: Settings) -> Iterator[tuple[str, str]]:
    value = cells.seconds(one.value) if one.quantity is Quantity.DURATION else f"{one.value:g} items/s"
    yield "value", f"{value}, tolerance ±{one.tolerance:.0%}" + (" (our default)" if one.tolerance_is_default else "")
    yield "spread", _spread(one)
    yield "source", one.source
    yield "id", one.id
    if one.recorded:
        yield from _recorded(one, one.recorded)
    if one.driver == Driver.BENCH:
        family = Family(1, settings.gate_false_alarm_rate)
        steps = baseline_rows.steps(*(smallest_step(one, runs, family) for runs in (GATE_RUNS, GATE_MOST_RUNS)))
        yield "shows", f"{steps} by itself, over {GATE_RUNS} / {GATE_MOST_RUNS} runs"


def _spread(one: Baseline) -> str:
    if one.is_sourced:
        return f"{one.spread:.1%} between runs, assumed"
    floor = f", judged as {LIVE.spread_floor:.0%}" if one.spread < LIVE.spread_floor else ""
    return f"{one.spread:.1%} between runs{floor}"


def _recorded(one: Baseline, facts: Recorded) -> Iterator[tuple[str, str]]:
    yield "recorded", f"{facts.at}, revision {facts.revision}"
    yield "host", facts.host
    yield "measured", f"{facts.runs} runs, {facts.samples} samples" + _pace(facts)
    yield "load", _LOADS[facts.load_running]
    yield "operation", _version(one.operation, facts.operation_version)
    if facts.quantiles:
        yield (
            "quantiles",
            ", ".join(f"p{float(name) * 100:g} {cells.seconds(value)}" for name, value in facts.quantiles.items()),
        )
    yield "versions", ", ".join(f"{name} {version}" for name, version in facts.versions.items())


def _pace(facts: Recorded) -> str:
    if facts.load:
        return f", under {facts.load.words}"
    return f", one attempt each {facts.cadence_seconds:g} s" if facts.cadence_seconds else ", without a pause"


def _version(operation: str, recorded: str | None) -> str:
    known = catalogue.operations().get(operation)
    if recorded is None:
        return "its version is not known"
    if known is None:
        return f"version {recorded}; there is no such operation any more"
    now = version_of(known)
    return f"version {recorded}, as it is now" if now == recorded else f"version {recorded}; it is another one now, {now}"


def bars(facts: Recorded) -> Iterable[str]:
    """The histogram, a line for each cell between the first and the last that counted something."""
    counts = facts.histogram
    filled = [cell for cell, count in enumerate(counts) if count]
    most = max(counts)
    for cell in range(filled[0], filled[-1] + 1):
        last = cell == len(facts.edges)
        bound = f"over {cells.seconds(facts.edges[-1])}" if last else f"up to {cells.seconds(facts.edges[cell])}"
        width = -(-counts[cell] * BAR_WIDTH // most)
        yield f"{bound:>14}  {BAR * width} {counts[cell]}".rstrip()
