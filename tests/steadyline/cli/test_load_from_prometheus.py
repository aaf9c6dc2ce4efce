"""Baselines of a load profile from what a real Prometheus scraped of its runs."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from load_history import KEY, USERS, Past, history
from typer.testing import CliRunner, Result

from steadyline.baselines import load_recorded
from steadyline.cli.main import build
from steadyline.errors import ConfigurationError, NoDataError, SteadylineError
from steadyline.state import State

pytestmark = pytest.mark.stack

Steadyline = Callable[..., Result]


def _runs(now: float) -> tuple[Past, ...]:
    """Two quiet runs of one profile, and of two others one that fails and one that is saturated."""
    quiet = {"is_saturated": False, "is_failing": False}
    return (
        Past("one", now - 2400, 250, took=0.05, profile="low", instance="one:1", **quiet),
        Past("two", now - 2000, 250, took=0.06, profile="low", instance="two:1", **quiet),
        Past("three", now - 1600, 250, profile="medium", instance="three:1", is_saturated=False),
        Past("four", now - 1200, 250, profile="high", instance="four:1", is_failing=False),
    )


@pytest.fixture(scope="module")
def prometheus_url(start_prometheus: Callable[..., str]) -> str:
    """It scraped the runs of the last 40 minutes."""
    return start_prometheus(history=history(*_runs(float(int(time.time())))))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """An empty state folder."""
    monkeypatch.chdir(tmp_path)
    return State(tmp_path / "state")


@pytest.fixture
def record(prometheus_url: str, state: State, free_port: Callable[[], int]) -> Steadyline:
    """`steadyline baseline record --driver load --from-prometheus …` in this process."""
    environment = {
        "STEADYLINE_STATE_DIR": str(state.root),
        "STEADYLINE_PORTS_PROMETHEUS": prometheus_url.rpartition(":")[2],
        "STEADYLINE_PORTS_EXPORTER": str(free_port()),
        "COLUMNS": "220",
    }

    def run(*arguments: str) -> Result:
        command = ["baseline", "record", "--driver", "load", "--from-prometheus", *arguments]
        return CliRunner().invoke(build(["baseline"]), command, env=environment)

    return run


def test_the_windows_of_a_profiles_runs_become_its_baseline(record: Steadyline, state: State) -> None:
    """Those of both runs together, steady phases only, under the load that there was; the histogram is of both."""
    done = record("1h", "--profile", "low")
    assert done.exit_code == 0, done.output
    (found,) = load_recorded(state.baselines)
    assert (found.operation, found.target, found.driver, found.profile) == (KEY.operation, KEY.target, "load", "low")
    assert found.value == pytest.approx((0.05 * 0.06) ** 0.5, rel=0.01)
    facts = found.recorded
    assert facts is not None
    assert facts.load is not None
    assert (facts.runs, facts.load.users, facts.load.arrival_rate, facts.load_running) == (12, USERS, 11.0, True)
    assert sum(facts.histogram) == pytest.approx(facts.samples, rel=0.1)
    assert facts.quantiles.keys() == {"0.5", "0.95", "0.99"}


REFUSED: dict[str, tuple[list[str], type[SteadylineError], str]] = {
    "failing": (["1h", "--profile", "medium"], NoDataError, "attempts failed; mend that first"),
    "saturated": (["1h", "--profile", "high"], NoDataError, "in run four the load generator was the bottleneck itself"),
    "no run": (["5m", "--profile", "low"], NoDataError, "holds no steady load run of the profile low in the last 5 min; "),
    "not asked": (["1h", "--operation", "sql.*"], ConfigurationError, "there is trace.item_create on embedded"),
}


@pytest.mark.parametrize(("arguments", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_baseline_is_refused(
    record: Steadyline, state: State, arguments: list[str], kind: type[SteadylineError], words: str
) -> None:
    """One sentence; nothing is kept."""
    done = record(*arguments)
    assert isinstance(done.exception, kind), done.output
    assert words in str(done.exception)
    assert not state.baselines.exists()


def test_each_profile_with_runs_is_recorded(record: Steadyline, state: State) -> None:
    """Without --profile: what can be is recorded, the others are named."""
    done = record("1h")
    assert done.exit_code == 0, done.output
    assert [one.profile for one in load_recorded(state.baselines)] == ["low"]
    assert "in run four" in done.stderr
