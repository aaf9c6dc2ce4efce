"""`steadyline baseline`: the lines that the operations are held to; record, list and remove are here, the rest beside it."""

import json
import math
import os
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from steadyline import catalogue, durations
from steadyline import settings as settings_module
from steadyline.baseline import GATE_BASELINE_RUNS, GATE_MOST_RUNS, GATE_RUNS, Baseline, most_specific
from steadyline.baselines import change_recorded, known_baselines, load_sourced, of_unknown
from steadyline.cli import baseline_bench, baseline_rows, cells, load_baselines, load_from_prometheus
from steadyline.cli import run_options as options
from steadyline.cli.applied import spread
from steadyline.cli.baseline_diff import diff
from steadyline.cli.baseline_import import import_
from steadyline.cli.baseline_place import place
from steadyline.cli.baseline_promote import promote
from steadyline.cli.baseline_record import Recording
from steadyline.cli.baseline_screen import keep, seconds_of, tell, waited
from steadyline.cli.baseline_show import show
from steadyline.cli.operation_table import terminal
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import RUN_MEAN, Driver

MOST_RUNS = LIVE.recommended_baseline_runs

app = typer.Typer(help="The lines that the operations are held to.", no_args_is_help=True)


app.command()(show)
app.command()(diff)
app.command()(promote)
app.command("import")(import_)


class Recorder(StrEnum):
    """Who recorded it: the exporter's schedule, the suite runner, or load runs."""

    PROBE = Driver.PROBE
    BENCH = Driver.BENCH
    LOAD = Driver.LOAD


OfDriver = Annotated[
    Recorder, typer.Option("--driver", help="probe: the schedule's; bench: the suite runner's; load: a profile's.")
]
OfProfile = Annotated[str | None, typer.Option("--profile", metavar="low|medium|high", help="Of this load profile alone.")]
Target = Annotated[str | None, typer.Option("--target", help="Alias of a target. Default: every one.")]


