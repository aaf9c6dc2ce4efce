"""Measuring: attempts are whole, cleaned up in any case, and what is not right fails."""

from types import SimpleNamespace

import measuring
import pytest
from measuring import Measure
from pytest_benchmark.fixture import BenchmarkFixture
from pytest_benchmark.timers import default_timer
from pytest_benchmark.utils import NameWrapper

from runner.memory import Ledger, Peak
from steadyline.errors import UnreachableError
from steadyline.operation import Operation
from steadyline.outcome import IntegrityError, Reason

PASSWORD = "hunter2"


class Steps:
    """A made operation that notes its steps; `fails` raises in one of them, in a certain attempt."""

    def __init__(self, fails="", attempt=1, error=None):
        self.noted = []
        self._fails = (fails, attempt, error)

    def __call__(self, step):
        """One step of the operation."""

        def run(*_given):
            self.noted.append(step)
            fails, attempt, error = self._fails
            if step == fails and self.noted.count(step) == attempt:
                raise error
            return step

        return run

    def operation(self, **facts):
        """It as an operation."""
        steps = {step: self(step) for step in ("prepare", "body", "verify", "cleanup")}
        return Operation(name="sql.made", tells="Made.", items=7, **steps, **facts)


class Targets:
    """One target, whose errors hold its password."""

    def __init__(self, error=None):
        self._error = error

    def connection(self, _operation):
        """The connection."""
        if self._error:
            raise self._error
        backend = SimpleNamespace(classify=lambda error: Reason.CONNECT if isinstance(error, OSError) else None)
        return SimpleNamespace(
            backend=backend, alias="made", client=object(), redact=lambda text: text.replace(PASSWORD, "***")
        )


@pytest.fixture
def made(request):
    """`made()` is a benchmark fixture as pytest-benchmark makes it, of 5 rounds; and where it puts what it measured."""

    def make(*, disabled=False):
        stored = []
        fixture = BenchmarkFixture(
            request.node,
            add_stats=stored.append,
            logger=None,
            warner=None,
            disabled=disabled,
            timer=NameWrapper(default_timer),
            min_rounds=5,
            **dict.fromkeys(("min_time", "max_time", "warmup_iterations", "calibration_precision", "cprofile_loops"), 0),
            **dict.fromkeys(("disable_gc", "precision", "confidence", "warmup", "cprofile", "cprofile_dump")),
        )
        return fixture, stored

    return make


ATTEMPT = ["prepare", "body", "verify", "cleanup"]


def test_every_round_is_whole(made):
    """One attempt to warm up, then the rounds; each prepares, verifies and cleans up, and the body alone is timed."""
    benchmark, stored = made()
    steps = Steps()
    Measure(benchmark, steps.operation(), Targets(), Ledger())()
    assert steps.noted == ATTEMPT * 6
    (stats,) = stored
    assert len(stats.stats.data) == 5
    assert stats.group == "sql"
    memory = {name: stats.extra_info.pop(name) for name in ("peak_memory_bytes", "memory_growth_bytes")}
    assert memory["peak_memory_bytes"] > 10_000_000 > memory["memory_growth_bytes"] >= 0
    assert stats.extra_info == {
        "operation": "sql.made",
        "backend": "sql",
        "target": "made",
        "suite": "performance",
        "items": 7,
        "items_per_second": 7 / stats.stats.mean,
    }


def test_disabled_is_one_attempt(made):
    """Where benchmarks are disabled, one whole attempt is made and nothing is measured."""
    benchmark, stored = made(disabled=True)
    steps = Steps()
    Measure(benchmark, steps.operation(), Targets(), Ledger())()
    assert steps.noted == ATTEMPT
    assert stored == []


@pytest.mark.parametrize(("attempt", "disabled"), [(1, False), (4, False), (1, True)])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionError(f"as {PASSWORD}"), r"sql\.made: connect: ConnectionError: as \*\*\*"),
        (IntegrityError("three rows"), r"sql\.made: integrity: IntegrityError: three rows"),
        (KeyError(PASSWORD), r"(?s)sql\.made: an error that the backend does not know.*KeyError: '\*\*\*'"),
    ],
)
@pytest.mark.parametrize("step", ["body", "verify"])
def test_failure_fails(made, attempt, disabled, step, error, told):  # noqa: PLR0917 - a table
    """A failed attempt fails the test with its cause, without secrets; it is cleaned up, and not stored."""
    benchmark, stored = made(disabled=disabled)
    steps = Steps(step, attempt, error)
    with pytest.raises(pytest.fail.Exception, match=told) as failed:
        Measure(benchmark, steps.operation(), Targets(), Ledger())()
    assert PASSWORD not in str(failed.value)
    assert failed.value.__context__ is None
    assert steps.noted.count("cleanup") == attempt
    assert all(one.has_error for one in stored)
    benchmark._cleanup()  # warns of a fixture that was not used, by a logger that is not there


def test_failing_prepare(made):
    """Where preparing failed nothing is timed, and that is the failure."""
    benchmark, _ = made()
    steps = Steps("prepare", 1, ConnectionError("none"))
    with pytest.raises(pytest.fail.Exception, match="connect: ConnectionError: none"):
        Measure(benchmark, steps.operation(), Targets(), Ledger())()
    assert steps.noted == ["prepare"]


def test_interrupt_cleans_up(made):
    """Ctrl-C in a body leaves nothing behind, and half a measurement is not stored."""
    benchmark, stored = made()
    steps = Steps("body", 4, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Measure(benchmark, steps.operation(), Targets(), Ledger())()
    assert steps.noted[-3:] == ["prepare", "body", "cleanup"]
    assert [one.has_error for one in stored] == [True]


def test_broken_budget_fails(made):
    """An attempt over the operation's budget is a failure."""
    benchmark, _ = made()
    steps = Steps()
    with pytest.raises(pytest.fail.Exception, match=r"sql\.made: over budget: took .* s of 0 s"):
        Measure(benchmark, steps.operation(budget_seconds=0.0), Targets(), Ledger())()
    assert steps.noted == ATTEMPT


def test_broken_memory_budget_fails(made, monkeypatch):
    """More resident memory than the budget allows is a failure, and is not stored."""
    monkeypatch.setattr(measuring, "MEMORY_BUDGET_BYTES", 1_000_000)
    ledger = Ledger(Peak(iter(range(500_000, 10**9, 800_000)).__next__))
    benchmark, stored = made()
    with pytest.raises(pytest.fail.Exception, match=r"sql\.made: over budget: \d+ MB of memory, of 1 MB"):
        Measure(benchmark, Steps().operation(), Targets(), ledger)()
    assert [one.has_error for one in stored] == [True]


def test_no_target_fails(made):
    """A target that does not answer is a failure with its cause; the operation is named once."""
    benchmark, _ = made()
    with pytest.raises(pytest.fail.Exception, match=r"^sql\.made: nobody there$"):
        Measure(benchmark, Steps().operation(), Targets(UnreachableError("sql.made: nobody there")), Ledger())()
    benchmark._cleanup()
