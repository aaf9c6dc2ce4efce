"""Measures an operation by pytest-benchmark: each round is a whole attempt, of which its clock times the body alone."""

import math
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from measured_targets import MeasuredTargets
from pytest_benchmark.fixture import BenchmarkFixture

from runner.memory import Ledger
from steadyline.attempt import Attempt, Trial
from steadyline.errors import SteadylineError
from steadyline.heap import settle
from steadyline.operation import MEMORY_BUDGET_BYTES, Operation


class AttemptFailedError(Exception):
    """An attempt did not succeed, or not within its budget; the text holds no secret."""


class Measure:
    """Called by a test, it measures the operation that the test is about; what is not right fails the test.

    Where benchmarks are disabled, one attempt is made all the same, verified and cleaned up.

    Args:
        benchmark: pytest-benchmark's, of this test.
        operation: what is measured.
        targets: where.
        ledger: tells what memory it takes, beside the others that this process measures.
    """

    def __init__(self, benchmark: BenchmarkFixture, operation: Operation, targets: MeasuredTargets, ledger: Ledger) -> None:
        self._benchmark = benchmark
        self._operation = operation
        self._targets = targets
        self._ledger = ledger
        self._attempt: Attempt | None = None
        self._under_way: Trial | None = None

    def __call__(self) -> None:
        """Measure."""
        benchmark, operation = self._benchmark, self._operation
        benchmark.group = operation.backend
        benchmark.extra_info |= {
            "operation": operation.name,
            "backend": operation.backend,
            "suite": operation.suite.value,
            "items": operation.items,
        }
        failure = None
        try:
            self._measure()
        except (AttemptFailedError, SteadylineError) as error:
            failure = f"{operation.name}: {str(error).removeprefix(f'{operation.name}: ')}"
        if failure:  # said within the clause, pytest would show what was handled too
            pytest.fail(failure, pytrace=False)
        if benchmark.stats:
            benchmark.extra_info["items_per_second"] = operation.items / benchmark.stats.stats.mean

    def _measure(self) -> None:
        benchmark = self._benchmark
        try:
            rounds = self._rounds()
            with self._watched_memory():
                benchmark.pedantic(Trial.run, setup=self._begin, teardown=self._end, rounds=rounds)
            if self._under_way:  # where benchmarks are disabled it calls no teardown
                self._end(self._under_way)
        except BaseException as error:  # Ctrl-C too: half of it must not be stored
            benchmark.has_error = True
            if benchmark._mode is None:  # it warns of a test that did not use it, which would hide the cause
                benchmark._mode = type(error).__name__
            raise
        finally:
            self._clean_up()

    @contextmanager
    def _watched_memory(self) -> Iterator[None]:
        """Keep the peak of this process's resident memory beside the figures, and hold it to its budget."""
        if self._benchmark.disabled:
            yield
            return
        with self._ledger.sampling():
            self._ledger.begin()
            yield
            memory = self._ledger.end(self._operation.name)
        self._benchmark.extra_info |= {"peak_memory_bytes": memory.peak_bytes, "memory_growth_bytes": memory.growth_bytes}
        if memory.breaks(MEMORY_BUDGET_BYTES):
            raise AttemptFailedError(
                f"over budget: {memory.alone_bytes / 1e6:.0f} MB of memory, of {MEMORY_BUDGET_BYTES / 1e6:g} MB"
            )

    def _rounds(self) -> int:
        """What fills --benchmark-max-time with whole attempts, and --benchmark-min-rounds at least.

        The attempts here warm up: where the first one, which may make data sets and connections, tells that there is time
        for it, a second one tells what they cost from then on.
        """
        connection = self._targets.connection(self._operation)
        self._benchmark.extra_info["target"] = connection.alias
        self._attempt = Attempt(connection.backend, connection.client, on_bug=self._bug, redact=connection.redact)
        if self._benchmark.disabled:
            return 1
        least, most = self._benchmark._min_rounds, self._benchmark._max_time
        seconds = self._seconds()
        if seconds * least < most:
            seconds = self._seconds()
        settle()  # itself, not what tests of the product have in its place
        return max(least, math.ceil(most / seconds))

    def _seconds(self) -> float:
        """How long one attempt takes, with all of its steps."""
        start = time.perf_counter()
        (trial,), _ = self._begin()
        trial.run()
        self._end(trial)
        return time.perf_counter() - start

    def _begin(self) -> tuple[tuple[Trial], dict[str, Any]]:
        assert self._attempt
        self._under_way = trial = Trial(self._attempt, self._operation)
        trial.prepare()
        return (trial,), {}

    def _end(self, trial: Trial) -> None:
        outcome = trial.outcome()
        self._clean_up()
        if not outcome.ok:
            raise AttemptFailedError(f"{outcome.reason}: {outcome.detail}")
        if outcome.duration_seconds > self._operation.budget_seconds:
            raise AttemptFailedError(
                f"over budget: took {outcome.duration_seconds:.1f} s of {self._operation.budget_seconds:g} s"
            )

    def _clean_up(self) -> None:
        trial, self._under_way = self._under_way, None
        if trial:
            trial.clean_up()

    def _bug(self, _operation: Operation, error: Exception) -> None:
        assert self._attempt
        told = self._attempt.redact("".join(traceback.format_exception(error)).rstrip())
        raise AttemptFailedError(f"an error that the backend does not know\n{told}") from None
