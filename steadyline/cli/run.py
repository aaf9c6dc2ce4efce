"""`steadyline run`: the suite in rounds, a table against the baselines, and an exit code."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from alerts.judgement.gate import Family, is_settled, judge
from runner.choice import Choice, Key, choose
from runner.effort import FAST, THOROUGH
from runner.growth import growths
from runner.measured import Measured
from steadyline import catalogue, provenance
from steadyline import settings as settings_module
from steadyline.baseline import GATE_RUNS, Baseline, most_specific
from steadyline.baselines import known_baselines
from steadyline.cli import run_baselines, run_rows, run_table
from steadyline.cli import run_options as options
from steadyline.cli.conclude import Outlet, can_be_files, conclude
from steadyline.cli.loaded import is_loaded
from steadyline.cli.measuring import Order, Ran, Settled, measure, new_seed
from steadyline.cli.refusals import Now
from steadyline.cli.run_baselines import Apart
from steadyline.cli.run_result import Judging, Results
from steadyline.cli.run_rows import Row
from steadyline.cli.run_screen import Screen
from steadyline.operation import Suite
from steadyline.operation_version import version_of
from steadyline.settings import Settings
from steadyline.severity import Severity, Verdict
from steadyline.vocabulary import Driver

SIGNALLED = 128
"""Exit codes above it name the signal that ended the run, as shells have it."""
NOTHING_APART: Mapping[Key, Apart] = {}
"""Of a comparison, which refuses instead."""


def run(  # noqa: PLR0917 - Typer calls it by name
    fast: options.Fast = False,
    stress: options.Stress = False,
    scalability: options.Scalability = False,
    every: options.All = False,
    operation: options.Pattern = options.EVERYTHING,
    backend: options.OfBackend = None,
    target: options.OfTarget = None,
    rounds: options.Rounds = GATE_RUNS,
    fail_on: options.FailOn = Severity.WARNING,
    allocations: Annotated[bool, typer.Option("--allocations", help="Trace Python's allocations once for each.")] = False,
    verbose: options.Verbose = False,
    as_json: options.Json = None,
    metrics: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the metrics page there, driver bench.")] = None,
    seed: options.Seed = None,
) -> None:
    """Measure operations in rounds and hold them to their baselines; the performance suite, unless said otherwise.

    In each round every operation has its turn, in a new random order. The embedded targets are those of the running stack;
    where none runs, they are served for this run alone. An operation named by --operation may be of any suite. Ctrl-C cleans
    up and shows what was measured until then. What was recorded on another host, for another version of its operation or
    under another load does not judge: such an operation has its numbers and its budget, a line says why, and that alone is
    no other exit code, for this command measures; `steadyline compare` is the gate, and refuses.

    Exit codes: 0 pass, 1 a regression at or above --fail-on, a broken budget or a failing operation, 2 usage or settings,
    3 too few runs or not settled, 4 a target did not answer.
    """
    can_be_files(as_json, metrics)
    settings = settings_module.load(os.environ)
    wanted = options.wanted(fast, stress, scalability, every, operation, backend, target)
    choice = choose(catalogue.operations(), settings, wanted)
    held = _holding(settings, choice)
    baselines = held.judging
    of = family(settings, choice, baselines)
    order = Order(
        choice=choice,
        effort=replace(FAST if fast and wanted.suites == {Suite.PERFORMANCE} else THOROUGH, rounds=rounds),
        seed=new_seed() if seed is None else seed,
        baselines=baselines,
        settled=settled_by(baselines, of),
        allocations=allocations,
    )
    ran = measure(settings, order, Screen(Console(stderr=True, highlight=False), verbose=verbose))
    again = options.command(
        "run",
        fast=fast,
        stress=stress,
        scalability=scalability,
        all=every,
        operation=operation,
        backend=backend,
        target=target,
        rounds=rounds,
        fail_on=fail_on,
        allocations=allocations,
        seed=order.seed,
    )
    page = {metrics: ran.recorder.render().decode()} if metrics is not None else {}
    outlet = Outlet(as_json=as_json, also=page, verbose=verbose)
    judging = Judging(fail_on, of, seconds_more=order.effort.seconds_more)
    finish(settings, choice, ran, baselines, judging, again=again, outlet=outlet, apart=held.apart)


def _holding(settings: Settings, choice: Choice) -> run_baselines.Holding:
    """What judges here and now, beside what does not."""
    known = known_baselines(settings.state)
    host, loaded = provenance.host(), is_loaded(settings, known)
    return run_baselines.holding(choice.chosen, known, lambda operation: Now(host, version_of(operation), loaded))


def family(settings: Settings, choice: Choice, baselines: tuple[Baseline, ...]) -> Family:
    """What is judged together: each operation that is measured and has a baseline."""
    held = sum(most_specific(baselines, *one.key, Driver.BENCH) is not None for one in choice.chosen)
    return Family(held, settings.gate_false_alarm_rate)


def settled_by(baselines: tuple[Baseline, ...], of: Family) -> Settled:
    """Whether more runs of an operation would only say it again."""

    def is_enough(measured: Measured) -> bool:
        chosen = measured.chosen
        held = most_specific(baselines, chosen.operation.name, chosen.alias, Driver.BENCH)
        if held is None or not measured.runs:
            return True
        return is_settled(judge(measured.run_means, held, chosen.operation.items, of))

    return is_enough


def finish(
    settings: Settings,
    choice: Choice,
    ran: Ran,
    baselines: tuple[Baseline, ...],
    judging: Judging,
    *,
    again: str,
    outlet: Outlet,
    beside: Sequence[Row] = (),
    apart: Mapping[Key, Apart] = NOTHING_APART,
) -> NoReturn:
    """Judge what the runner measured, and conclude.

    Args:
        settings: of this folder.
        choice: what was measured, and what was left out.
        ran: what came of it.
        baselines: what judges it.
        judging: how.
        again: the command that repeats it.
        outlet: where the results go.
        beside: rows of what was not measured.
        apart: baselines that do not judge what was.

    Raises:
        typer.Exit: always.
    """
    results = Results(
        made=replace(ran.made(_versions(choice), again), machine=provenance.busyness()),
        rows=run_rows.worst_first([*rows_of(ran, baselines, judging, apart), *beside]),
        growths=tuple(growths(ran.measured)),
        unreachable=tuple(ran.unreachable),
        left_out=choice.left_out,
        exit_code=SIGNALLED + ran.signal if ran.signal else None,
        judging=replace(judging, again=sum(len(one.runs) > ran.rounds for one in ran.measured)),
    )
    told = [*_bugs(ran), *_early(ran, results.rows)] if results.is_comparison else remarks(choice, ran, results.rows, apart)
    conclude(settings, results, outlet, told=told)


def rows_of(
    ran: Ran, baselines: tuple[Baseline, ...], judging: Judging, apart: Mapping[Key, Apart] = NOTHING_APART
) -> list[Row]:
    """Each operation held to its baseline; what a signal kept from being measured is none."""
    return [
        run_rows.uncompared(one, other.baseline, other.why)
        if (other := apart.get(one.chosen.key))
        else run_rows.row(
            one, most_specific(baselines, *one.chosen.key, Driver.BENCH), judging.family, is_renewable=judging.is_renewable
        )
        for one in ran.measured
        if one.runs or one.failed or not ran.signal
    ]


def _versions(choice: Choice) -> dict[str, str]:
    return {name: version for backend in choice.backends for name, version in provenance.versions(backend).items()}


def unjudged(rows: Sequence[Row]) -> Iterator[str]:
    """What no baseline could judge, and what to do about it."""
    few = sum(row.verdict is Verdict.NO_DATA for row in rows)
    if few:
        yield f"not judged: {few} of {len(rows)}, a judgement needs {GATE_RUNS} rounds (--rounds)"
    bare = sum(bool(row.n) and row.verdict is None and row.baseline is None for row in rows)
    if bare:
        yield f"no baseline: {bare} of {len(rows)}, held to their budgets alone; {options.RECORD} gives them one"


def remarks(choice: Choice, ran: Ran, rows: Sequence[Row], apart: Mapping[Key, Apart] = NOTHING_APART) -> list[str]:
    """What a run's table does not say: who was left out and did not answer, what failed, and how it ended."""
    told = [f"left out: {sentence}" for sentence in choice.reasons]
    told += [f"no answer: {sentence}" for sentence in ran.unreachable]
    told += run_table.failures(rows)
    unheld = [] if ran.signal else unjudged(rows)
    return [*told, *_bugs(ran), *unheld, *run_baselines.told(apart, len(rows)), *_early(ran, rows)]


def _bugs(ran: Ran) -> Iterator[str]:
    for (name, target), kind in ran.bugs.items():
        yield f"{name} on {target}: a bug, not a failure of the target: {kind}"


def _early(ran: Ran, rows: Sequence[Row]) -> Iterator[str]:
    if ran.signal:
        above = "what was measured until then is above" if rows else "nothing was measured yet"
        deleted = "what was written is deleted" if ran.is_clean else "some of what was written may be left on the target"
        yield f"Ended early; {above}, and {deleted}."
