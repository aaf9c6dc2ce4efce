"""The path of every catalogue operation under load: the user's lag, the attempt, the counts, Locust's request event."""

import time
from collections.abc import Callable

from load import run as runs
from load.arriving import ArrivingUser
from load.asker.messages import QUEUED
from load.series import Key
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason


class OperationFailed(Exception):  # noqa: N818 - Locust's table of failures shows its text alone
    """What Locust is told of a failure: the reason, so that its table stays as short as the list of reasons."""


def ask(user: ArrivingUser, operation: Operation, target: str, attempt: Callable[[Operation], Outcome]) -> Outcome:
    """Make one attempt for a user and count it.

    What stood in line for a connection first has that time in its response time, in the closed model too: its user waited.
    A user that is killed in the middle leaves a failure with the reason `cancelled`: what was begun has an end in the counts.

    Args:
        user: whose iteration it belongs to.
        operation: what is asked.
        target: alias of the target.
        attempt: makes the attempt (`steadyline.attempt.Attempt`, or the asker's).

    Raises:
        Exception: a bug of the operation; counted as `other`.
    """
    environment = user.environment
    run = runs.of(environment)
    key = Key(operation.name, operation.backend, target)
    series = run.series(key)
    lag = user.take_lag()
    start_time = time.time()
    series.started += 1
    if lag:
        series.late(lag)
    try:
        outcome = attempt(operation)
    except Exception:
        series.fail(Reason.OTHER)
        raise
    except BaseException:  # GreenletExit: the user is killed
        series.fail(Reason.CANCELLED)
        raise
    queued = outcome.phases.get(QUEUED)
    series.finish(outcome, lag if queued is None else (lag or 0.0) + queued)
    failure = None
    if outcome.reason is Reason.CANCELLED:  # of the run's own end, nothing for Locust's table of failures
        return outcome
    if outcome.reason is not None:
        run.tell(key, outcome)
        failure = OperationFailed(outcome.reason.value)
    environment.events.request.fire(
        request_type=operation.backend,
        name=operation.name,
        response_time=(outcome.duration_seconds + (queued or 0.0)) * 1000,
        response_length=outcome.bytes_received,
        response=None,
        context={runs.OUTCOME: outcome},
        exception=failure,
        start_time=start_time,
        url=None,
    )
    return outcome
