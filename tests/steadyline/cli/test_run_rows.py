import pytest
from pydantic import SecretStr

from runner.choice import Chosen
from runner.measured import Measured, Run
from runner.memory import Memory
from steadyline.baseline import Baseline, Quantity
from steadyline.cli import run_rows
from steadyline.operation import MEMORY_BUDGET_BYTES, Operation
from steadyline.outcome import Outcome, Reason
from steadyline.severity import Severity, Verdict
from steadyline.target import Target

TARGET = Target(backend="sql", url=SecretStr("sqlite:////nowhere"))


def measured(seconds=0.1, runs=5, alone=1000, failures=(), **facts):
    """An operation whose runs all took so long."""
    operation = Operation(name=facts.pop("name", "sql.x"), tells="x", body=lambda *_: None, **facts)
    found = Measured(Chosen(operation, "main", TARGET))
    found.runs = [Run((seconds,), Memory(10 * MEMORY_BUDGET_BYTES, 1, alone)) for _ in range(runs)]
    found.slowest_seconds = seconds if runs else 0.0
    for reason in failures:
        found.note(Outcome(0.1, reason, detail="down"))
    return found


def held(value=0.1, tolerance=0.2):
    """A baseline."""
    return Baseline("sql.x", "bench", Quantity.DURATION, value, tolerance, 0.05, "seed")


@pytest.mark.parametrize(
    ("found", "baseline", "severity", "state"),
    [
        pytest.param(measured(0.1), held(), None, "OK", id="as it was"),
        pytest.param(measured(0.1), None, None, "no baseline", id="no baseline"),
        pytest.param(measured(0.14), held(), Severity.CRITICAL, "CRITICAL", id="much slower"),
        pytest.param(measured(0.128, runs=20), held(), Severity.WARNING, "WARNING", id="slower"),
        pytest.param(measured(0.112, runs=20), held(tolerance=0.05), Severity.INFO, "INFO", id="a little slower"),
        pytest.param(measured(0.1, runs=3), held(), None, "NO_DATA", id="too few runs"),
        pytest.param(measured(runs=0), held(), None, "not measured", id="broken off before its first run"),
        pytest.param(
            measured(failures=[Reason.AUTH, Reason.AUTH, Reason.TIMEOUT]),
            held(),
            Severity.CRITICAL,
            "FAILED 2 auth, 1 timeout",
            id="failing",
        ),
        pytest.param(measured(21.0), None, Severity.CRITICAL, "CRITICAL over its budget of 20 s", id="over its budget"),
        pytest.param(
            measured(alone=MEMORY_BUDGET_BYTES + 1), None, Severity.CRITICAL, "CRITICAL over 500 MB of memory", id="memory"
        ),
        pytest.param(measured(alone=MEMORY_BUDGET_BYTES), None, None, "no baseline", id="on the limit is within it"),
    ],
)
def test_state_and_severity(found, baseline, severity, state):
    """Each row has a severity where it is an alarm, and says its state in a few words."""
    row = run_rows.row(found, baseline)
    assert (row.severity, row.state) == (severity, state)


def table(*found, unreachable=(), baseline=None):
    """A table of these."""
    return run_rows.Table(tuple(run_rows.row(one, baseline) for one in found), tuple(unreachable))


@pytest.mark.parametrize(
    ("found", "fail_on", "code"),
    [
        pytest.param(table(measured(), baseline=held()), Severity.WARNING, 0, id="pass"),
        pytest.param(table(measured()), Severity.INFO, 0, id="no baseline passes"),
        pytest.param(table(measured(0.14), baseline=held()), Severity.CRITICAL, 1, id="critical"),
        pytest.param(table(measured(0.128, runs=20), baseline=held()), Severity.WARNING, 1, id="warning"),
        pytest.param(table(measured(0.128, runs=20), baseline=held()), Severity.CRITICAL, 0, id="warning under critical"),
        pytest.param(table(measured(0.112, runs=20), baseline=held(tolerance=0.05)), Severity.INFO, 1, id="info under info"),
        pytest.param(table(measured(0.112, runs=20), baseline=held(tolerance=0.05)), Severity.WARNING, 0, id="info passes"),
        pytest.param(table(measured(0.01), baseline=held()), Severity.INFO, 0, id="improved passes"),
        pytest.param(table(measured(runs=4), baseline=held()), Severity.WARNING, 3, id="too few runs"),
        pytest.param(table(measured(runs=0)), Severity.WARNING, 3, id="not measured"),
        pytest.param(table(measured(21.0)), Severity.CRITICAL, 1, id="a broken budget"),
        pytest.param(table(measured(failures=[Reason.AUTH])), Severity.CRITICAL, 1, id="one failure"),
        pytest.param(table(measured(), unreachable=["s3: away"]), Severity.WARNING, 4, id="unreachable"),
        pytest.param(
            table(measured(runs=1), unreachable=["s3: away"], baseline=held()),
            Severity.WARNING,
            4,
            id="unreachable before no data",
        ),
        pytest.param(
            table(measured(0.2), unreachable=["s3: away"], baseline=held()), Severity.WARNING, 1, id="a regression before both"
        ),
    ],
)
def test_exit_code(found, fail_on, code):
    """The exit codes of DESIGN.md."""
    assert found.exit_code(fail_on) == code


def test_faster_than_what_cannot_be_recorded_anew():
    """A baseline that is stale is to be recorded anew; where there is none to record it is faster, no more."""
    assert run_rows.row(measured(0.01), held()).reason.endswith(": record a new baseline")
    reason = run_rows.row(measured(0.01), held(), is_renewable=False).reason
    assert reason.startswith("faster for sure")
    assert "record" not in reason


def test_timeout_is_over_budget():
    """A timeout counts as over budget though its attempt was ended before."""
    assert run_rows.row(measured(failures=[Reason.TIMEOUT]), None).broken == ("over its budget of 20 s",)


def test_worst_first():
    """By severity, then by ratio; what nobody judges comes last."""
    rows = [
        run_rows.row(measured(0.1, name="sql.none"), None),
        run_rows.row(measured(0.105, name="sql.ok"), held()),
        run_rows.row(measured(0.13, name="sql.warning"), held()),
        run_rows.row(measured(0.11, name="sql.ok_and_slower"), held()),
        run_rows.row(measured(0.1, name="sql.failing", failures=[Reason.DNS]), None),
    ]
    found = [row.operation for row in run_rows.worst_first(rows)]
    assert found == ["sql.failing", "sql.warning", "sql.ok_and_slower", "sql.ok", "sql.none"]


def test_plain():
    """For programs a row holds its judgement as words and numbers."""
    plain = run_rows.plain_row(run_rows.row(measured(0.14), held()))
    assert (plain["verdict"], plain["severity"], plain["ratio"]) == (Verdict.CRITICAL, Severity.CRITICAL, pytest.approx(1.4))
    assert plain["p95"] is None