@app.command()
def record(  # noqa: PLR0917 - Typer calls it by name
    operation: Annotated[str, typer.Option(help="Name or glob, such as 'sql.*'.")] = "*",
    target: Target = None,
    runs: Annotated[
        int | None, typer.Option(min=LIVE.minimum_baseline_runs, max=MOST_RUNS, help="Runs to wait for. Default: 20.")
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            min=GATE_RUNS,
            help=f"Measure now, in so many rounds of the suite runner, for compare; {GATE_BASELINE_RUNS} with --driver bench. "
            f"A noisy operation is recorded longer, over up to {GATE_MOST_RUNS}.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="With --rounds: stress and scalability too.")] = False,
    from_prometheus: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Take what Prometheus holds of the last SPAN (1h) instead of waiting.")
    ] = None,
    driver: Annotated[Recorder | None, typer.Option("--driver", help="load: from load runs that were made.")] = None,
    profile: OfProfile = None,
    result: Annotated[
        list[Path] | None,
        typer.Option("--result", metavar="FILE", help="A load run's; several. Default: the last run of --profile."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a file to be reviewed, which judges nothing until it is promoted."),
    ] = None,
) -> None:
    """Give operations a baseline of their own: from the exporter's own schedule, from the suite runner, or from load runs.

    Those of the schedule are for the alerts, those of the runner (--rounds) for `compare` and `run`, those of a load profile
    (--driver load --profile low) for load runs of that profile; none judges another's.

    A run is 15 attempts: 30 s at a cadence of 2 s, 150 s at 10 s; all operations run side by side. Runs with too few
    attempts, with failures or slowed by `steadyline regress` do not count. 120 runs see far smaller slowdowns than 20.
    The rules are made anew, Prometheus and the exporter read them at once. Ctrl-C records nothing; what ran until then
    stays in Prometheus, for --from-prometheus.
    """
    if sum(one is not None for one in (runs, rounds, from_prometheus)) > 1:
        raise ConfigurationError(
            "--runs waits for the exporter's runs, --from-prometheus takes those there were, --rounds measures now; "
            "give one of them"
        )
    if driver is Recorder.BENCH and rounds is None and runs is None and from_prometheus is None:
        rounds = GATE_BASELINE_RUNS
    if every and rounds is None:
        raise ConfigurationError("--all is for --rounds: the exporter's schedule has no stress and no scalability")
    span = None if from_prometheus is None else durations.parse(from_prometheus)  # before anybody is asked
    settings = settings_module.load(os.environ)
    if driver is Recorder.LOAD or profile is not None or result:
        if driver in (None, Recorder.LOAD) and span is not None and not result:
            kept, now = place(settings, out), time.time()
            load_from_prometheus.record(settings, kept, (now - span, now), profile, operation, target)
            return
        if driver not in (None, Recorder.LOAD) or any(one is not None for one in (runs, rounds, from_prometheus)):
            raise ConfigurationError(
                "--profile and --result are of load runs that were made: --driver load, and nothing to wait for"
            )
        load_baselines.record(settings, load_baselines.results_of(settings, profile, result or ()), operation, target, out)
        return
    if driver is Recorder.BENCH and rounds is None:
        raise ConfigurationError("--driver bench measures now; --runs and --from-prometheus are of the exporter's schedule")
    if rounds is not None:
        baseline_bench.record(settings, options.wanted(False, False, False, every, operation, None, target), rounds, out)
        return
    recorder = Recording(settings, Prometheus(settings.prometheus))
    kept = place(settings, out)
    selected = recorder.select(operation, target)
    recorder.look_for_faults()
    if span is None:
        recorder.refuse_slowed(selected)
        taken = waited(recorder, selected, runs or LIVE.minimum_baseline_runs)
    else:
        taken = recorder.take(selected, recorder.now() - span, recorder.now(), past=True)
    keep(settings, kept, taken)


@app.command("list")
def listed(
    driver: OfDriver = Recorder.PROBE,
    profile: OfProfile = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """Every operation and target: what judges it, where that is from, and how small a slowdown it shows."""
    settings = settings_module.load(os.environ)
    present = _present(Prometheus(settings.prometheus)) if driver is Recorder.PROBE else {}
    known = known_baselines(settings.state)
    if driver is Recorder.LOAD:
        found = baseline_rows.load_rows(settings, known, profile)
    else:
        found = baseline_rows.rows(settings, known, present, driver)
    if as_json:
        typer.echo(json.dumps(baseline_rows.as_json(found), indent=2))
        return
    console = terminal()
    if found:
        console.print(baseline_rows.table(found, console.width))
        console.print(baseline_rows.SHOWS if driver is Recorder.LOAD else baseline_rows.LEGEND, style="dim")
    else:
        console.print("None was recorded yet; steadyline load --profile low --record does")
    for line in baseline_rows.elsewhere(known, driver):
        console.print(line, style="dim", soft_wrap=True)


@app.command()
def remove(
    operation: Annotated[str, typer.Argument(help="Its full name.")],
    target: Target = None,
    driver: OfDriver = Recorder.PROBE,
    profile: OfProfile = None,
) -> None:
    """Forget a recorded baseline: the sourced one judges again, or the budget alone."""
    settings = settings_module.load(os.environ)
    known = catalogue.operations()  # before anything is changed: the user's own may be broken
    gone: list[Baseline] = []

    def without(there: Sequence[Baseline]) -> list[Baseline]:
        of_driver = [one for one in there if one.driver == driver and profile in (None, one.profile)]
        gone.extend(one for one in of_driver if one.operation == operation and target in (None, one.target))
        if not gone:
            others = ", ".join(sorted({f"{one.operation} on {one.target}" for one in of_driver})) or "none"
            on = f" on {target}" if target else ""
            raise ConfigurationError(f"{operation}{on}: no recorded baseline; there is {others}")
        return [one for one in there if one not in gone]

    kept = change_recorded(settings.state.baselines, without)
    left = (*load_sourced(), *kept)
    out = Console(highlight=False)
    for one in gone:
        now = most_specific(left, one.operation, one.target, driver, one.profile)
        bare = "its budget alone" if operation in known else "nothing: there is no such operation any more"
        judge = f"{cells.seconds(seconds_of(now))} ({now.source})" if now else bare
        out.print(
            f"{one.operation} on {one.target}: removed {cells.seconds(one.value)}; now judged by {judge}", soft_wrap=True
        )
    in_the_way = of_unknown(settings.state.baselines, kept)
    tell([f"the rules stay as they are: {why}" for why in in_the_way] or spread(settings))


def _present(prometheus: Prometheus) -> dict[tuple[str, str], float]:
    """The mean of each operation's last run; none where Prometheus does not answer: the list is of use without it."""
    try:
        found = prometheus.query(f'{RUN_MEAN.name}{{driver="{Driver.PROBE}"}}')
    except UnreachableError:
        return {}
    present = {(one.labels.get("operation", ""), one.labels.get("target", "")): one.value for one in found}
    return {key: value for key, value in present.items() if 0 < value < math.inf}
