"""Baselines of load profiles: recorded from result files, listed, removed, and judging the runs of their profile alone."""

import json

import pytest
from full_disk import files_up_to
from load_results import CREATE, READ, STEADY_MEANS, counted, windows, written
from typer.testing import CliRunner

from alerts.record.slowed import Slowed, note
from steadyline import catalogue
from steadyline.baselines import known_baselines, load_recorded
from steadyline.cli import load_result, load_rows
from steadyline.cli.main import build
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.operation_version import version_of
from steadyline.state import State

SLOWER = tuple(mean * 1.5 for mean in STEADY_MEANS)


@pytest.fixture
def state(tmp_path, monkeypatch):
    """An empty state folder, in which nothing listens."""
    monkeypatch.chdir(tmp_path)
    return State(tmp_path / "state")


@pytest.fixture
def steadyline(state, free_port):
    """`steadyline baseline …` in this process."""
    ports = {f"STEADYLINE_PORTS_{name}": str(free_port()) for name in ("PROMETHEUS", "EXPORTER")}
    environment = {"STEADYLINE_STATE_DIR": str(state.root), "COLUMNS": "220"} | ports

    def run(*arguments):
        return CliRunner().invoke(build(["baseline"]), ["baseline", *arguments], env=environment)

    return run


def last(state, name="a.json", **facts):
    """The result of a run of this folder."""
    return written(state.load_results / name, **facts)


def judged(state, **facts):
    """A run held to what was recorded."""
    result = load_result.read(written(state.root / "judged.json", **facts))
    return load_rows.judged(result, known_baselines(state), catalogue.operations())


def verdict(state, **facts):
    """The verdict on its only operation, and the exit code."""
    found = judged(state, **facts)
    return found.rows[0].verdict, found.exit_code(facts.get("exit_code", 0))


def test_the_last_run_of_a_profile_becomes_its_baselines(steadyline, state):
    """With the load it was under, its quantiles and edges; the runs of other profiles are left alone."""
    last(state, start=1000.0)
    counts = [counted(histogram=[400, 195, 5])]
    last(state, "b.json", start=2000.0, run="run2", operations=counts, windows=[windows((0.02,) * 5)])
    last(state, "c.json", start=3000.0, run="run3", profile="high", users=200)
    (state.load_results / "torn.json").write_text('{"version": 1')
    done = steadyline("record", "--driver", "load", "--profile", "low")
    assert done.exit_code == 0, done.output
    (recorded,) = load_recorded(state.baselines)
    assert (recorded.operation, recorded.target, recorded.driver, recorded.profile) == (READ, "embedded", "load", "low")
    assert recorded.value == pytest.approx(0.02)
    facts = recorded.recorded
    assert (facts.runs, facts.samples, facts.load.users, facts.load.arrival_rate) == (5, 500, 10, None)
    assert (facts.quantiles, facts.edges) == ({"0.5": 0.009, "0.95": 0.02, "0.99": 0.03}, (0.01, 0.1))
    assert (facts.histogram, facts.load_running) == ((400, 195, 5), True)
    assert facts.operation_version == version_of(catalogue.operations()[READ])


def test_the_windows_of_several_runs_count_together(steadyline, state):
    """Three and two are five, their histograms are added; the same run named twice counts once."""
    counts = [counted(histogram=[400, 195, 5])]
    first = last(state, operations=counts, windows=[windows((0.01,) * 3)])
    second = last(state, "b.json", run="b", start=2000.0, operations=counts, windows=[windows((0.01,) * 2)])
    done = steadyline("record", "--result", str(first), "--result", str(first))
    assert isinstance(done.exception, NoDataError)
    assert str(done.exception).startswith(f"not recorded: {READ} on embedded: 3 windows of 30 s")
    assert steadyline("record", "--result", str(first), "--result", str(second)).exit_code == 0
    (recorded,) = load_recorded(state.baselines)
    assert (recorded.runs, recorded.recorded.histogram) == (5, (800, 390, 10))


