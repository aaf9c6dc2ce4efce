"""What `regress` will do, and the sentence where it will not."""

import math
import re

import pytest
from pydantic import SecretStr

from alerts.judgement.judged import Judged
from alerts.judgement.limits import Rule, limits_of
from alerts.regress import plan as regress
from alerts.regress.plan import Asked, Of
from steadyline.baseline import Baseline, Quantity
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.target import Target
from targets.faults import LONGEST_SECONDS

BUDGET_Z = 4.8


def _operation(name: str = "trace.item_create", **facts) -> Operation:
    return Operation(name=name, tells="how long it takes", body=lambda *_: None, **facts)


def _judged(operation: Operation, value: float = 0.05, spread: float = 0.05, **facts) -> Judged:
    baseline = Baseline(operation.name, "probe", Quantity.DURATION, value, 0.1, spread, "seed", **facts)
    return Judged(operation, baseline, limits_of(baseline, BUDGET_Z), operation.probe_every_seconds or 2)


def _plan(
    factor: float = 1.6, of: Of = Of.BASELINE, present: float = 0.002, for_seconds: float = 180, **facts
) -> regress.Plan:
    operation = _operation(**facts)
    return regress.plan(Asked(factor, of, for_seconds), operation, _judged(operation), "embedded", present)


def test_the_goal_is_a_multiple_of_the_baseline() -> None:
    """On any machine 1.6 of a 50 ms baseline is 80 ms, and critical."""
    found = _plan()
    assert found.goal_seconds == pytest.approx(0.08)
    assert (found.ratio, found.severity) == (pytest.approx(1.6), Severity.CRITICAL)


def test_or_of_the_present_mean() -> None:
    """Of what it takes now: 2 x 45 ms is 90 ms, whatever the baseline."""
    found = _plan(factor=2, of=Of.CURRENT, present=0.045)
    assert (found.goal_seconds, found.ratio) == (pytest.approx(0.09), pytest.approx(1.8))


@pytest.mark.parametrize("present", [0.002, 0.05])
def test_the_notification_is_expected_within_a_minute(present: float) -> None:
    """From 2 ms and from 50 ms, at a cadence of 2 s."""
    found = _plan(present=present)
    assert 0 < found.delay.expected_seconds <= found.delay.worst_seconds <= 65


def test_a_throughput_baseline_is_slowed_per_call() -> None:
    """100 items at 200 a second are 0.5 s per call; 1.6 times that is 0.8 s."""
    operation = _operation(items=100)
    baseline = Baseline(operation.name, "probe", Quantity.THROUGHPUT, 200, 0.2, 0.05, "seed")
    judged = Judged(operation, baseline, limits_of(baseline, BUDGET_Z), 10)
    found = regress.plan(Asked(1.6, Of.BASELINE, 300), operation, judged, "embedded", 0.01)
    assert found.goal_seconds == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"factor": 1.1}, "is 55 ms, which the rules of trace.item_create do not see"),
        ({"factor": 1.1, "of": Of.CURRENT}, "of the current is 2.2 ms, which the rules"),
        ({"present": 0.1}, "takes 100 ms now: the target can wait, not hurry; take a factor of at least 2.01"),
        ({"factor": 1000}, r"with a timeout \(20 s\); take a factor under 381"),
    ],
    ids=["too small", "too small of the present", "cannot hurry", "timeout"],
)
def test_what_cannot_be_done_is_refused_with_what_can(facts: dict, words: str) -> None:
    """One sentence each, naming the figures."""
    with pytest.raises(ConfigurationError, match=words):
        _plan(**facts)


def test_a_time_that_the_target_would_refuse_is_refused_at_once() -> None:
    """A day less the guard is the longest; more is told before anything is asked or noted."""
    longest = LONGEST_SECONDS - regress.GUARD_SECONDS
    assert Asked(1.6, Of.BASELINE, longest).for_seconds == longest
    with pytest.raises(ConfigurationError, match=r"^--for 90000s: .* for at most 86370s; ask for less$"):
        Asked(1.6, Of.BASELINE, 90_000)


