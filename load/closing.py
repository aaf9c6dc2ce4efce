"""What a run's verdict is made of, gathered when it is over: ours, Locust's failures, locust-plugins' checks."""

import logging

import locust_plugins
from locust.env import Environment

from load.choosing import Chosen
from load.conductor import Conductor
from load.criteria import Standing
from load.missing import why
from load.verdict import Facts, unreachable
from steadyline.criterion import Criterion, Kind, parse
from steadyline.outcome import Reason

_CHECK_FAILED = "CHECK FAILED: "
"""How locust-plugins begins the line of a check that failed."""


def facts(conductor: Conductor, environment: Environment, chosen: Chosen) -> Facts:
    """Gather them, once all reports are here.

    Failed requests fail the run, as with Locust, unless somebody said how many may: by a check, a criterion, or by Locust's
    --exit-code-on-error 0. Requests that the run's own end cut short are no failures.
    """
    options, runner = environment.parsed_options, environment.runner
    assert options is not None
    assert runner is not None
    series, states = conductor.merged.series.values(), conductor.judge.states()
    single = [one for one in series if not one.key.is_flow]
    cut = sum(one.failures.get(Reason.CANCELLED.value, 0) for one in single)
    failed = sum(one.failed for one in single) - cut
    limited = any(parse(text).statistic.kind is Kind.FAILURES for text in chosen.criteria)
    tolerated = limited or options.check_fail_ratio is not None or options.exit_code_on_error == 0
    return Facts(
        broken=[state.line for state in states if state.standing is Standing.BROKEN],
        silent=[_silent(state.criterion, conductor, chosen) for state in states if state.standing is Standing.NO_DATA],
        checks=_checks(environment),
        failed=0 if tolerated else failed + len(runner.exceptions),
        saturated=sorted(conductor.saturated),
        unreachable=unreachable(series),
        lost_reports=conductor.lost_reports,
        lost_workers=0 if options.iterations else conductor.lost_workers,  # with a limit they leave by themselves
        silent_seconds=conductor.stall.seconds,
        attempts=sum(one.started for one in single) - cut,
        cut=cut,
    )


def _silent(criterion: Criterion, conductor: Conductor, chosen: Chosen) -> str:
    steady, end = conductor.steady_at, conductor.ended_at
    seconds = 0.0 if steady is None or end is None else end - steady
    names = {one.key.operation for one in conductor.merged.series.values()}
    return f"{criterion.text}: no data; {why(criterion, names, seconds, is_open=chosen.arrival_rate is not None)}"


def _checks(environment: Environment) -> tuple[str, ...]:
    """locust-plugins' checks that failed; it only logs them, and means to have the last word on the exit code."""
    said: list[str] = []
    listener = _Listener(said)
    root = logging.getLogger()
    root.addHandler(listener)
    try:
        environment.process_exit_code = None
        locust_plugins.do_checks(environment)
    finally:
        root.removeHandler(listener)
    told = tuple(said) or ("one of --check-rps, --check-fail-ratio and --check-avg-response-time",)
    return told if environment.process_exit_code else ()


class _Listener(logging.Handler):
    """Keeps what is said of checks that failed."""

    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith(_CHECK_FAILED):
            self._said.append(text.removeprefix(_CHECK_FAILED))
