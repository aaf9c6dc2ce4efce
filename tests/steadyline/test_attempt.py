from dataclasses import dataclass, field, replace
from threading import Thread

import pytest

from steadyline.attempt import Attempt
from steadyline.operation import Operation
from steadyline.outcome import IntegrityError, Reason, current_call


class FarEndError(Exception):
    """What the far end of these tests fails with."""


class FarEnd:
    """A backend whose one error is a server error."""

    name = "far"

    def classify(self, error):
        """Know the one error."""
        return Reason.SERVER_ERROR if isinstance(error, FarEndError) else None


@dataclass
class Clock:
    """Seconds that pass only when a test lets them."""

    seconds: float = 100.0

    def __call__(self):
        """The present moment."""
        return self.seconds

    def passes(self, seconds):
        """Let time pass."""
        self.seconds += seconds


@dataclass
class Log:
    """An operation that writes down its steps, each taking a second, and fails in the one that is asked."""

    clock: Clock = field(default_factory=Clock)
    steps: list = field(default_factory=list)
    failing: dict = field(default_factory=dict)

    def step(self, name, answer=None):
        """Take a second, then fail or answer."""

        def run(*given):
            self.steps.append((name, *given[1:]))
            self.clock.passes(1)
            if name in self.failing:
                raise self.failing[name]
            return answer

        return run

    def operation(self, **facts):
        """The operation."""
        return Operation(
            name="far.call",
            tells="nothing",
            items=3,
            prepare=self.step("prepare", "prepared"),
            body=self.step("body", "result"),
            verify=self.step("verify"),
            cleanup=self.step("cleanup"),
            **facts,
        )

    def attempt(self, **facts):
        """One attempt over these steps."""
        return Attempt(FarEnd(), object(), clock=self.clock, **facts)


WHOLE = [("prepare",), ("body", "prepared"), ("verify", "prepared", "result"), ("cleanup", "prepared", "result")]


def test_order_and_time():
    """The steps run in order, each given what came before it, and only the body is timed."""
    log = Log()
    outcome = log.attempt()(log.operation())
    assert log.steps == WHOLE
    assert (outcome.ok, outcome.duration_seconds, outcome.items) == (True, 1.0, 3)


@pytest.mark.parametrize(
    ("step", "seconds", "steps"),
    [
        pytest.param("prepare", 0.0, WHOLE[:1], id="prepare: nothing to clean up"),
        pytest.param("body", 1.0, [*WHOLE[:2], ("cleanup", "prepared", None)], id="body: cleaned up without a result"),
        pytest.param("verify", 1.0, WHOLE, id="verify: cleaned up"),
    ],
)
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FarEndError("down"), Reason.SERVER_ERROR),
        (IntegrityError("wrong"), Reason.INTEGRITY),
        (TimeoutError(), Reason.TIMEOUT),
    ],
)
def test_failure_is_an_outcome(step, seconds, steps, error, reason):
    """A failure in any step is an outcome with its reason and the time the body took, no items, and is cleaned up."""
    log = Log(failing={step: error})
    outcome = log.attempt()(log.operation())
    assert (outcome.reason, outcome.items, outcome.duration_seconds) == (reason, 0, seconds)
    assert outcome.detail.startswith(type(error).__name__)
    assert log.steps == steps


def test_failing_cleanup_changes_nothing():
    """An attempt whose cleaning up fails keeps its outcome: the answer came, and it was right."""
    log = Log(failing={"cleanup": FarEndError("down")})
    assert log.attempt()(log.operation()).ok


def test_too_slow_is_a_timeout():
    """A right answer that comes after the operation's timeout is a failure; at the timeout it is none."""
    log = Log()
    assert log.attempt()(log.operation(timeout_seconds=1.0)).ok
    outcome = log.attempt()(log.operation(timeout_seconds=0.9))
    assert (outcome.reason, outcome.duration_seconds, outcome.items) == (Reason.TIMEOUT, 1.0, 0)


@pytest.mark.parametrize("step", ["prepare", "body", "verify", "cleanup"])
def test_bug_is_loud(step):
    """An exception that is nobody's known failure comes out, and what was written is cleaned up all the same."""
    log = Log(failing={step: ZeroDivisionError()})
    attempt = log.attempt()
    with pytest.raises(ZeroDivisionError):
        attempt(log.operation())
    assert step == "prepare" or log.steps[-1][0] == "cleanup"


@pytest.mark.parametrize("step", ["prepare", "body", "verify"])
def test_an_operation_that_ends_the_program_is_a_bug(step):
    """It ends its attempt alone, not the driver's thread, where it would be waited for until it times out."""
    log, told = Log(failing={step: SystemExit(3)}), []
    outcome = log.attempt(on_bug=lambda *found: told.append(found))(log.operation())
    assert (outcome.reason, outcome.detail) == (Reason.OTHER, "RuntimeError: the operation ended itself: sys.exit(3)")
    assert len(told) == 1


def test_a_cleanup_that_ends_the_program_is_a_bug():
    """The measured outcome stands."""
    log, told = Log(failing={"cleanup": SystemExit(3)}), []
    assert log.attempt(on_bug=lambda *found: told.append(found))(log.operation()).ok
    assert len(told) == 1


def test_bug_may_be_told_instead():
    """A driver that must go on is told of the bug, and the outcome says other."""
    log, told = Log(failing={"body": ZeroDivisionError()}), []
    outcome = log.attempt(on_bug=lambda operation, error: told.append((operation.name, error)))(log.operation())
    assert outcome.reason is Reason.OTHER
    assert told == [("far.call", log.failing["body"])]


def test_detail_is_redacted():
    """The detail of a failure goes through the redactor."""
    log = Log(failing={"body": FarEndError("password is hunter2")})
    assert "hunter2" not in log.attempt(redact=lambda text: text.replace("hunter2", "***"))(log.operation()).detail


def test_call_is_metered_in_the_body_only():
    """Clients meter what the body alone moves: the call is set while it runs, also when it fails, and at no other time."""
    seen = {}

    def look(step):
        def run(*_):
            seen[step] = call = current_call.get()
            if call:
                call.bytes_sent += 5
                call.bytes_received += 7
                call.phases["connect"] = 0.5
                if step == "failing":
                    raise FarEndError

        return run

    steps = Operation("far.call", "", look("body"), prepare=look("prepare"), verify=look("verify"), cleanup=look("cleanup"))
    attempt = Attempt(FarEnd(), object())
    for operation in (steps, replace(steps, body=look("failing"))):
        outcome = attempt(operation)
        assert (outcome.bytes_sent, outcome.bytes_received, outcome.phases) == (5, 7, {"connect": 0.5})
    assert {step for step, call in seen.items() if call} == {"body", "failing"}
    assert seen["body"].operation == "far.call"
    assert current_call.get() is None


def test_threads_do_not_share_a_call():
    """Attempts on several threads meter each its own call."""
    calls = []
    operation = Operation("far.call", "", lambda *_: calls.append(current_call.get()))
    threads = [Thread(target=Attempt(FarEnd(), object()), args=(operation,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(call) for call in calls}) == 4
