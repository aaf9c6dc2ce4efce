"""`steadyline baseline record --rounds`: baselines of the gate, from the suite runner's own rounds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from alerts.judgement.gate import Family, smallest_step
from alerts.record import bench, slowed
from alerts.record.baseline import Circumstances, log_mean_and_spread, tolerance
from alerts.record.under_load import known_under_load
from runner.choice import Wanted, choose
from runner.effort import THOROUGH
from runner.measured import Measured
from steadyline import catalogue, provenance
from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS, Baseline, most_specific
from steadyline.baselines import default_tolerance, known_baselines, load_sourced
from steadyline.cli import baseline_rows, cells, keeping
from steadyline.cli.baseline_place import Place, place
from steadyline.cli.measuring import Order, Ran, measure, new_seed
from steadyline.cli.operation_table import terminal
from steadyline.cli.run import SIGNALLED
from steadyline.cli.run_screen import Screen
from steadyline.edges import own_edges, with_ladder
from steadyline.errors import NoDataError
from steadyline.histogram import Histogram
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.operation_version import version_of
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

SHOWS = f"shows ({GATE_RUNS} / {GATE_MOST_RUNS} runs)"
QUANTILES = (0.5, 0.95, 0.99)
SECONDS_MORE = 300.0
"""For what spreads so much that a comparison with it would not be settled."""
NOISY = 1.5
"""Even so many runs as are made at most do not show half as long again: of little use to a gate."""


def record(settings: Settings, wanted: Wanted, rounds: int, out: Path | None = None) -> None:
    """Measure, and keep what came of it; broken off it records nothing.

    Raises:
        NoDataError: some got no baseline; the others are kept.
    """
    kept = place(settings, out)
    known = known_baselines(settings.state)
    choice = choose(catalogue.operations(), settings, wanted)
    effort = replace(THOROUGH, rounds=rounds, seconds_more=SECONDS_MORE)
    order = Order(choice, effort, new_seed(), known, settled=_is_long_enough)
    console = Console(stderr=True, highlight=False)
    ran = measure(settings, order, Screen(console))
    if ran.signal:
        console.print("Stopped: nothing was recorded.")
        raise typer.Exit(SIGNALLED + ran.signal)
    new, refused = _made(settings, ran)
    for line in keeping.kept_record(settings, ran, choice.backends):
        console.print(line, soft_wrap=True, markup=False)
    if new:
        print_new(settings, kept, new)
    if refused:
        raise NoDataError("\n".join(refused))


def _is_long_enough(measured: Measured) -> bool:
    """What spreads much is recorded longer."""
    tolerated, _ = tolerance(measured.chosen.key, load_sourced(), default_tolerance(), Driver.BENCH)
    return bench.is_long_enough(measured.run_means, tolerated)


def print_new(settings: Settings, kept: Place, new: list[Baseline]) -> None:
    """Show what compare will see by them, and keep them: what was measured is seen where they cannot be kept, too."""
    known = known_baselines(settings.state)
    family = Family(len(new), settings.gate_false_alarm_rate)
    console = terminal()
    console.print(_table(new, known, family))
    for line in _remarks(new, family):
        console.print(line, soft_wrap=True, style="dim")
    kept.keep(new)
    console.print(kept.remark, soft_wrap=True, style="dim", end="\n" if kept.remark else "")


def _made(settings: Settings, ran: Ran) -> tuple[list[Baseline], list[str]]:
    """The baselines of a run, and a sentence for each operation and target that gets none."""
    refused = [f"no answer: {sentence}" for sentence in ran.unreachable]
    new: list[Baseline] = []
    loaded = known_under_load(Prometheus(settings.prometheus), settings.state.load_targets, ran.started, ran.ended)
    spans = slowed.noted(settings.state.regressions)
    on_purpose = {(one.operation, one.target) for one in spans if one.start < ran.ended and ran.started < one.end}
    for measured in ran.measured:
        name, alias = measured.chosen.key
        why = bench.refusal(name, alias, measured.run_means, dict[str, int](measured.failures.items()))
        if measured.chosen.key in on_purpose:
            why = f"{name} on {alias} was being slowed by steadyline regress; record it when that is over"
        if why:
            refused.append(f"not recorded: {why}")
        else:
            new.append(_baseline(measured, ran, load_running=loaded))
    return new, refused


def _baseline(measured: Measured, ran: Ran, *, load_running: bool | None) -> Baseline:
    operation, alias = measured.chosen.operation, measured.chosen.alias
    tolerated = tolerance(measured.chosen.key, load_sourced(), default_tolerance(), Driver.BENCH)
    quantiles = {f"{fraction:g}": value for fraction in QUANTILES if (value := measured.quantile(fraction))}
    histogram = counted(operation, measured.seconds, measured.run_means, tolerated[0])
    facts = Circumstances(
        at=datetime.fromtimestamp(ran.ended, UTC).isoformat(timespec="seconds"),
        host=provenance.host(),
        revision=provenance.revision(Path.cwd()),
        quantiles=quantiles,
        edges=histogram.edges,
        versions=provenance.versions(operation.backend),
        operation_version=version_of(operation),
        histogram=tuple(histogram.counts),
        load_running=load_running,
    )
    return bench.baseline(operation.name, alias, measured.run_means, len(measured.seconds), tolerated, facts)


def counted(operation: Operation, samples: Iterable[float], run_means: Sequence[float], tolerance: float) -> Histogram:
    """The samples by the edges that an operation of this mean has."""
    mean = log_mean_and_spread(run_means)[0]
    histogram = Histogram(with_ladder(own_edges(mean, tolerance, (operation.budget_seconds,))))
    for seconds in samples:
        histogram.observe(seconds)
    return histogram


def steps(one: Baseline, family: Family) -> str:
    """The smallest slowdowns that are a warning, after the fewest and the most runs of a comparison."""
    return baseline_rows.steps(*(smallest_step(one, runs, family) for runs in (GATE_RUNS, GATE_MOST_RUNS)))


def _remarks(new: list[Baseline], family: Family) -> Iterator[str]:
    """What the columns mean, and which baselines are too noisy to be of use."""
    yield (
        f"shows: the smallest slowdown that compare calls a warning in nine of ten cases, over {GATE_RUNS} and over "
        f"{GATE_MOST_RUNS} runs; {baseline_rows.TOLERANCE}"
    )
    if any(one.spread < LIVE.spread_floor for one in new):
        yield f"a spread under {LIVE.spread_floor:.0%} is kept as measured and judged as {LIVE.spread_floor:.0%}"
    noisy = [one for one in new if smallest_step(one, GATE_MOST_RUNS, family) > NOISY]
    if noisy:
        named = ", ".join(f"{one.operation} (spread {one.spread:.0%})" for one in noisy)
        yield (
            f"too noisy, even {GATE_MOST_RUNS} runs show nothing under +{NOISY - 1:.0%}: {named}; record again with more "
            "--rounds, on a quiet machine"
        )


def _table(new: list[Baseline], known: tuple[Baseline, ...], family: Family) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("operation", "target", "mean", "spread", SHOWS, "instead of", "rounds"):
        shown.add_column(heading, no_wrap=heading == "operation")
    for one in new:
        old = most_specific(known, one.operation, one.target, Driver.BENCH)
        items = catalogue.operations()[one.operation].items
        shown.add_row(
            one.operation,
            one.target,
            f"{cells.seconds(one.value)} ±{one.tolerance:.0%}{'*' if one.tolerance_is_default else ''}",
            f"{one.spread:.1%}",
            steps(one, family),
            cells.seconds(old.seconds_per_call(items)) if old else "its budget alone",
            str(one.runs),
        )
    return shown
