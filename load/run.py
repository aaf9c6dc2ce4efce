"""This process's part of a run: the plan, and what its users do, counted. `of(environment)` finds it."""

import logging
from typing import Any
from weakref import WeakKeyDictionary

from locust.env import Environment

from load.names import BACKEND, TARGET, Names, template
from load.plan import Plan
from load.reasons import reason_of
from load.series import NANOSECONDS, Key, Series, Tally
from steadyline.outcome import Outcome, Reason

LOG = logging.getLogger(__name__)
MILLISECOND_NS = NANOSECONDS // 1000
OUTCOME = "steadyline"
"""In a request event's context: the outcome of an operation, which is counted already."""
USER = "steadyline_user"
"""In a request event's context: whose iteration the request belongs to; in the open model alone, where it may begin late."""


class Run:
    """What one process counts of the run under way; of the next one, anew."""

    def __init__(self) -> None:
        """No run yet; what is asked before one is counted nowhere."""
        self.begin(Plan("", 0.0))

    def begin(self, plan: Plan) -> None:
        """Count a new run from zero."""
        self.plan = plan
        self.tally = Tally()
        self.names = Names()
        self._requests: dict[tuple[str, str], Series] = {}
        self._told: set[tuple[Key, Reason]] = set()

    def series(self, key: Key) -> Series:
        """What is counted under the key."""
        return self.tally.series.get(key) or self.tally.declare(key, self.plan.edges.get(key.operation, ()))

    def tell(self, key: Key, outcome: Outcome) -> None:
        """Log the first failure of each kind with its cause: Locust's table has reasons only, so that it stays short."""
        if outcome.reason is not None and (key, outcome.reason) not in self._told:
            self._told.add((key, outcome.reason))
            LOG.warning(
                "%s on %s fails with %s: %s", key.operation, key.target, outcome.reason.value, outcome.detail or "no detail"
            )

    def on_request(
        self,
        *,
        request_type: str,
        name: str,
        response_time: float | None,
        response_length: int,
        exception: BaseException | None = None,
        context: Any = None,
        response: Any = None,
        **_other: Any,
    ) -> None:
        """Count one of Locust's request events; it is begun and ended at once."""
        lag = None
        if context:
            if OUTCOME in context:
                return
            user = context.get(USER)
            lag = user.take_lag((response_time or 0.0) / 1000) if user is not None else None  # asked when it is over
        series = self._requests.get((request_type, name)) or self._request_series(request_type, name)
        series.started += 1
        if lag:
            series.late(lag)
        if exception is not None:
            series.fail(reason_of(exception, response))
        else:
            series.succeed((response_time or 0.0) / 1000, lag)
            series.items += 1
        if response_length:
            series.received += response_length

    def on_cut(self, request_type: str, name: str) -> None:
        """Count a request whose user was killed before there was an answer."""
        series = self._requests.get((request_type, name)) or self._request_series(request_type, name)
        series.started += 1
        series.fail(Reason.CANCELLED)

    def _request_series(self, request_type: str, name: str) -> Series:
        """Names are unbounded, so only those that have a series of their own are remembered."""
        key = Key(f"{request_type} {template(name)}", BACKEND, TARGET)
        admitted = self.names.admit(key)
        series = self.series(admitted)
        if admitted is not key:
            self.names.overflow += 1
        elif len(self._requests) < self.names.cap:
            self._requests[request_type, name] = series
        return series


_runs: "WeakKeyDictionary[Environment, Run]" = WeakKeyDictionary()


def place(environment: Environment, run: Run) -> None:
    """From now on `of` finds it."""
    _runs[environment] = run


def of(environment: Environment) -> Run:
    """This process's part of the run.

    Raises:
        KeyError: the environment was not wired (`load.wiring`): a bug of the locustfile.
    """
    return _runs[environment]
