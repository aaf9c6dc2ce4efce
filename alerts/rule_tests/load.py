"""Unit tests of load baselines: each limit under its own profile, and silence in the ramp and under any other profile."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from alerts.judgement.judged import Judged
from alerts.judgement.limits import Rule
from alerts.rule_tests.cases import CRITICAL, WARNING, Case, fast_cases, slow_cases
from alerts.rule_tests.checks import cases_inputs, expected, inputs_of, silence, test
from alerts.rule_tests.series import SLOW_STEP_SECONDS, STEP_SECONDS, constant
from alerts.rule_tests.series import Phase as Time
from steadyline.baseline import LoadShape
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_ARRIVAL_RATE, LOAD_PHASE, LOAD_TARGET_USERS, Phase
from steadyline.promql import duration, quoted
from steadyline.severity import Severity
from steadyline.vocabulary import RATIO_FAST, RUN_INFO, Driver

Document = dict[str, Any]
RAMP = 120.0
"""How long the load rises, seconds."""


def run_of(
    profile: str, ramp: float, lasting: float, step_seconds: float = STEP_SECONDS, load: LoadShape | None = None
) -> list[Document]:
    """What a run shows of itself: its profile, its phases, each as long as is said, and its load."""
    told = {"driver": Driver.LOAD, "run": "r", "profile": profile, "shape": "ramp", "revision": "x"}
    labels = ",".join(f"{name}={quoted(value)}" for name, value in told.items())
    rising, steady = (
        " ".join(constant(value, seconds, step_seconds) for value, seconds in values if seconds)
        for values in (((1, ramp), (0, lasting)), ((0, ramp), (1, lasting)))
    )
    phases = {Phase.RAMP: rising, Phase.STEADY: steady, Phase.STOP: constant(0, ramp + lasting, step_seconds)}
    loads = {LOAD_TARGET_USERS: load.users if load else 1, LOAD_ARRIVAL_RATE: load.arrival_rate if load else None}
    held = {metric: constant(value, ramp + lasting, step_seconds) for metric, value in loads.items() if value is not None}
    return [
        *({"series": metric.name, "values": values} for metric, values in held.items()),
        {"series": f"{RUN_INFO.name}{{{labels}}}", "values": constant(1, ramp + lasting, step_seconds)},
        *({"series": f"{LOAD_PHASE.name}{{phase={quoted(phase)}}}", "values": values} for phase, values in phases.items()),
    ]


def load_tests(found: Iterable[Judged]) -> Iterator[Document]:
    """The fast rule of each profile: after the ramp and a whole window what each case expects; else nothing."""
    for (profile, load), group in _loads(found):
        lasting = LIVE.load_run_seconds + LIVE.for_seconds + 2 * STEP_SECONDS
        inputs, final = cases_inputs(group, fast_cases, RAMP, lasting, STEP_SECONDS)
        yield test(
            f"load, fast rule under {profile}: each limit, minus and plus, in the steady phase",
            [*inputs, *run_of(profile, RAMP, lasting, load=load)],
            [*silence(RAMP), *final],
        )
        one = group[0]
        worse = _worse(one)
        yield test(
            f"load under {profile}: slow in the ramp is not judged",
            [*inputs_of(one, "ramp", worse(RAMP, lasting)), *run_of(profile, RAMP, lasting, load=load)],
            [*silence(RAMP + lasting), expected(one, RAMP + lasting, [])],
        )
        yield test(
            f"load under another profile than {profile}: nothing is judged",
            [*inputs_of(one, "other", worse(RAMP + lasting, 0)), *run_of(f"not {profile}", 0, RAMP + lasting, load=load)],
            [*silence(RAMP + lasting), expected(one, RAMP + lasting, [])],
        )

        more = LoadShape(load.users + 1, load.arrival_rate)
        yield test(
            f"load under {profile} of another size: nothing is judged",
            [*inputs_of(one, "size", worse(RAMP + lasting, 0)), *run_of(profile, 0, RAMP + lasting, load=more)],
            [*silence(RAMP + lasting), expected(one, RAMP + lasting, [])],
        )
        first = LIVE.load_run_seconds - STEP_SECONDS
        ratio = {"expr": one.selection.of(RATIO_FAST), "eval_time": duration(first), "exp_samples": []}
        yield test(
            f"load under {profile}, steady from its start: nothing before a whole window",
            [*inputs_of(one, "start", worse(lasting, 0)), *run_of(profile, 0, lasting, load=load)],
            [ratio, expected(one, lasting, [Case("start", 0, (CRITICAL, WARNING))])],
        )


def slow_load_tests(found: Iterable[Judged]) -> Iterator[Document]:
    """The slow rule of each profile, for one operation."""
    lasting = (LIVE.slow_runs + 2) * LIVE.load_run_seconds + SLOW_STEP_SECONDS
    for (profile, load), group in _loads(found):
        inputs, final = cases_inputs(group[:1], slow_cases, 0.0, lasting, SLOW_STEP_SECONDS)
        yield test(
            f"load, slow rule under {profile}: each limit, minus and plus, constant latency",
            [*inputs, *run_of(profile, 0.0, lasting, SLOW_STEP_SECONDS, load)],
            final,
        )


def _loads(found: Iterable[Judged]) -> Iterator[tuple[tuple[str, LoadShape], list[Judged]]]:
    """The baselines apart by profile and load."""

    def words(one: Judged) -> tuple[str, str]:
        return one.profile, one.load.words if one.load else ""

    for _, ones in groupby(sorted(found, key=words), key=words):
        group = list(ones)
        yield (group[0].profile, group[0].load or LoadShape(1)), group


def _worse(one: Judged) -> Callable[[float, float], list[Time]]:
    """Phases: far over critical for so many seconds, then at the baseline."""
    seconds = one.baseline.seconds_per_call(one.operation.items)
    ratio = 2 * one.limits.threshold(Severity.CRITICAL, Rule.FAST)

    def phases(worse: float, then: float) -> list[Time]:
        return [Time(worse, ratio * seconds), *([Time(then, seconds)] if then else [])]

    return phases
