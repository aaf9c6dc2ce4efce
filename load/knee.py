"""The knee: the load past which more load no longer buys throughput, found from the steps of a breakpoint run.

A step *pays* over an earlier one when its throughput grew at least half as much as the load did, and fewer than 1 % of its
requests failed. The knee is the first step over which no later one pays, two later ones at least: a single noisy step neither
makes a knee nor ends a run.

Half is where the elasticity of throughput to load falls to 1/2. For X(N) = C N / (N + K), the curve of a closed system with
one queue, that is N = K exactly, where half of the capacity C is used up; for the universal scalability law (Gunther,
Guerrilla Capacity Planning, 2007) it lies before the peak; for a system that saturates at once it is the corner. Kneedle
(Satopaa et al., 2011) was not taken: it measures the curve against its own ends, so its knee moves with the highest load that
was tried and is not known while the load still rises.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PAYS = 0.5
"""Growth of throughput over growth of load that is still worth it."""
FAILING = 0.01
"""Share of failures from which on a step does not count as carried."""
CONFIRMATION = 2
"""How many later steps have to agree."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a breakpoint run measured.

    Attributes:
        load: users, or starts per second in the open model.
        throughput_per_second: verified successes.
        p95_seconds: of their duration; None when there were none.
        failure_ratio: failures of all attempts, 0 to 1.
    """

    load: float
    throughput_per_second: float
    p95_seconds: float | None
    failure_ratio: float


@dataclass(frozen=True, slots=True)
class Knee:
    """Where more load stopped paying.

    Attributes:
        load: of the last step that paid, in the steps' unit.
        throughput_per_second: measured there.
        p95_seconds: measured there; None when nothing succeeded.
    """

    load: float
    throughput_per_second: float
    p95_seconds: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of a breakpoint run.

    Attributes:
        knee: None when it was not reached, or lies under the first step.
        sentence: says which, with the figures.
    """

    knee: Knee | None
    sentence: str


def find(steps: Sequence[Step], unit: str = "users") -> Finding:
    """Where the knee is, from the steps in the order of their load; the unit is that of the load."""
    ordered = sorted((step for step in steps if step.load > 0), key=lambda step: step.load)
    if not ordered:
        return Finding(None, "no knee: no step was measured")
    at = _knee_index(ordered)
    if at is None:
        return Finding(None, f"no knee up to {_load(ordered[-1], unit)}: {_unreached(ordered)}")
    step, after = ordered[at], ordered[at + 1]
    if step.failure_ratio >= FAILING:
        failing = f"{_percent(step.failure_ratio)} of the requests failed there"
        return Finding(None, f"no knee: it lies under the first step of {_load(step, unit)}, {failing}")
    sentence = f"the knee is at {_load(step, unit)}: {_measured(step)}; at {_load(after, unit)} {_gain(step, after)}"
    return Finding(Knee(step.load, step.throughput_per_second, step.p95_seconds), sentence)


def past_knee(steps: Sequence[Step]) -> bool:
    """Whether enough steps lie past the knee to be sure of it: the run can end."""
    return _knee_index(sorted((step for step in steps if step.load > 0), key=lambda step: step.load)) is not None


def _knee_index(ordered: Sequence[Step]) -> int | None:
    for index in range(len(ordered) - CONFIRMATION):
        if not any(_pays(ordered[index], later) for later in ordered[index + 1 :]):
            return index
    return None


def _pays(step: Step, later: Step) -> bool:
    growth = later.load / step.load - 1
    gained = later.throughput_per_second - step.throughput_per_second
    return later.failure_ratio < FAILING and gained >= PAYS * growth * step.throughput_per_second and gained > 0


def _unreached(ordered: Sequence[Step]) -> str:
    top = ordered[-1]
    if len(ordered) <= CONFIRMATION:
        return f"a knee takes {CONFIRMATION + 1} steps, there were {len(ordered)}"
    if not _pays(ordered[-2], top):
        return f"{_measured(top)} there; only the last step did not pay, a higher load would tell"
    return f"{_measured(top)} there, and it still grew with the load"


def _load(step: Step, unit: str) -> str:
    return f"{step.load:.6g} {unit}"


def _measured(step: Step) -> str:
    tail = "" if step.p95_seconds is None else f", p95 {_number(step.p95_seconds * 1000)} ms"
    return f"{_number(step.throughput_per_second)} requests/s{tail}"


def _gain(step: Step, later: Step) -> str:
    more = _percent(later.load / step.load - 1)
    if step.throughput_per_second <= 0:
        return f"{more} more load gave no throughput either"
    gained = later.throughput_per_second / step.throughput_per_second - 1
    text = f"{more} more load gave {_percent(abs(gained))} {'more' if gained >= 0 else 'less'} throughput"
    return text if later.failure_ratio < FAILING else f"{text} and {_percent(later.failure_ratio)} failures"


def _percent(share: float) -> str:
    return f"{_number(share * 100)} %"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"  # noqa: PLR2004 - two digits, or all before the point
