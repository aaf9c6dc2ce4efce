"""Targets of every backend fall sick at once, beside healthy ones: what is told, what is counted, and what is left behind."""

from collections.abc import Iterator

import pytest
import sick_stack
from fault_samples import ENOUGH
from sick_stack import EVERY, OK, SKIPPED, Course

from steadyline import catalogue
from steadyline.outcome import Reason
from steadyline.severity import Severity
from steadyline.vocabulary import AlertName, Driver

SECONDS = 900
"""What all of them wait for takes six minutes on an idle machine."""
pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(SECONDS)]

WARM, SICK, MENDED, WELL = range(4)
"""The moments of a course."""
FAULTS = {
    "sql-down": "PostgreSQL down, and back",
    "sql-full": "PostgreSQL out of connections",
    "trace-hang": "the Trace API accepts and never answers",
    "trace-storm": "the Trace API answers 500, 502, 503 and 504",
    "trace-dns": "the Trace API's name resolves no more",
    "s3-403": "S3 answers 403",
    "s3-503": "S3 answers 503",
    "s3-nothing": "S3 answers nothing",
    "s3-slow": "S3 slow by ten times",
    "s3-cut": "S3 cut in the middle of each body",
    "s3-names": "S3 answers nothing but new names",
    "vast-contested": "VAST DB's tables changed by another transaction",
    "vast-expiring": "VAST DB's transactions expire at once",
}
HEALTHY = ("sql-steady", "trace-steady", "s3-steady", "s3-embedded", "vast-steady")
ALWAYS = {AlertName.WATCHDOG, AlertName.BASELINES_STALE}
"""Of the stack, not of a target: that alerting works, and that this machine outruns the baselines that come with us."""
EDGES = 2
"""Starts of an operation that may be under way at the two ends of a stretch."""


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    """One course for all."""
    with sick_stack.course() as seen:
        yield seen


@pytest.fixture(params=FAULTS)
def sick(request, course):
    """One sick target after the other."""
    return next(one for one in course.ward.targets if one.alias == request.param)


def test_the_right_alert_fires(course, sick) -> None:
    """Each operation that the fault hits is told of, and the text says why."""
    for alertname, operation in sick_stack.expected(sick, course.pages[WARM]):
        told = course.of(sick.alias, status="firing", alertname=alertname, operation=operation)
        assert told, (alertname, operation)
        assert sick.reason is None or f"mostly {sick.reason}" in told[-1].description, told


def test_it_resolves_once_and_not_before(course, sick) -> None:
    """What a fault is told by stays until it has ended, resolves then, and does not come back."""
    for alertname, operation in sick_stack.expected(sick, course.pages[WARM]):
        told = course.of(sick.alias, alertname=alertname, operation=operation, severity=Severity.CRITICAL)
        *before, last = told
        assert {one.status for one in before} == {"firing"}, told
        assert last.status == "resolved", told
        assert sick_stack.moment_of(last.ends_at) > course.moments[MENDED], told


def test_nothing_else_is_told(course, sick) -> None:
    """A sick target is failing, or over its budget where nothing comes; a slow one is slow; none is called silent."""
    allowed = {AlertName.FAILING} if sick.reason else {AlertName.REGRESSION}
    allowed |= {AlertName.BUDGET} if sick.reason is Reason.TIMEOUT else set()
    assert {one.alertname for one in course.of(sick.alias)} - course.of_the_machine <= allowed


def test_healthy_targets_are_not_told_of(course) -> None:
    """Of them nothing fires, nor of the stack; and none is judged slower than before."""
    others = [one for one in course.told if one.target not in FAULTS]
    assert {one.alertname for one in others} - course.of_the_machine <= ALWAYS, others


@pytest.mark.parametrize("alias", HEALTHY)
def test_healthy_targets_keep_their_samples(course, figures, alias) -> None:
    """Of what was scheduled on a target while all others were sick, 99 % became a sample."""
    usual, kept = (_kept(course.grown(first, last, alias)) for first, last in ((WARM, SICK), (SICK, WELL)))
    figures.say(f"{alias} beside all faults", kept=kept, told=f"before them {usual:.2%}")
    if course.of_the_machine and kept < ENOUGH * usual:
        pytest.skip(f"so much else runs here that starts are left out: {usual:.2%} kept before, {kept:.2%} beside faults")
    assert kept >= ENOUGH * usual


def _kept(counted) -> float:
    return counted[OK] / sum(counted.values())


def test_failures_have_their_reason(course, sick, figures) -> None:
    """What failed is counted under the fault's reason; what the moments of beginning and ending broke is the rest."""
    counted = course.grown(SICK, MENDED, sick.alias)
    failed = {reason: counted[reason] for reason in counted if reason not in (OK, SKIPPED)}
    left = course.left.get(sick.alias, 0)
    figures.say(FAULTS[sick.alias], artefacts=left, told=f"{dict(failed)}")
    if sick.reason:
        assert max(failed, key=failed.__getitem__) == sick.reason
        assert failed[sick.reason] >= 0.9 * sum(failed.values()), failed
    else:
        assert sum(failed.values()) == 0


def test_no_attempt_is_lost(course, figures) -> None:
    """Each start that was due is a success, a failure, or counted as left out, on sick targets too."""
    elapsed = course.moments[WELL] - course.moments[WARM]
    lost = {}
    for key, after in course.pages[WELL].items():
        counted = sum(after.values()) - after[EVERY] - sum(course.pages[WARM][key].values()) + course.pages[WARM][key][EVERY]
        if missing := max(0, elapsed / after[EVERY] - EDGES - counted):
            lost[key] = missing
    figures.say("attempts counted against the schedule", lost=sum(lost.values()))
    assert lost == {}


def test_the_far_end_saw_as_many(course, figures) -> None:
    """Bodies that a target was asked are attempts that are counted: the last ones may be under way, or just answered."""
    before, after = course.asked
    counted = sum(
        sum(found.values()) - found[EVERY] - found[SKIPPED]
        for (_, alias), found in course.pages[WELL].items()
        if alias == "s3-names"
    )
    figures.say("bodies that S3 was asked against attempts counted", lost=max(0, before - counted - EDGES))
    assert before - EDGES <= counted <= after


def test_labels_stay_bounded(course) -> None:
    """Ten thousand new names in answers, and unknown operations and targets that are asked for, make no series."""
    operations = catalogue.operations()
    assert course.labels["operation"] <= set(operations)
    assert course.labels["target"] <= {*FAULTS, *HEALTHY}
    assert course.labels["reason"] == set(Reason)
    assert course.labels["driver"] == {Driver.PROBE}


def test_nothing_is_left(course) -> None:
    """When the stack has ended no row, soft-deleted or not, no object, upload, schema or transaction lies in any target."""
    assert {place: count for place, count in course.left.items() if count} == {}


def test_the_exporter_knew_all_of_it(course) -> None:
    """No fault is a bug of ours: its log has no traceback."""
    assert "Traceback" not in course.log
