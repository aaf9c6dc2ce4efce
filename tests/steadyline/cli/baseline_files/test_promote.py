"""`steadyline baseline promote`: a reviewed file, or the last run, takes the place of what was recorded."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from baseline_files import CREATE, FACTS, READ, Steadyline, refused, written

from steadyline.baseline import Baseline
from steadyline.baselines import load_recorded, save_recorded
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.state import State


def test_promote_lets_a_file_judge(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """Its keys take the place of the recorded ones, others stay; what judged until now is kept beside it."""
    before = state.baselines.read_text()
    save_recorded(state.baselines, [READ, CREATE])
    both = state.baselines.read_text()
    done = steadyline("promote", str(written(tmp_path / "new.json", replace(READ, value=0.003))))
    assert done.exit_code == 0, done.output
    assert "1.50" in done.stdout
    assert "1 baseline judges from now on." in done.stdout
    assert "sql.item_create" not in done.stdout  # it is left alone
    assert {one.operation: one.value for one in load_recorded(state.baselines)} == {
        "sql.item_read": 0.003,
        "sql.item_create": 0.004,
    }
    assert state.baselines.with_name("baselines.json.previous").read_text() == both != before


def test_a_promoted_probe_baseline_is_in_the_rules(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """The rules that the stack loads are made anew: its id is in them, by which drift is seen."""
    probe = replace(READ, driver="probe", recorded=replace(FACTS, runs=20, cadence_seconds=2.0))
    done = steadyline("promote", str(written(tmp_path / "new.json", probe)))
    assert done.exit_code == 0, done.output
    assert probe.id in state.rules.read_text()
    assert "reads the new baselines at its next start" in done.stderr.replace("\n", " ")


ELSEWHERE = replace(READ, recorded=replace(FACTS, host="PDP-11"))


def test_of_another_host_is_promoted_only_where_that_is_meant(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """Refused with both hosts, and nothing is changed; taken with --other-host."""
    file, before = written(tmp_path / "new.json", ELSEWHERE), state.baselines.read_text()
    (fault,) = refused(steadyline("promote", str(file)), ConfigurationError)
    assert fault == (
        f"{file}: 1 of 1 baselines were recorded on another host (sql.item_read: PDP-11; this is {FACTS.host}); record them "
        "here, or say --other-host"
    )
    assert state.baselines.read_text() == before
    assert steadyline("promote", str(file), "--other-host").exit_code == 0
    assert load_recorded(state.baselines) == (ELSEWHERE,)


FEW = {
    "bench": (replace(READ, recorded=replace(FACTS, runs=4)), "4 runs, and it needs 5; record more"),
    "probe": (replace(READ, driver="probe"), "10 runs, and it needs 20; record more"),
}


@pytest.mark.parametrize(("baseline", "words"), FEW.values(), ids=FEW)
def test_too_few_runs_are_not_promoted(steadyline: Steadyline, tmp_path: Path, baseline: Baseline, words: str) -> None:
    """As little as `record` would refuse."""
    file = written(tmp_path / "new.json", baseline)
    (fault,) = refused(steadyline("promote", str(file)), ConfigurationError)
    assert fault == f"{file}: sql.item_read on embedded, driver {baseline.driver}: {words}"


def results(state: State, *, driver: str = "bench", exit_code: int = 0, **facts: Any) -> None:
    """What the last run measured, one operation."""
    row = {
        "operation": "sql.item_read", "target": "embedded", "suite": "performance", "items": 1, "n": 60,
        "run_means": [0.004] * 6, "mean": 0.004, "p50": 0.0039, "p95": 0.005, "p99": None, "slowest": 0.006,
        "items_per_second": 250.0, "peak_memory": None, "memory_growth": None, "allocated": None, "failures": {},
        "detail": "", "budget": 20.0, "broken": [], "operation_version": "0123abcd",
    }  # fmt: skip
    made = {"started": "2026-02-01T00:00:00+00:00", "ended": "2026-02-01T00:01:00+00:00", "host": FACTS.host,
            "revision": "def", "rounds": 6, "interrupted": False, "driver": driver}  # fmt: skip
    document = {"format": 1, "run": made, "operations": [row | facts], "growth": [], "unreachable": [], "exit_code": exit_code}
    state.results.write_text(json.dumps(document), encoding="utf-8")


def test_the_last_run_is_promoted(steadyline: Steadyline, state: State) -> None:
    """Its rounds are the baseline's runs; with its revision, host and version of the operation."""
    results(state)
    done = steadyline("promote")
    assert done.exit_code == 0, done.output
    (found,) = load_recorded(state.baselines)
    assert (found.value, found.runs, found.driver) == (pytest.approx(0.004), 6, "bench")
    assert found.recorded is not None
    assert (found.recorded.revision, found.recorded.operation_version) == ("def", "0123abcd")
    assert found.recorded.quantiles == {"0.5": 0.0039, "0.95": 0.005}


