"""Input series for the rules' unit tests, in promtool's notation: counters that rise steadily, phase by phase."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from steadyline.edges import rounded
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.promql import number, quoted
from steadyline.vocabulary import (
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    OPERATION_STREAK,
    RUNS_SKIPPED,
    SCHEDULE_INTERVAL,
    Driver,
    Metric,
)

Document = dict[str, Any]
STEP_SECONDS = LIVE.evaluation_seconds
"""Scrape and evaluation fall together in promtool, at this interval."""
SLOW_STEP_SECONDS = 15.0
"""The same for the slow rule, whose tests last an hour; two scrapes still fit into the shortest window."""
_TRIFLE = 1e-9


@dataclass(frozen=True, slots=True)
class Phase:
    """A time in which an operation is the same.

    Attributes:
        seconds: how long.
        mean_seconds: every success takes this long.
        successes: share of its starts that succeed.
        timeouts: share of its starts that time out.
        refused: share of its starts that fail at once.
        skipped: share of its starts left out, because the attempt before was under way.
    """

    seconds: float
    mean_seconds: float
    successes: float = 1.0
    timeouts: float = 0.0
    refused: float = 0.0
    skipped: float = 0.0


def labels(operation: Operation, target: str, **more: str) -> str:
    """The labels of a series, as promtool's notation has them."""
    pairs = {"operation": operation.name, "backend": operation.backend, "target": target, "driver": Driver.PROBE}
    return "{" + ",".join(f"{name}={quoted(value)}" for name, value in (pairs | more).items()) + "}"


def counter(rates: Sequence[tuple[float, float]], step_seconds: float) -> str:
    """A counter from 0 that rises by so much a second for so many seconds, one pair after the other."""
    value, parts = 0.0, ["0"]
    for rate, seconds in rates:
        step, steps = rate * step_seconds, round(seconds / step_seconds)
        # A trifle more, because a counter that comes out lower than promtool's own sum of steps would be a reset.
        value *= 1 + _TRIFLE
        parts.append(f"{number(value + step)}+{number(step)}x{steps - 1}")
        value += step * steps
    return " ".join(parts)


def constant(value: float, seconds: float, step_seconds: float = STEP_SECONDS) -> str:
    """A gauge that stays."""
    return f"{number(value)}+0x{round(seconds / step_seconds)}"


def series(metric: Metric, suffix: str, label_text: str, values: str) -> Document:
    """One input series."""
    return {"series": f"{metric.name}{suffix}{label_text}", "values": values}


def attempts(
    operation: Operation, target: str, phases: Sequence[Phase], step_seconds: float = STEP_SECONDS, **more: str
) -> list[Document]:
    """What the recorder shows of an operation on a target; counters that never leave 0 are left out, as none need be.

    Args:
        operation: whose cadence, budget and items count.
        target: the label.
        phases: one after the other.
        step_seconds: from sample to sample.
        more: labels beside the target, or instead of the operation's own.
    """
    per_second = 1 / (operation.probe_every_seconds or 1)
    budget = operation.budget_seconds
    plain, le = labels(operation, target, **more), str(float(rounded(budget)))
    amounts: list[tuple[Metric, str, str, list[float]]] = [
        (OPERATION_DURATION, "_count", plain, [p.successes for p in phases]),
        (OPERATION_DURATION, "_sum", plain, [p.successes * p.mean_seconds for p in phases]),
        (
            OPERATION_DURATION,
            "_bucket",
            labels(operation, target, le=le, **more),
            [p.successes * (p.mean_seconds <= budget) for p in phases],
        ),
        (OPERATION_ITEMS, "", plain, [p.successes * operation.items for p in phases]),
        (OPERATION_FAILURES, "", labels(operation, target, reason="timeout", **more), [p.timeouts for p in phases]),
        (OPERATION_FAILURES, "", labels(operation, target, reason="connect", **more), [p.refused for p in phases]),
        (RUNS_SKIPPED, "", plain, [p.skipped for p in phases]),
    ]
    rates = [[(a * per_second, p.seconds) for a, p in zip(each, phases, strict=True)] for *_, each in amounts]
    return [
        series(metric, suffix, text, counter(rate, step_seconds))
        for (metric, suffix, text, each), rate in zip(amounts, rates, strict=True)
        if any(each) or metric is OPERATION_DURATION
    ]


def scheduled(operation: Operation, target: str, seconds: float) -> Document:
    """That an operation is scheduled on a target."""
    interval = operation.probe_every_seconds or 0.0
    return series(SCHEDULE_INTERVAL, "", labels(operation, target), constant(interval, seconds))


def streak(operation: Operation, target: str, values: str) -> Document:
    """How many attempts in a row have failed."""
    return series(OPERATION_STREAK, "", labels(operation, target), values)
