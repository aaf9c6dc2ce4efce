"""How a run ended, as an exit code and the reasons for it (DESIGN.md, exit codes of the gate)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from load.series import Series
from steadyline.errors import ConfigurationError, NoDataError, UnreachableError
from steadyline.outcome import Reason

_NEVER_THERE = frozenset({Reason.DNS.value, Reason.CONNECT.value, Reason.TLS.value, Reason.TIMEOUT.value})


class Exit(IntEnum):
    """The exit codes, by what they mean."""

    PASSED = 0
    FAILED = 1
    USAGE = ConfigurationError.exit_code
    INCONCLUSIVE = NoDataError.exit_code
    UNREACHABLE = UnreachableError.exit_code


@dataclass(frozen=True, slots=True)
class Facts:
    """What a verdict is made of.

    Attributes:
        broken: criteria that were broken, each as a line with its figures.
        silent: criteria that had no data, each as a line that says why.
        checks: locust-plugins' checks that failed.
        failed: requests that failed, where nobody set a limit for them (then a check or criterion judges them).
        saturated: workers that were the bottleneck themselves, in the steady phase.
        unreachable: targets that never answered.
        lost_reports: reports of workers that never came.
        lost_workers: workers that went away in the middle.
        silent_seconds: how long before its end nothing was answered any more, while attempts were under way.
        attempts: that have an outcome.
        cut: attempts that were ended before they had one.
    """

    broken: Sequence[str] = ()
    silent: Sequence[str] = ()
    checks: Sequence[str] = ()
    failed: int = 0
    saturated: Sequence[str] = ()
    unreachable: Sequence[str] = ()
    lost_reports: int = 0
    lost_workers: int = 0
    silent_seconds: float = 0.0
    attempts: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """An exit code, and why."""

    code: Exit
    reasons: tuple[str, ...]


def unreachable(series: Iterable[Series]) -> list[str]:
    """Targets that were asked and never answered: every attempt failed before there was an answer."""
    by_target: dict[str, list[Series]] = {}
    for one in series:
        by_target.setdefault(f"{one.key.backend} target {one.key.target!r}", []).append(one)
    return sorted(
        target
        for target, ones in by_target.items()
        if not any(one.successes for one in ones)
        and any(one.failures.get(reason) for one in ones for reason in _NEVER_THERE)
        and all(reason in _NEVER_THERE or reason == Reason.CANCELLED.value for one in ones for reason in one.failures)
    )


def judge(facts: Facts) -> Verdict:
    """The verdict; what makes a run untrustworthy counts before what it seems to show."""
    unreached = [f"{target} never answered; is it up, and is its address right?" for target in facts.unreachable]
    untrusted = [
        *(
            f"{worker} was the bottleneck itself: do not trust the latencies; add workers or cores"
            for worker in facts.saturated
        ),
        *([f"{facts.lost_reports} reports of workers were lost: counts are missing"] if facts.lost_reports else []),
        *(
            [f"workers that went away in the middle: {facts.lost_workers}; the load was not what was asked"]
            if facts.lost_workers
            else []
        ),
    ]
    if facts.silent_seconds:
        untrusted.append(f"nothing was answered in the last {facts.silent_seconds:.0f} s, and users waited: the target hangs")
    failed = [
        *(f"broken: {line}" for line in facts.broken),
        *(f"check failed: {line}" for line in facts.checks),
        *([f"{facts.failed} requests failed; allow for some with --check-fail-ratio or --expect"] if facts.failed else []),
    ]
    silent = [
        *facts.silent,
        *([] if facts.attempts else [_nothing(facts.cut)]),
    ]
    ranked = (
        (unreached, Exit.UNREACHABLE),
        (untrusted, Exit.INCONCLUSIVE),
        (failed, Exit.FAILED),
        (silent, Exit.INCONCLUSIVE),
    )
    code = next((code for reasons, code in ranked if reasons), Exit.PASSED)
    return Verdict(code, tuple(reason for reasons, _ in ranked for reason in reasons))


def _nothing(cut: int) -> str:
    """Why there is nothing to judge."""
    if cut:
        return f"none of {cut} requests had an answer by the end: the target hangs, or the run was too short for it"
    return "nothing was asked: no user ran long enough, or none had an operation to run"
