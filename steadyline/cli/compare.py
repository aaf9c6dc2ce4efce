"""`steadyline compare`: the operations that have a baseline of the runner's, measured again and held to it."""

import os
from dataclasses import replace

from rich.console import Console

from runner.choice import Choice, Wanted, choose
from runner.effort import THOROUGH
from steadyline import catalogue, provenance
from steadyline import settings as settings_module
from steadyline.baseline import GATE_RUNS, Baseline
from steadyline.baselines import known_baselines
from steadyline.cli import run_options as options
from steadyline.cli.conclude import Outlet
from steadyline.cli.measuring import Order, measure, new_seed
from steadyline.cli.run import RECORD, family, finish, settled_by
from steadyline.cli.run_result import Judging
from steadyline.cli.run_screen import Screen
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import Driver


def compare(  # noqa: PLR0917 - Typer calls it by name
    operation: options.Pattern = options.EVERYTHING,
    backend: options.OfBackend = None,
    target: options.OfTarget = None,
    rounds: options.Rounds = GATE_RUNS,
    fail_on: options.FailOn = Severity.WARNING,
    other_host: options.OtherHost = False,
    verbose: options.Verbose = False,
    as_json: options.Json = None,
    seed: options.Seed = None,
) -> None:
    """Measure again what `steadyline baseline record --rounds` recorded, and say what got slower.

    Whatever is not settled after the rounds is measured again by itself, for a minute at most. Exit codes: 0 pass, 1 a
    regression at or above --fail-on, a broken budget or a failing operation, 2 usage or settings, 3 nothing recorded, too few
    runs or not settled, 4 a target did not answer.
    """
    settings = settings_module.load(os.environ)
    baselines = known_baselines(settings.state)
    recorded = {(one.operation, one.target): one for one in baselines if one.driver == Driver.BENCH and one.recorded}
    choice = _chosen(settings, recorded, options.wanted(False, False, False, True, operation, backend, target))
    refuse_other_host([recorded[one.key] for one in choice.chosen], other_host=other_host)
    of = family(settings, choice, baselines)
    order = Order(
        choice=choice,
        effort=replace(THOROUGH, rounds=rounds),
        seed=new_seed() if seed is None else seed,
        baselines=baselines,
        settled=settled_by(baselines, of),
    )
    ran = measure(settings, order, Screen(Console(stderr=True, highlight=False), verbose=verbose))
    again = options.command(
        "compare",
        operation=operation,
        backend=backend,
        target=target,
        rounds=rounds,
        fail_on=fail_on,
        other_host=other_host,
        seed=order.seed,
    )
    judging = Judging(fail_on, of, against="the recorded baselines", seconds_more=order.effort.seconds_more)
    finish(settings, choice, ran, baselines, judging, again=again, outlet=Outlet(as_json=as_json, verbose=verbose))


def _chosen(settings: Settings, recorded: dict[tuple[str, str], Baseline], wanted: Wanted) -> Choice:
    """What fits and has a baseline of the runner's.

    Raises:
        NoDataError: nothing has.
    """
    choice = choose(catalogue.operations(), settings, wanted)
    chosen = [one for one in choice.chosen if one.key in recorded]
    if not chosen:
        what = "nothing" if wanted.pattern == options.EVERYTHING else f"nothing of {wanted.pattern}"
        raise NoDataError(f"{what} has a baseline of the runner's yet; {RECORD} records them")
    return Choice(tuple(chosen), ())


def refuse_other_host(held: list[Baseline], *, other_host: bool) -> None:
    """Numbers of another machine say nothing of this one.

    Raises:
        ConfigurationError: some were recorded elsewhere, and nobody said that this is meant.
    """
    here = provenance.host()
    elsewhere = [one for one in held if one.recorded and one.recorded.host != here]
    if elsewhere and not other_host:
        first = elsewhere[0]
        raise ConfigurationError(
            f"{len(elsewhere)} of {len(held)} baselines were recorded on another host ({first.operation}: "
            f"{first.recorded.host if first.recorded else '?'}; this is {here}); record them here, or say --other-host"
        )
