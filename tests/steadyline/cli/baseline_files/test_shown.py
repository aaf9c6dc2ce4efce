"""`steadyline baseline list, show and diff`: what people see of recorded baselines."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from baseline_files import CREATE, FACTS, READ, Steadyline, refused, written

from steadyline.baselines import save_recorded
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.state import State


def test_show_tells_all_that_is_kept(steadyline: Steadyline) -> None:
    """Number, spread and how it is judged, circumstances, version, and the histogram from its first filled cell."""
    told = steadyline("show", "sql.item_read").stdout.splitlines()
    assert told[0] == "sql.item_read on embedded, driver bench"
    for line in (
        "  value      2 ms, tolerance ±15%",
        "  spread     0.0% between runs, judged as 3%",
        "  measured   10 runs, 100 samples, without a pause",
        "  load       no load run was under way",
        f"  operation  version {FACTS.operation_version}, as it is now",
        "  quantiles  p50 2 ms",
        f"      up to 2 ms  {'█' * 40} 80",
        f"      up to 5 ms  {'█' * 10} 20",
    ):
        assert line in told, line
    assert "sql.item_read any target, driver bench" in told  # the sourced number that it takes the place of


def test_show_for_programs(steadyline: Steadyline) -> None:
    """The file's own form with the id, sourced ones with nothing recorded."""
    recorded, *sourced = json.loads(steadyline("show", "sql.item_read", "--json").stdout)
    assert (recorded["id"], recorded["recorded"]["histogram"]) == (READ.id, [0, 80, 20, 0])
    assert [one["recorded"] for one in sourced] == [None, None]


def test_show_of_what_has_none(steadyline: Steadyline) -> None:
    """An operation without a baseline is no data; a name that no operation has is a mistake, and near ones are told."""
    assert refused(steadyline("show", "sql.item_browse"), NoDataError) == [
        "sql.item_browse: no baseline; its budget alone judges it"
    ]
    assert "sql.item_read" in refused(steadyline("show", "sql.item_rea"), ConfigurationError)[0]


def test_diff_of_two_files_is_worst_first(steadyline: Steadyline, tmp_path: Path) -> None:
    """Ratios above 1 are slower in the second; what one side lacks is last; hosts and revisions are named."""
    first = written(tmp_path / "a.json", READ, CREATE, replace(READ, operation="sql.item_update"))
    slower = replace(CREATE, value=0.006, recorded=replace(FACTS, revision="def", host="PDP-11"))
    second = written(tmp_path / "b.json", replace(READ, value=0.001), slower)
    found = json.loads(steadyline("diff", str(first), str(second), "--json").stdout)
    assert [(row["operation"], row["ratio"]) for row in found["rows"]] == [
        ("sql.item_create", pytest.approx(1.5)),
        ("sql.item_read", 0.5),
        ("sql.item_update", None),
    ]
    told = steadyline("diff", str(first), str(second)).stdout
    assert f"before: {first}: 3 recorded of revision abc on {FACTS.host}" in told
    assert f"after: {second}: 2 recorded of revision abc, def on " in told
    assert "gone" in told


def test_diff_by_itself_compares_with_what_ships(steadyline: Steadyline, tmp_path: Path) -> None:
    """Without a file: the recorded ones beside the sourced; with one: the file beside what judges now."""
    (row,) = json.loads(steadyline("diff", "--json").stdout)["rows"]
    assert (row["before_seconds"], row["after_seconds"], row["ratio"]) == (0.02, 0.002, pytest.approx(0.1))
    other = replace(READ, value=0.003, recorded=replace(FACTS, operation_version="00000000"))
    done = steadyline("diff", str(written(tmp_path / "new.json", other)))
    assert "1.50 !" in done.stdout
    assert "another version of the operation" in done.stdout
    done = steadyline("diff", str(written(tmp_path / "other.json", CREATE)))
    assert re.search("sql.item_read .* kept", done.stdout)


def test_list_tells_of_what_other_drivers_have(steadyline: Steadyline, state: State) -> None:
    """Who has recorded for `compare` finds it; what the signs beside the numbers mean is told below them."""
    save_recorded(state.baselines, [READ, CREATE])
    told = steadyline("list").stdout
    assert "2 recorded of another driver: steadyline baseline list --driver bench" in told
    assert "±: the tolerance, which is no uncertainty of the mean; * our default" in told
    own = steadyline("list", "--driver", "bench").stdout
    assert re.search(r"sql.item_read +embedded .* recorded", own)
    assert "another driver" not in own
    assert "--driver bench" in steadyline("list", "--driver", "load").stdout
    assert "up to 30" in " ".join(steadyline("record", "--help").stdout.split())


def test_a_baseline_that_shows_nothing_is_told_in_few_digits(steadyline: Steadyline, state: State) -> None:
    """Spread as much as a file may hold, recorded over two runs."""
    save_recorded(state.baselines, [replace(READ, driver="probe", spread=10.0, recorded=replace(FACTS, runs=2))])
    assert re.search(r"sql.item_read .* over 1000x / over 1000x", steadyline("list").stdout)
