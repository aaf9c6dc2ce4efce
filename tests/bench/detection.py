"""From a regression to its critical notification, beside the delay computed from the table of defaults."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import native_stack as stacks
from paired import Figure
from start import until_all_scraped

from alerts.judgement.delay import Step, delay
from alerts.judgement.judged import Judged, judged
from alerts.judgement.limits import Rule
from alerts.regress.faults import FaultControl
from steadyline import catalogue
from steadyline.baselines import load_sourced
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.severity import Severity
from steadyline.vocabulary import RATIO_FAST, AlertName

FACTOR = 1.6
ROOM = 1.1
"""Measured may be this multiple of the computed worst delay."""
LIMITS_SECONDS = {2.0: 60.0, 10.0: 180.0}
EXPIRES_SECONDS = 900.0
SETTLE_SECONDS = 10.0
FROM_ITS_OWN_SPEED = ("trace.link_create", "trace.query_page_20")
FROM_ITS_BASELINE = ("trace.item_create", "trace.query_count")
"""Both of these have a baseline of 50 ms; one is probed each 2 s, the other each 10 s."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One regression: R before, and the seconds from the change to the notification (None where none came)."""

    one: Judged
    start_ratio: float
    seconds: float | None


def _slow(control: FaultControl, one: Judged, factor: float) -> None:
    seconds = factor * one.baseline.seconds_per_call(one.operation.items)
    control.slow(f"bench-{one.operation.name}", one.operation.name, seconds, EXPIRES_SECONDS)


def _notified(stack: stacks.Stack, operation: str) -> bool:
    path = stack.settings.state.notifications
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    wanted = (AlertName.REGRESSION, Severity.CRITICAL, operation, "firing")
    told = (json.loads(line) for line in lines)
    return any((n["alertname"], n["severity"], n["operation"], n["status"]) == wanted for n in told)


def _watch(stack: stacks.Stack, begun: dict[str, float], limit_seconds: float) -> dict[str, float | None]:
    seconds: dict[str, float | None] = dict.fromkeys(begun)
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline and None in seconds.values():
        for name, start in begun.items():
            if seconds[name] is None and _notified(stack, name):
                seconds[name] = time.monotonic() - start
        time.sleep(0.1)
    return seconds


def _ratios(prometheus: Prometheus) -> dict[str, float]:
    return {found.labels["operation"]: found.value for found in prometheus.query(RATIO_FAST.name)}


def _regress(stack: stacks.Stack, subjects: list[Judged], control: FaultControl) -> list[Seen]:
    before = _ratios(Prometheus(stack.settings.prometheus))
    begun = {}
    for one in subjects:
        begun[one.operation.name] = time.monotonic()
        _slow(control, one, FACTOR)
    seconds = _watch(stack, begun, 2 * max(LIMITS_SECONDS.values()))
    return [Seen(one, before[one.operation.name], seconds[one.operation.name]) for one in subjects]


def _line(seen: Seen) -> Figure:
    one = seen.one
    computed = delay(one.limits, Severity.CRITICAL, Rule.FAST, Step(one.cadence_seconds, seen.start_ratio, FACTOR))
    limit = min(LIMITS_SECONDS[one.cadence_seconds], ROOM * computed.worst_seconds)
    baseline = one.baseline.seconds_per_call(one.operation.items)
    took = "none came" if seen.seconds is None else f"{seen.seconds:.1f} s"
    return Figure(
        f"{one.operation.name} (each {one.cadence_seconds:g} s) from {seen.start_ratio * baseline * 1e3:.1f} ms to "
        f"{FACTOR:g} x {baseline * 1e3:g} ms: critical notification after",
        f"<= {limit:.1f} s (computed {computed.expected_seconds:.1f}, worst {computed.worst_seconds:.1f} s)",
        took,
        seen.seconds is not None and seen.seconds <= limit,
    )


def figures() -> Iterator[Figure]:
    """Four lines: two cadences, each from the machine's own speed and from the baseline."""
    with stacks.running() as stack:
        known = {j.operation.name: j for j in judged(catalogue.operations(), load_sourced(), stack.settings)}
        own = [known[name] for name in FROM_ITS_OWN_SPEED]
        held = [known[name] for name in FROM_ITS_BASELINE]
        control = FaultControl(stack.settings.targets_of("trace")["embedded"].url.get_secret_value())
        until_all_scraped(Prometheus(stack.settings.prometheus))
        for one in held:
            _slow(control, one, 1.0)
        time.sleep(LIVE.fast_window_seconds(max(LIMITS_SECONDS)) + SETTLE_SECONDS)
        seen = _regress(stack, [*own, *held], control)
    yield from map(_line, seen)
