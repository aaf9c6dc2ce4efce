"""What a comparison of A with B came to, one row an operation, as every command that judges shows them; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import geometric_mean

from alerts.judgement.gate import Family, Judgement, is_settled, judge_pairs
from alerts.judgement.verdict import RENEW
from runner.measured import Measured
from runner.pairs import Pair, typical_seconds
from steadyline.cli import run_rows
from steadyline.cli.run_rows import Row
from steadyline.severity import Verdict

JUDGED_BY = 2
"""The typical call, and the mean of all."""
_SURE = frozenset({Verdict.WARNING, Verdict.CRITICAL})


def row(pair: Pair, tolerance: float, family: Family) -> Row:
    """One operation's row: B's figures, held to A's; times are those of a typical call (`runner.pairs.typical`).

    Args:
        pair: what was measured.
        tolerance: t, a fraction.
        family: what is judged together.
    """
    found, by_means = _judged(pair, tolerance, family)
    a, b = (typical_seconds(one) for one in (pair.a, pair.b)) if not by_means else (pair.a.run_means, pair.b.run_means)
    estimate = found.estimate
    return replace(
        run_rows.row(pair.b, None),
        peak_memory=None,
        memory_growth=None,
        run_means=tuple(b),
        mean=_mean(b),
        baseline=_mean(a),
        tolerance=tolerance,
        source="A, measured in turn",
        baseline_runs=len(a),
        ratio=found.ratio,
        lower99=estimate.lower99 if estimate else None,
        lower90=estimate.lower90 if estimate else None,
        upper90=estimate.upper90 if estimate else None,
        verdict=found.verdict,
        reason=_reason(pair, found, by_means=by_means),
    )


def _judged(pair: Pair, tolerance: float, family: Family) -> tuple[Judgement, bool]:
    """By the typical call; by the mean of all where that alone is surely slower: few calls got slower by much."""
    found = judge_pairs(pair.log_ratios, tolerance, halved(family))
    mean = judge_pairs(pair.log_ratios_of_means, tolerance, halved(family))
    return (mean, True) if mean.verdict in _SURE and found.verdict not in _SURE else (found, False)


def _mean(seconds: Sequence[float]) -> float | None:
    return geometric_mean(seconds) if seconds and min(seconds) > 0 else None


def _reason(pair: Pair, found: Judgement, *, by_means: bool) -> str:
    if pair.a.failed and not pair.rounds:
        return f"A failed: {failed(pair.a)}"
    if by_means:
        return f"by the mean, the typical call did not: {found.reason}"
    if found.verdict is Verdict.OK and found.estimate and _may_be_slower(found, found.tolerance):
        return f"{found.reason}; a slowdown up to {found.estimate.upper90 - 1:.0%} is not ruled out"
    return found.reason.removesuffix(RENEW)


def _may_be_slower(found: Judgement, tolerance: float) -> bool:
    """Whether a slowdown above the tolerance is not ruled out."""
    return found.estimate is not None and found.estimate.upper90 > 1 + tolerance


def failed(measured: Measured) -> str:
    """How often, and the last cause."""
    made = measured.failed + len(measured.seconds)
    return f"{measured.failed} of {made}: {measured.detail}"


def halved(family: Family) -> Family:
    """For each of the two ways in which an operation is judged: what is told of the family holds over both."""
    return replace(family, rate=family.rate / JUDGED_BY)


def settled_at(tolerance: float, family: Family) -> Callable[[Pair], bool]:
    """Whether more rounds of an operation would only say it again.

    Where A and B are asked in turn a step a little above the tolerance can be seen, so that OK is settled only once such a
    step is ruled out, too.

    Args:
        tolerance: t, a fraction.
        family: what is judged together.
    """

    def is_enough(pair: Pair) -> bool:
        found, _ = _judged(pair, tolerance, family)
        return is_settled(found) and not (found.verdict is Verdict.OK and _may_be_slower(found, tolerance))

    return is_enough


def remarks(pairs: Sequence[Pair]) -> Iterator[str]:
    """What the rows do not say: A's failures where it was measured all the same."""
    for pair in pairs:
        if pair.a.failed and pair.rounds:
            yield f"{pair.operation.name} on A: failed {failed(pair.a)}"
