"""`steadyline baseline` over a real Prometheus that was fed the runs of the last minutes."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from steadyline.baselines import load_recorded
from steadyline.cli.main import build
from steadyline.errors import ConfigurationError, NoDataError, UnreachableError
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.state import State
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, SCHEDULE_INTERVAL

pytestmark = pytest.mark.stack

BEFORE_SECONDS = 20 * 60
AFTER_SECONDS = 5 * 60
"""The history reaches into the future, so that it does not end while the tests run."""
MEANS = {"sql.item_read": 0.004, "sql.item_create": 0.006, "trace.item_create": 0.009}
"""Constant means at 2 s; trace.item_create fails in every third attempt."""
WITH_RULES = "global: {{scrape_interval: 5s}}\nrule_files: ['{rules}']\n"


def _history(now: float) -> str:
    steps = int((BEFORE_SECONDS + AFTER_SECONDS) / LIVE.scrape_seconds)
    lines = [
        line for name, mean in MEANS.items() for i in range(steps) for line in _scrape(name, mean, i, now - BEFORE_SECONDS)
    ]
    return "\n".join([*lines, "# EOF", ""])


def _scrape(name: str, mean: float, i: int, start: float) -> Iterator[str]:
    at = round(start + i * LIVE.scrape_seconds, 3)
    labels = f'operation="{name}",backend="{name.partition(".")[0]}",target="embedded",driver="probe"'
    count = i * LIVE.scrape_seconds / 2
    failed = count / 3 if name == "trace.item_create" else 0
    yield f"{SCHEDULE_INTERVAL.name}{{{labels}}} 2 {at}"
    yield f"{OPERATION_DURATION.name}_count{{{labels}}} {count} {at}"
    yield f"{OPERATION_DURATION.name}_sum{{{labels}}} {count * mean} {at}"
    yield f'{OPERATION_FAILURES.name}{{{labels},reason="timeout"}} {failed} {at}'
    for edge in ("0.01", "+Inf"):
        yield f'{OPERATION_DURATION.name}_bucket{{{labels},le="{edge}"}} {count} {at}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working folder; its state folder is what Prometheus loads its rules from."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def prometheus_url(start_prometheus: Callable[..., str], folder: Path) -> str:
    """A Prometheus that holds the history, and loads the state folder's rules once they are there."""
    state = State(folder / "state")
    return start_prometheus(config=WITH_RULES.format(rules=state.rules), history=_history(time.time()))