def test_a_file_is_written_to_be_reviewed(steadyline, state, tmp_path):
    """With --out the state's own stay; the file keeps what it held of other keys; a torn one and a full disk are told."""
    out = tmp_path / "reviewed.json"
    last(state, operations=[counted(), counted(CREATE)], windows=[windows(), windows(operation=CREATE)])
    for name in (READ, CREATE):
        done = steadyline("record", "--driver", "load", "--profile", "low", "--operation", name, "--out", str(out))
        assert done.exit_code == 0, done.output
        assert f"Written to {out}, judging nothing yet" in done.stdout.replace("\n", " ")
    assert [one.operation for one in load_recorded(out)] == [CREATE, READ]
    assert not state.baselines.exists()
    before = out.read_text()
    with files_up_to(100):
        done = steadyline("record", "--driver", "load", "--profile", "low", "--out", str(out))
    assert isinstance(done.exception, ConfigurationError)
    assert str(done.exception) == f"{out}: cannot be written: File too large; nothing was changed"
    assert READ in done.stdout  # what was measured is shown all the same
    assert out.read_text() == before
    out.write_text(before[:-20])
    done = steadyline("record", "--driver", "load", "--profile", "low", "--out", str(out))
    assert isinstance(done.exception, ConfigurationError)
    assert str(done.exception).startswith(f"{out}: not JSON")


@pytest.mark.parametrize(("means", "told"), [((0.01, 0.013, 0.009, 0.012, 0.01), True), (STEADY_MEANS * 10, False)])
def test_what_alerts_do_not_see_is_told(steadyline, state, means, told):
    """Few windows that spread are enough for a run's verdict, which has as many, and not for an alert, which has one."""
    last(state, windows=[windows(means)])
    done = steadyline("record", "--profile", "low")
    assert done.exit_code == 0, done.output
    assert ("1 of 1 are for the verdicts of runs; an alert, of one window, sees nothing under 2x" in done.output) is told


def test_who_is_asked_seldom_gets_none_beside_the_others(steadyline, state):
    """It is told, and the others are kept; flows and names of the user's own have no place among operations."""
    operations = [counted(), counted(CREATE), counted("trace.crud_flow"), counted("GET /x", "host")]
    last(state, operations=operations, windows=[windows(), windows((0.01,), CREATE), windows(operation="trace.crud_flow")])
    done = steadyline("record", "--profile", "low")
    assert done.exit_code == 0
    assert f"not recorded: {CREATE} on embedded: 1 windows of 30 s" in done.output
    assert [one.operation for one in load_recorded(state.baselines)] == [READ]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"operations": [counted(failures={"timeout": 2, "cancelled": 3})]}, "2 attempts failed"),
        ({"saturated": ["worker 0"]}, "worker 0 was the bottleneck itself"),
        ({"windows": [windows((0.0,) * 5)]}, "it took no time at all"),
    ],
)
def test_a_run_that_says_nothing_of_the_target_is_no_baseline(steadyline, state, facts, told):
    """Failures, a generator that measured itself, no time at all."""
    last(state, **facts)
    done = steadyline("record", "--profile", "low")
    assert isinstance(done.exception, NoDataError)
    assert told in str(done.exception)
    assert not state.baselines.exists()


def test_what_regress_slowed_is_no_baseline(steadyline, state):
    """A span that touches the run is enough."""
    last(state)
    note(state.regressions, Slowed(READ, "embedded", 1100.0, 1110.0))
    done = steadyline("record", "--profile", "low")
    assert "was being slowed by steadyline regress" in str(done.exception)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"shape": "step"}, "run run1 was of the shape step, which holds several levels of load"),
        ({"profile": ""}, "run run1 had no profile; steadyline load --profile low|medium|high has one"),
        ({"operations": []}, "* was not measured; there is nothing"),
    ],
)
def test_a_run_of_no_one_load_is_refused(steadyline, state, facts, told):
    """Windows of different loads have no number in common."""
    file = last(state, **facts)
    done = steadyline("record", "--result", str(file))
    assert isinstance(done.exception, ConfigurationError)
    assert str(done.exception) == told


def test_runs_under_different_loads_are_refused(steadyline, state):
    """A baseline is of one load."""
    files = [last(state), last(state, "b.json", run="run2", start=2000.0, users=20)]
    done = steadyline("record", *(f"--result={file}" for file in files))
    assert "run run1 was of profile low, 10 users, and run run2 of low, 20 users" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--driver", "load"), "name the profile whose last run it is"),
        (("--profile", "low"), "no load run of the profile low was made here yet; steadyline load --profile low makes one"),
        (("--driver", "load", "--runs", "20"), "nothing to wait for"),
        (
            ("--driver", "bench", "--runs", "20"),
            "--driver bench measures now; --runs and --from-prometheus are of the exporter's schedule",
        ),
        (("--result", "none.json"), "none.json: no such file"),
    ],
)
def test_what_cannot_be_recorded_from_is_said(steadyline, arguments, told):
    """With what to do."""
    assert told in str(steadyline("record", *arguments).exception)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}', '{"version": "x"}', "\x00", "null"])
def test_a_file_that_is_no_result_is_refused(tmp_path, text):
    """One sentence, no traceback."""
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="not the result of a load run"):
        load_result.read(path)