LAST_RUNS = {
    "few rounds": ({"run_means": [0.004] * 4}, "4 rounds, and a baseline of the gate needs 5"),
    "failing": (
        {"failures": {"timeout": 2}},
        "2 attempts failed (timeout); mend that first (steadyline probe sql.item_read --debug)",
    ),
}


@pytest.mark.parametrize(("facts", "words"), LAST_RUNS.values(), ids=LAST_RUNS)
def test_a_last_run_that_shows_too_little(steadyline: Steadyline, state: State, facts: dict[str, Any], words: str) -> None:
    """Nothing is promoted, and it is said why."""
    results(state, **facts)
    assert refused(steadyline("promote"), NoDataError) == [f"not promoted: sql.item_read on embedded: {words}"]
    assert load_recorded(state.baselines) == (READ,)


NOT_THE_RUNNERS = {
    "pairs": "of compare --ab, two sides of which neither judges here; measure what shall: steadyline run, then promote",
    "probe": "of compare --against live, the exporter's runs; steadyline baseline record --from-prometheus 2h takes them",
}


@pytest.mark.parametrize(("driver", "words"), NOT_THE_RUNNERS.items(), ids=NOT_THE_RUNNERS)
def test_only_what_the_runner_measured_by_itself_is_promoted(
    steadyline: Steadyline, state: State, driver: str, words: str
) -> None:
    """Side B of two is no target of the settings, and the exporter's runs have a cadence: refused with the reason."""
    results(state, driver=driver)
    assert refused(steadyline("promote"), ConfigurationError) == [f"{state.results}: {words}"]
    assert load_recorded(state.baselines) == (READ,)


def test_what_failed_is_promoted_with_a_warning(steadyline: Steadyline, state: State) -> None:
    """A regression may be meant, and becomes the line then; it is said plainly, which operation and how bad."""
    results(state, exit_code=1, verdict="CRITICAL", ratio=2.0)
    done = steadyline("promote")
    assert done.exit_code == 0, done.output
    assert (
        "the last run failed: sql.item_read on embedded is critical; what is promoted is held to these times, as if they "
        "were right"
    ) in done.stderr
    results(state, verdict="INFO", ratio=1.1)
    assert "failed" not in steadyline("promote").stderr


@pytest.mark.parametrize("command", ["promote", "diff"])
def test_results_are_no_baselines(steadyline: Steadyline, state: State, command: str) -> None:
    """What `run --json` wrote is named as what it is, in one sentence, with what takes it."""
    results(state)
    assert refused(steadyline(command, str(state.results)), ConfigurationError) == [
        f"{state.results}: the results of a run, no baselines; steadyline baseline promote without a FILE takes the last run's"
    ]


def test_without_a_last_run_nothing_is_promoted(steadyline: Steadyline) -> None:
    """No data, and what to do."""
    assert refused(steadyline("promote"), NoDataError) == ["nothing was measured yet: steadyline run, or name a file"]
