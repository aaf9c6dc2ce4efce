"""The verdict: one exit code out of all that can be said of a run."""

import pytest

from load.series import Key, Series
from load.verdict import Exit, Facts, judge, unreachable
from steadyline.outcome import Outcome, Reason

RAN = {"attempts": 10}


@pytest.mark.parametrize(
    ("facts", "code", "said"),
    [
        (RAN, Exit.PASSED, []),
        ({**RAN, "broken": ["a p95 < 80ms"]}, Exit.FAILED, ["broken: a p95 < 80ms"]),
        ({**RAN, "checks": ["rps"]}, Exit.FAILED, ["check failed: rps"]),
        ({**RAN, "failed": 3}, Exit.FAILED, ["3 requests failed; allow for some with --check-fail-ratio or --expect"]),
        ({**RAN, "silent": ["a p95 < 80ms: no data"]}, Exit.INCONCLUSIVE, ["a p95 < 80ms: no data"]),
        ({**RAN, "silent": ["a: no data"], "broken": ["b"]}, Exit.FAILED, ["broken: b", "a: no data"]),
        (
            {**RAN, "saturated": ["worker 0"], "broken": ["b"]},
            Exit.INCONCLUSIVE,
            ["worker 0 was the bottleneck itself: do not trust the latencies; add workers or cores", "broken: b"],
        ),
        ({**RAN, "lost_reports": 2}, Exit.INCONCLUSIVE, ["2 reports of workers were lost: counts are missing"]),
        (
            {**RAN, "lost_workers": 1},
            Exit.INCONCLUSIVE,
            ["workers that went away in the middle: 1; the load was not what was asked"],
        ),
        (
            {**RAN, "unreachable": ["trace target 'host'"], "saturated": ["worker 0"]},
            Exit.UNREACHABLE,
            [
                "trace target 'host' never answered; is it up, and is its address right?",
                "worker 0 was the bottleneck itself: do not trust the latencies; add workers or cores",
            ],
        ),
        (
            {"cut": 5},
            Exit.INCONCLUSIVE,
            ["none of 5 requests had an answer by the end: the target hangs, or the run was too short for it"],
        ),
        ({}, Exit.INCONCLUSIVE, ["nothing was asked: no user ran long enough, or none had an operation to run"]),
    ],
)
def test_the_worst_that_can_be_said_decides(facts, code, said):
    """Unreachable before untrustworthy before failed before silent; every reason is told whatever decides."""
    verdict = judge(Facts(**facts))
    assert (verdict.code, list(verdict.reasons)) == (code, said)


def series(target: str, *outcomes: Outcome) -> Series:
    """What was counted of one operation."""
    one = Series(Key("trace.item_read", "trace", target))
    for outcome in outcomes:
        one.started += 1
        one.finish(outcome, None)
    return one


def test_a_target_that_never_answered_is_unreachable():
    """Refused throughout is unreachable; one answer, even a wrong one, is not; users that were ended say nothing."""
    refused, wrong, fine = Outcome(0.1, Reason.CONNECT), Outcome(0.1, Reason.SERVER_ERROR), Outcome(0.1)
    ended = Outcome(0.1, Reason.CANCELLED)
    counted = [
        series("down", refused, ended),
        series("wrong", refused, wrong),
        series("up", refused, fine),
        series("idle", ended),
    ]
    assert unreachable(counted) == ["trace target 'down'"]