def test_a_newer_result_is_refused(tmp_path):
    """It may mean something else."""
    with pytest.raises(ConfigurationError, match="version 99 is newer"):
        load_result.read(written(tmp_path / "r.json", version=99))


def test_they_are_listed_and_removed_by_profile(steadyline, state):
    """The list shows the load; another profile's stay."""
    last(state)
    last(state, "b.json", run="b", profile="high", users=200)
    assert "None was recorded yet" in steadyline("list", "--driver", "load").output
    for profile in ("low", "high"):
        assert steadyline("record", "--profile", profile).exit_code == 0
    shown = json.loads(steadyline("list", "--driver", "load", "--json").output)
    assert [(row["profile"], row["load"], row["held"]) for row in shown] == [
        ("high", "200 users", "recorded"),
        ("low", "10 users", "recorded"),
    ]
    assert "200 users" in steadyline("list", "--driver", "load", "--profile", "high").output
    assert steadyline("remove", READ, "--driver", "load", "--profile", "high").exit_code == 0
    assert [one.profile for one in load_recorded(state.baselines)] == ["low"]


def test_a_run_is_held_to_its_profile(steadyline, state):
    """As fast as before passes, half as fast again fails the run, and Locust's own failure stays what it is."""
    last(state)
    assert verdict(state) == (None, 0)
    assert steadyline("record", "--profile", "low").exit_code == 0
    assert verdict(state) == ("OK", 0)
    assert verdict(state, windows=[windows(SLOWER)]) == ("CRITICAL", 1)
    assert verdict(state, windows=[windows(SLOWER)], exit_code=3) == ("CRITICAL", 3)
    assert verdict(state, windows=[windows(SLOWER)], profile="high") == (None, 0)


def test_too_few_windows_are_no_pass(steadyline, state):
    """Where nothing could be judged the run says nothing; beside others it is told."""
    last(state, operations=[counted(), counted(CREATE)], windows=[windows(), windows(operation=CREATE)])
    assert steadyline("record", "--profile", "low").exit_code == 0
    assert verdict(state, windows=[windows(STEADY_MEANS[:4])]) == ("NO_DATA", 3)
    both = judged(state, operations=[counted(), counted(CREATE)], windows=[windows()])
    assert both.exit_code(0) == 0
    assert {row.operation: row.state for row in both.rows}[CREATE] == "not judged: 0 of 5 windows"


def test_a_run_under_another_load_is_not_judged(steadyline, state):
    """It is said, with both loads; so it is of a shape of several levels."""
    last(state)
    assert steadyline("record", "--profile", "low").exit_code == 0
    more = judged(state, users=20, windows=[windows(SLOWER)])
    assert more.refused == "not judged: the baselines of low are of 10 users, and this run was of 20 users"
    open_model = judged(state, arrival_rate=50.0)
    assert open_model.refused.endswith("this run was of 50 starts/s of 10 users")
    assert "the shape step holds several levels" in judged(state, shape="step").refused
    assert (more.exit_code(0), more.rows[0].verdict) == (0, None)


def test_failures_stand_first(state):
    """Then what is worst; what the end cut short is no failure."""
    names = [counted("a.fine", failures={"cancelled": 2}), counted("b.failing", failures={"timeout": 1})]
    rows = judged(state, operations=names).rows
    assert [(row.operation, row.state) for row in rows] == [("b.failing", "1 timeout"), ("a.fine", "")]


def test_a_recorded_load_survives_its_file(steadyline, state):
    """Arrival rate included."""
    last(state, arrival_rate=50.0)
    assert steadyline("record", "--profile", "low").exit_code == 0
    (recorded,) = load_recorded(state.baselines)
    assert recorded.recorded.load.arrival_rate == 50.0


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_report_shows_a_load_run_by_its_file(state, form):
    """Held to the baselines of now; Markdown is for a pull request."""
    file = last(
        state,
        criteria=[{"criterion": "* p95 < 1s", "operation": "*", "statistic": "p95", "limit": 1.0, "value": 0.5, "met": 1}],
    )
    done = CliRunner().invoke(
        build(["report"]), ["report", str(file), "--format", form], env={"STEADYLINE_STATE_DIR": str(state.root)}
    )
    assert done.exit_code == 0, done.output
    if form == "json":
        assert done.output == file.read_text()
        return
    assert "Run run1: profile low, constant, 10 users" in done.output
    assert "* p95 < 1s: met (last 500ms)" in done.output
    assert ("| operation | target |" in done.output) == (form == "markdown")
    if form == "markdown":
        assert done.output.startswith("### Steadyline: It kept up\n")
    else:
        assert "The run passed (exit code 0)" in done.output