@pytest.mark.parametrize(("of", "present"), [(Of.BASELINE, 0.002), (Of.CURRENT, 0.03)])
def test_the_factors_that_a_refusal_names_are_seen(of: Of, present: float) -> None:
    """The named ones give a warning and a critical alert; a little less does not."""
    with pytest.raises(ConfigurationError) as told:
        _plan(factor=1.01, of=of, present=present)
    warning, critical = (float(found) for found in re.findall(r"([\d.]+) for a", str(told.value)))
    assert _plan(factor=warning, of=of, present=present).severity is Severity.WARNING
    assert _plan(factor=critical, of=of, present=present).severity is Severity.CRITICAL
    assert _plan(factor=critical - 0.02, of=of, present=present).severity is Severity.WARNING


def test_a_noisy_baseline_hides_more() -> None:
    """The smallest factor grows with the spread between runs."""
    operation = _operation()
    with pytest.raises(ConfigurationError, match="do not see"):
        regress.plan(Asked(1.35, Of.BASELINE, 180), operation, _judged(operation, spread=0.3), "embedded", 0.002)


def test_without_a_baseline_nothing_judges() -> None:
    """It says how to get one."""
    with pytest.raises(ConfigurationError, match=r"baseline record --operation trace\.item_create"):
        regress.plan(Asked(1.6, Of.BASELINE, 180), _operation(), None, "embedded", 0.002)


@pytest.mark.parametrize(("for_seconds", "warned"), [(180, False), (20, True)])
def test_a_short_time_is_allowed_and_warned_of(for_seconds: float, warned: bool) -> None:
    """The warning names a time that is enough."""
    found = _plan(for_seconds=for_seconds)
    assert bool(found.warning) is warned
    if warned:
        enough = re.search(r"--for (\d+)s is enough", found.warning)
        assert enough
        assert not _plan(for_seconds=float(enough.group(1))).warning


def test_without_a_time_it_lasts_as_long_as_the_alert_needs() -> None:
    """Three minutes where they do; the worst delay and a little more beside a baseline that only the slow rule can use."""
    assert regress.long_enough(_plan()).for_seconds == 180
    operation = _operation()
    noisy = regress.plan(Asked(1.6, Of.BASELINE, 180), operation, _judged(operation, spread=0.2), "embedded", 0.05)
    assert 180 < noisy.delay.worst_seconds < regress.long_enough(noisy).for_seconds < math.inf


def test_the_delay_is_that_of_the_sooner_rule() -> None:
    """A step that only the slow rule grades takes minutes, and is finite."""
    judged = _judged(_operation(), spread=0.05)
    slow = judged.limits.threshold(Severity.CRITICAL, Rule.SLOW)
    assert slow < judged.limits.threshold(Severity.CRITICAL, Rule.FAST)
    found = _plan(factor=slow + 0.01, present=0.05)
    assert math.isfinite(found.delay.worst_seconds)
    assert found.delay.worst_seconds > 60


@pytest.mark.parametrize(
    ("operation", "settings", "alias", "words"),
    [
        (_operation("sql.item_create"), Settings(), None, r"inside the exporter's own process.*trace\.item_create"),
        (_operation(), Settings(), "main", "no such target of trace; there is embedded"),
        (
            _operation(),
            Settings(targets={"main": Target(backend="trace", url=SecretStr("http://far:1"), allow_writes=True)}),
            None,
            "target main is your own",
        ),
        (_operation(probe_every_seconds=None), Settings(), None, "is never probed"),
        (_operation("tams.segment_upload", asks_target=False), Settings(), None, "sends nothing to the target itself"),
    ],
    ids=["in process", "unknown target", "the user's own", "not scheduled", "elsewhere"],
)
def test_where_nothing_can_wait_it_says_so(operation: Operation, settings: Settings, alias: str | None, words: str) -> None:
    """One sentence each, before anything is asked or changed."""
    with pytest.raises(ConfigurationError, match=words):
        regress.slowable(operation, settings, alias)


def test_the_embedded_target_can_be_slowed() -> None:
    """The first is taken where none is named."""
    alias, target = regress.slowable(_operation(), Settings(), None)
    assert (alias, target.embedded) == ("embedded", True)