@pytest.fixture
def environment(
    prometheus_url: str, folder: Path, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The settings: this Prometheus on its port, nothing on the others."""
    monkeypatch.chdir(folder)
    return {
        "STEADYLINE_STATE_DIR": str(folder / "state"),
        "STEADYLINE_PORTS_PROMETHEUS": prometheus_url.rpartition(":")[2],
        "STEADYLINE_PORTS_EXPORTER": str(free_port()),
        "STEADYLINE_PORTS_TRACE": str(free_port()),
        "COLUMNS": "220",
    }


@pytest.fixture
def state(folder: Path) -> Iterator[State]:
    """The state folder, without recorded baselines before and after."""
    found = State(folder / "state")
    found.baselines.unlink(missing_ok=True)
    found.regressions.unlink(missing_ok=True)
    yield found
    found.baselines.unlink(missing_ok=True)
    found.regressions.unlink(missing_ok=True)


Steadyline = Callable[..., Result]


@pytest.fixture
def steadyline(environment: dict[str, str]) -> Steadyline:
    """`steadyline baseline …` in this process."""

    def run(*arguments: str, **environ: str) -> Result:
        return CliRunner().invoke(build(["baseline"]), ["baseline", *arguments], env=environment | environ)

    return run


def test_what_prometheus_holds_becomes_a_baseline(steadyline: Steadyline, state: State, prometheus_url: str) -> None:
    """Value, runs, tolerance of the source and a target of its own are kept, and Prometheus judges by it at once."""
    done = steadyline("record", "--operation", "sql.item_read", "--from-prometheus", "12m")
    assert done.exit_code == 0, done.output
    (recorded,) = load_recorded(state.baselines)
    assert recorded.value == pytest.approx(0.004, rel=1e-6)
    assert recorded.spread == pytest.approx(0, abs=1e-6)
    assert (recorded.target, recorded.tolerance, recorded.tolerance_is_default) == ("embedded", 0.15, False)
    assert recorded.recorded is not None
    assert (recorded.recorded.runs, recorded.recorded.samples, recorded.recorded.edges) == (24, 24 * 15, (0.01,))
    assert (recorded.recorded.histogram, recorded.recorded.load_running) == ((24 * 15, 0), False)
    assert recorded.recorded.versions.keys() >= {"python", "steadyline", "prometheus", "sqlalchemy"}
    rules = json.dumps(Prometheus(prometheus_url)._data("GET", "api/v1/rules"))
    assert "sql.item_read" in rules


@pytest.mark.usefixtures("state")
def test_the_table_says_what_is_seen_and_what_was_replaced(steadyline: Steadyline) -> None:
    """Mean, spread floor, smallest steps by fast and slow rule, the sourced number before, and who could not be told."""
    done = steadyline("record", "--operation", "sql.item_read", "--from-prometheus", "12m")
    for words in ("sql.item_read", "24", "4 ms ±15%", "0.0%", "20 ms sourced", "judged as 3%", "--runs 120", "next start"):
        assert words in done.output, done.output


def test_several_are_recorded_and_the_failing_one_is_refused(steadyline: Steadyline, state: State) -> None:
    """A glob records what it can; what fails is named, and the exit code says that something is missing."""
    done = steadyline("record", "--from-prometheus", "12m")
    assert isinstance(done.exception, NoDataError)
    assert "trace.item_create on embedded fails in 25% of its attempts" in str(done.exception)
    assert [one.operation for one in load_recorded(state.baselines)] == ["sql.item_create", "sql.item_read"]


def test_too_few_runs_are_refused_with_the_time_to_wait(steadyline: Steadyline, state: State) -> None:
    """One sentence; nothing is written."""
    done = steadyline("record", "--operation", "sql.item_read", "--from-prometheus", "5m")
    assert isinstance(done.exception, NoDataError)
    assert "has 10 usable runs of 30 s and a baseline needs 20; wait another 5 min" in str(done.exception)
    assert not state.baselines.exists()


def test_what_is_slowed_now_is_refused_at_once(steadyline: Steadyline, state: State) -> None:
    """Nobody waits ten minutes for runs that `regress` makes useless."""
    state.root.mkdir(exist_ok=True)
    span = {"operation": "sql.item_read", "target": "embedded", "start": time.time() - 5, "end": time.time() + 100}
    state.regressions.write_text(json.dumps(span) + "\n")
    done = steadyline("record", "--operation", "sql.item_read")
    assert isinstance(done.exception, NoDataError)
    assert "is being slowed by steadyline regress" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--operation", "nothing.*"], "no operation fits"),
        (["--operation", "sql.query_count"], "not on the exporter's schedule"),
        (["--operation", "sql.item_read", "--target", "main"], "the exporter runs sql.item_read on embedded"),
        (["--from-prometheus", "an hour"], "is no duration"),
        (["--from-prometheus", "1h", "--runs", "30"], "give one of them"),
    ],
    ids=["unknown", "not scheduled", "other target", "no duration", "both"],
)
def test_a_wrong_question_is_answered_with_what_there_is(steadyline: Steadyline, arguments: list[str], words: str) -> None:
    """One message that names the option."""
    done = steadyline("record", *arguments)
    assert isinstance(done.exception, ConfigurationError)
    assert words in str(done.exception)


def test_without_prometheus_the_host_is_named(steadyline: Steadyline, free_port: Callable[[], int]) -> None:
    """And what to do."""
    port = str(free_port())
    done = steadyline("record", STEADYLINE_PORTS_PROMETHEUS=port)
    assert isinstance(done.exception, UnreachableError)
    assert f"127.0.0.1:{port}" in str(done.exception)


def test_ctrl_c_while_waiting_records_nothing_and_says_how_to_go_on(environment: dict[str, str], state: State) -> None:
    """It told at the start how long it takes; what ran stays in Prometheus."""
    command = [sys.executable, "-c", "from steadyline.cli.main import main; main()", "baseline", "record"]
    arguments = ["--operation", "sql.item_read"]
    environ = os.environ | environment
    process = subprocess.Popen([*command, *arguments], env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "Recording 1 operations (1 with runs of 30 s): 20 runs of each take 11 min." in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nothing was recorded" in told
    assert "--from-prometheus 1m" in told
    assert not state.baselines.exists()


@pytest.mark.usefixtures("state")
def test_list_tells_recorded_from_sourced_and_budget(steadyline: Steadyline) -> None:
    """For programs: what judges, from where, and how small a slowdown it shows."""
    steadyline("record", "--operation", "sql.item_read", "--from-prometheus", "12m")
    listed = {(row["operation"], row["target"]): row for row in json.loads(steadyline("list", "--json").stdout)}
    own, sourced = listed[("sql.item_read", "embedded")], listed[("sql.item_create", "embedded")]
    assert (own["held"], own["runs"]) == ("recorded", 24)
    assert (sourced["held"], sourced["runs"], sourced["baseline_seconds"]) == ("sourced", None, 0.05)
    assert 1.15 < own["slow_warning_ratio"] < own["fast_warning_ratio"] < 2
    assert math.isclose(own["baseline_seconds"], 0.004, rel_tol=1e-6)
    assert any(row["held"] == "budget only" for row in listed.values())


def test_remove_goes_back_to_the_sourced_number(steadyline: Steadyline, state: State) -> None:
    """And says what judges now; removing again says that there is none."""
    steadyline("record", "--operation", "sql.item_read", "--from-prometheus", "12m")
    done = steadyline("remove", "sql.item_read")
    assert done.exit_code == 0, done.output
    assert "removed 4 ms; now judged by 20 ms" in done.output
    assert load_recorded(state.baselines) == ()
    again = steadyline("remove", "sql.item_read")
    assert isinstance(again.exception, ConfigurationError)
    assert "there is none" in str(again.exception)


def test_remove_takes_what_no_operation_has_any_more(steadyline: Steadyline, state: State) -> None:
    """One after the other: the first is removed while the others still stand in the way, and their cure is told."""
    steadyline("record", "--operation", "sql.item_*", "--from-prometheus", "12m")
    text = state.baselines.read_text()
    state.baselines.write_text(text.replace("sql.item_read", "sql.gone").replace("sql.item_create", "sql.lost"))
    assert "forget it: steadyline baseline remove sql.gone" in str(steadyline("list").exception)
    first = steadyline("remove", "sql.gone")
    assert "sql.gone on embedded: removed 4 ms; now judged by nothing" in first.output
    assert first.exit_code == 0, first.output
    assert first.stderr.count("\n") == 1
    assert "the rules stay as they are" in first.stderr
    assert "forget it: steadyline baseline remove sql.lost" in first.stderr
    second = steadyline("remove", "sql.lost")
    assert second.exit_code == 0, second.output
    assert load_recorded(state.baselines) == ()


def test_remove_refuses_before_it_changes_anything(steadyline: Steadyline, state: State) -> None:
    """With an operation file that is gone nobody can say what is unknown: nothing is removed."""
    steadyline("record", "--operation", "sql.item_read", "--from-prometheus", "12m")
    done = steadyline("remove", "sql.item_read", STEADYLINE_OPERATIONS="gone.py")
    assert isinstance(done.exception, ConfigurationError)
    assert [one.operation for one in load_recorded(state.baselines, unknown_too=True)] == ["sql.item_read"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not JSON"), ('{"format": 9, "baselines": []}', "newer"), ('{"format": 1}', "baselines: Field required")],
    ids=["cut off", "of a newer version", "without its list"],
)
def test_a_broken_file_is_named(steadyline: Steadyline, state: State, text: str, words: str) -> None:
    """No command goes on over it, and none overwrites it."""
    state.root.mkdir(exist_ok=True)
    state.baselines.write_text(text)
    for arguments in (["list"], ["remove", "sql.item_read"], ["record", "--from-prometheus", "12m"]):
        done = steadyline(*arguments)
        assert isinstance(done.exception, ConfigurationError), done.output
        assert f"{state.baselines}" in str(done.exception)
        assert words in str(done.exception)
    assert state.baselines.read_text() == text
