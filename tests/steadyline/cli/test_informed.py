"""INFO is answered from the trend, and a measured run is kept for it."""

import sys
from dataclasses import replace
from pathlib import Path

import kept_runs
import pytest
import run_results
from pydantic import SecretStr

from alerts.history.kept import Kind
from alerts.history.store import History
from steadyline.cli import keeping, run_result
from steadyline.cli.informed import informed, told
from steadyline.cli.run_result import Results
from steadyline.settings import Settings

HOST = run_results.RUN["host"]
needs_ruptures = pytest.mark.skipif(sys.version_info >= (3, 14), reason="ruptures has no wheel for this Python yet")


def results(factor: float = 1.12) -> Results:
    """Of one operation, so many times as slow as its baseline; 1.12 is INFO."""
    return run_result.read(run_results.text(run_results.row(factor=factor)), Path("results.json"))


def keep(settings: Settings, *levels: float) -> None:
    """An earlier run a day for each level, on the same host."""
    for run in kept_runs.daily(levels, 0.01, host=HOST):
        History(settings).keep(replace(run, results=tuple(replace(one, operation_version=None) for one in run.results)))


@needs_ruptures
@pytest.mark.parametrize(
    ("levels", "words"),
    [
        pytest.param([0.1] * 8 + [0.112] * 8, "on 2026-09-29, rev0007..rev0008, the last change in 17 runs", id="a step"),
        pytest.param([0.112] * 9, "no change point in 10 runs", id="none"),
        pytest.param([0.112] * 2, "3 of at least 6 runs", id="too few runs"),
    ],
)
def test_an_info_says_what_the_trend_says(tmp_path: Path, levels: list[float], words: str) -> None:
    """In its reason, with the command; this run is the last of them."""
    settings = Settings(state_dir=tmp_path)
    keep(settings, *levels)
    (row,) = informed(settings, results()).rows
    assert row.reason.startswith(results().rows[0].reason + "; the trend: steadyline trend sql.x: ")
    assert row.reason.endswith(words)
    assert list(told(replace(results(), rows=(row,)))) == [f"sql.x on main: INFO, {row.reason}"]


def test_without_ruptures_or_a_history_it_says_where_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command alone."""
    keep(Settings(state_dir=tmp_path), 0.1)
    away = Settings(state_dir=tmp_path, history_url=SecretStr("postgresql://x@127.0.0.1:1/y"))
    monkeypatch.setitem(sys.modules, "ruptures", None)
    for settings in (Settings(state_dir=tmp_path), away):
        assert informed(settings, results()).rows[0].reason.endswith("; the trend: steadyline trend sql.x")


def test_other_verdicts_are_left_as_they_are(tmp_path: Path) -> None:
    """And so is what was measured in turn with another system."""
    settings = Settings(state_dir=tmp_path)
    pairs = results()
    for found in (results(1.0), results(1.5), replace(pairs, made=replace(pairs.made, driver="pairs"))):
        assert informed(settings, found) == found
        assert "trend" not in "".join(told(found))


def test_a_run_is_kept_with_all_that_a_trend_needs(tmp_path: Path) -> None:
    """Its circumstances, and each operation's figures and verdict."""
    settings = Settings(state_dir=tmp_path)
    assert keeping.kept(settings, results()) == []
    (run,) = History(settings).runs()
    assert (run.kind, run.driver, run.host, run.revision, run.seed) == (Kind.RUN, "bench", HOST, "abc123", 7)
    assert (run.started, run.ended) == (1795168800.0, 1795168925.0)
    (one,) = run.results
    row = results().rows[0]
    assert (one.operation, one.target, one.n, one.run_means) == ("sql.x", "main", row.n, row.run_means)
    assert (one.verdict, one.ratio, one.p95) == ("INFO", row.ratio, row.p95)


def test_what_is_no_run_of_ours_is_not_kept(tmp_path: Path) -> None:
    """What was read from Prometheus would count twice."""
    found = results()
    assert keeping.kept(Settings(state_dir=tmp_path), replace(found, made=replace(found.made, driver="probe"))) == []
    assert not list(tmp_path.iterdir())


def test_a_history_that_cannot_be_written_costs_one_warning(tmp_path: Path) -> None:
    """What was measured is shown all the same."""
    (tmp_path / "history.db").write_bytes(b"not a database" * 100)
    (warning,) = keeping.kept(Settings(state_dir=tmp_path), results())
    assert warning.startswith("not kept: history in SQLite file ")
    assert "\n" not in warning
