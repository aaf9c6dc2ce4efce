"""Which baselines a `run` is judged by: those of here and now; where one is not, its operation has its budget alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from runner.choice import Chosen, Key
from steadyline.baseline import Baseline, most_specific
from steadyline.cli import run_options as options
from steadyline.cli.refusals import Now, Refusal, refusals
from steadyline.operation import Operation
from steadyline.vocabulary import Driver


@dataclass(frozen=True, slots=True)
class Apart:
    """A baseline that says nothing of this measurement.

    Attributes:
        baseline: which.
        differences: what it does not have in common with it.
    """

    baseline: Baseline
    differences: tuple[Refusal, ...]

    @property
    def why(self) -> str:
        """All of them."""
        return "; ".join(one.why for one in self.differences)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the operations of a run are held to.

    Attributes:
        judging: one baseline an operation and target, of here and now.
        apart: those that are not, by operation and target.
    """

    judging: tuple[Baseline, ...]
    apart: Mapping[Key, Apart]


def holding(chosen: Iterable[Chosen], known: Iterable[Baseline], now: Callable[[Operation], Now]) -> Holding:
    """Sort the baselines that are nearest to what is measured.

    One that is set apart is not replaced by the sourced number, which is of no machine that anybody has.

    Args:
        chosen: what is measured.
        known: all baselines that there are.
        now: the circumstances of an operation.
    """
    baselines, judging, apart = tuple(known), [], {}
    for one in chosen:
        held = most_specific(baselines, *one.key, Driver.BENCH)
        if held is None:
            continue
        differences = tuple(refusals(held, now(one.operation)))
        if differences:
            apart[one.key] = Apart(held, differences)
        else:
            judging.append(replace(held, target=one.alias))
    return Holding(tuple(judging), apart)


def told(apart: Mapping[Key, Apart], of: int) -> Iterator[str]:
    """One sentence on all that were measured and not judged, with the first one's reason and what to do."""
    if apart:
        (name, _), first = next(iter(apart.items()))
        causes = dict.fromkeys(one.cause for found in apart.values() for one in found.differences if one.cause)
        forcing = f", and steadyline compare {' '.join(causes)} compares all the same" if causes else ""
        cure = f"{options.RECORD} records them here{forcing}"
        yield f"not judged: {len(apart)} of {of}, held to their budgets alone ({name}: {first.why}); {cure}"
