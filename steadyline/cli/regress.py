"""`steadyline regress`: make an operation of the stack's own target slow for real, and see the alert arrive."""

import json
import os
import time
from typing import Annotated

import typer
from rich.console import Console

from alerts.judgement.judged import Judged, judged
from alerts.record import runs, slowed
from alerts.record.runs import Run, Scheduled
from alerts.regress import plan as planning
from alerts.regress.client_side import ExporterPage
from alerts.regress.faults import FaultControl
from alerts.regress.plan import GUARD_SECONDS, Asked, Of
from alerts.regress.session import Regression
from deploy.native.interruption import INTERRUPTED, interruptible
from steadyline import catalogue, durations
from steadyline import settings as settings_module
from steadyline.baseline import most_specific
from steadyline.baselines import known_baselines
from steadyline.cli.regress_screen import Screen, result
from steadyline.errors import ConfigurationError, NoDataError, UnreachableError
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

LOOK_SECONDS = 1.0
DEFAULT_FOR = "3m"
MISSED = 1
"""Exit code when the mean missed its goal, or the notification did not come in the time computed."""


def regress(
    operation: Annotated[str, typer.Argument(help="Its full name, such as trace.item_create.")],
    *,
    factor: Annotated[float, typer.Option(help="How many times slower.")] = 1.6,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="DURATION", help="How long: 90s, 3m.", show_default="3m, longer where the alert needs it"
        ),
    ] = None,
    of: Annotated[Of, typer.Option(help="Slower than its baseline, or than its current mean.")] = Of.BASELINE,
    target: Annotated[str | None, typer.Option(help="Alias of the embedded target.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="At the end one JSON object on standard output.")] = False,
) -> None:
    """Make an operation take FACTOR times its baseline for real, and show the alert arriving.

    The stack's own target holds its answers back; no metric is faked. The mean that the exporter measures is steered to
    within 5 % of what was asked. At the end, at Ctrl-C and at SIGTERM the target answers as before. Exit code 1 when the
    mean missed, or the notification did not come in the time computed.
    """
    settings = settings_module.load(os.environ)
    asked = Asked(_positive(factor), of, durations.parse(for_ or DEFAULT_FOR))
    alone = _prepared(settings, catalogue.named(operation), asked, target)
    if for_ is None:
        alone.plan = planning.long_enough(alone.plan)
    screen = Screen(Console(stderr=True, highlight=False), alone)
    interrupted = _run(alone, screen)
    if as_json:
        typer.echo(json.dumps(result(alone, interrupted=interrupted), indent=2))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if screen.missed():
        raise typer.Exit(MISSED)


def _positive(factor: float) -> float:
    if not 0 < factor < float("inf"):
        raise ConfigurationError(f"--factor {factor:g}: give a multiple above 1, such as 1.6")
    return factor


def _prepared(settings: Settings, operation: Operation, asked: Asked, alias: str | None) -> Regression:
    """Everything looked at and nothing changed yet."""
    target, place = planning.slowable(operation, settings, alias)
    control = FaultControl(place.url.get_secret_value())
    if operation.name in control.slowed():
        raise ConfigurationError(f"{operation.name} is being slowed already; stop the other regress first (Ctrl-C there)")
    page = ExporterPage(settings.url_of("exporter"), asking=settings.asking())
    page.totals(operation.name, target)
    prometheus = Prometheus(settings.prometheus)
    plan = planning.plan(
        asked, operation, _judged(settings, operation, target), target, _present(settings, prometheus, operation, target)
    )
    return Regression(plan, control, page, prometheus, settings.state, time.time)


def _judged(settings: Settings, operation: Operation, target: str) -> Judged | None:
    """The operation with the baseline that judges it on the target."""
    known = known_baselines(settings.state)
    holds = most_specific(known, operation.name, target, Driver.PROBE)
    every = judged(catalogue.operations(), known, settings)
    return next((one for one in every if one.operation.name == operation.name and one.baseline == holds), None)


def _present(settings: Settings, prometheus: Prometheus, operation: Operation, target: str) -> float:
    """The mean of the last run, of which nothing was slowed on purpose; waits for it after a start or another regress."""
    of = Scheduled(operation.name, target, operation.probe_every_seconds or 0)
    patience = of.run_seconds + 2 * LIVE.scrape_seconds
    console = Console(stderr=True, highlight=False)
    with console.status("") as shown, interruptible():
        deadline = time.time() + max(patience, _slowed_seconds(settings, of) + LIVE.scrape_seconds)
        while time.time() < deadline:
            found = _mean(prometheus, of) if _slowed_seconds(settings, of) <= 0 else 0.0
            if found > 0:
                return found
            left = durations.spoken(deadline - time.time())
            shown.update(f"waiting for a run of {of.operation} at its own speed: at most {left}")
            time.sleep(LOOK_SECONDS)
    raise NoDataError(
        f"Prometheus at {prometheus.host} has no success of {of.operation} on {target} in the last "
        f"{durations.spoken(of.run_seconds)}; steadyline probe {of.operation} --debug says why"
    )


def _slowed_seconds(settings: Settings, of: Scheduled) -> float:
    """How long the last run still holds what another regress made slow."""
    spans = [span for span in slowed.noted(settings.state.regressions) if (span.operation, span.target) == of.key]
    return max((span.end + of.run_seconds - time.time() for span in spans), default=0.0)


def _mean(prometheus: Prometheus, of: Scheduled) -> float:
    """Mean of the run that ends now, or 0 where it holds too little."""
    found: list[Run] = runs.runs(prometheus, of.run_seconds, [time.time()]).get(of.key, [])
    enough = bool(found) and found[0].attempts >= LIVE.minimum_samples and found[0].mean_seconds > 0
    return found[0].mean_seconds if enough else 0.0


def _run(alone: Regression, screen: Screen) -> bool:
    """Hold requests back until the time is over; answer whether it was interrupted."""
    screen.opening()
    with interruptible():
        try:
            alone.begin()
            screen.begun()
            with screen.live():
                while alone.left_seconds > 0:
                    time.sleep(min(LOOK_SECONDS, alone.left_seconds))
                    alone.look()
                    screen.update()
            interrupted = False
        except KeyboardInterrupt:
            interrupted = True
        finally:
            _ended(alone)
    screen.closing()
    return interrupted


def _ended(alone: Regression) -> None:
    try:
        alone.end()
    except UnreachableError as error:
        left = durations.spoken(alone.left_seconds + GUARD_SECONDS)
        raise UnreachableError(f"{error}; what is held back there ends by itself within {left}") from None
