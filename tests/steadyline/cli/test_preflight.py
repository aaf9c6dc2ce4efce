"""What `up` refuses before anything starts."""

import pytest

from exporters.plan import is_scheduled
from steadyline import catalogue, settings
from steadyline.cli import preflight
from steadyline.errors import ConfigurationError, UnreachableError

CANARY = "hunter2"


def _settings(tmp_path, free_port, **environ):
    ports = {f"STEADYLINE_PORTS_{name.upper()}": str(free_port()) for name in settings.Ports.model_fields}
    return settings.load({"STEADYLINE_STATE_DIR": str(tmp_path / "state"), **ports, **environ})


REFUSED = {
    "not a URL": {"STEADYLINE_SQL_URL": "postgresql://h:port/d"},
    "missing password file": {
        "STEADYLINE_SQL_URL": "postgresql://u@127.0.0.1:1/d",
        "STEADYLINE_SQL_PASSWORD_FILE": "/nowhere",
    },
}


@pytest.mark.parametrize("environ", REFUSED.values(), ids=REFUSED)
def test_a_malformed_target_is_a_configuration_fault_that_names_it(tmp_path, free_port, environ):
    """Exit code 2, the target's key in the message, and no state folder made."""
    with pytest.raises(ConfigurationError, match=r"^targets\.sql-main: "):
        preflight.checked(_settings(tmp_path, free_port, **environ))
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "environ",
    [
        {"STEADYLINE_SQL_URL": f"postgresql://u:{CANARY}@127.0.0.1:1/d"},
        {"STEADYLINE_TRACE_URL": f"http://u:{CANARY}@127.0.0.1:1"},
    ],
    ids=["PostgreSQL", "Trace"],
)
def test_a_target_that_does_not_answer_is_unreachable_and_no_secret_is_told(tmp_path, free_port, environ):
    """Exit code 4, host and port in the message, the password nowhere."""
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:1\b") as caught:
        preflight.checked(_settings(tmp_path, free_port, **environ))
    assert CANARY not in str(caught.value)


def test_a_target_that_does_not_answer_may_be_allowed(tmp_path, free_port):
    """Its sentence is told, the others are planned; a mistake in the settings is refused all the same."""
    told = []
    away = {"STEADYLINE_TRACE_URL": f"http://u:{CANARY}@127.0.0.1:1"}
    plan = preflight.checked(_settings(tmp_path, free_port, **away), told.append)
    assert [sentence.partition(": ")[0] for sentence in told] == ["targets.trace-main"]
    assert CANARY not in told[0]
    assert ("trace", "trace-main") in plan.targets
    with pytest.raises(ConfigurationError):
        preflight.checked(_settings(tmp_path, free_port, **away, **REFUSED["not a URL"]), told.append)


def test_a_wrong_password_is_unreachable(tmp_path, free_port, postgres):
    """As a server that is there and refuses says so before anything starts."""
    wrong = f"postgresql://{postgres.user}:{CANARY}@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(UnreachableError) as caught:
        preflight.checked(_settings(tmp_path, free_port, STEADYLINE_SQL_URL=wrong))
    assert CANARY not in str(caught.value)


def test_what_a_read_only_target_leaves_out_is_said(tmp_path, free_port):
    """One sentence a target, with how many and how to change it."""
    database = tmp_path / "trace.db"
    own = {"STEADYLINE_SQL_URL": f"sqlite:///{database}", "STEADYLINE_SQL_ALLOW_WRITES": "true"}
    preflight.checked(_settings(tmp_path, free_port, **own))
    plan = preflight.checked(_settings(tmp_path, free_port, STEADYLINE_SQL_URL=f"sqlite:///{database}"))
    (sentence,) = preflight.left_out(plan)
    scheduled = [one for one in catalogue.operations(["sql"]).values() if one.writes and is_scheduled(one)]
    assert sentence.startswith(f"target sql-main is read-only: {len(scheduled)} operations that write are left out")
