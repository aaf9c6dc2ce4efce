"""`steadyline baseline show, diff, promote and import`: baselines as files that people review."""

import json
import os
import platform
import re
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from full_disk import files_up_to
from typer.testing import CliRunner, Result

from steadyline import catalogue, file_lock, provenance
from steadyline.baseline import Baseline, Quantity, Recorded
from steadyline.baseline_format import text_of
from steadyline.baselines import load_recorded, save_recorded
from steadyline.cli.baseline_place import place
from steadyline.cli.main import build
from steadyline.errors import ConfigurationError, NoDataError, SteadylineError
from steadyline.operation_version import version_of
from steadyline.settings import Settings
from steadyline.state import State

FACTS = Recorded(
    at="2026-01-01T00:00:00+00:00",
    host=provenance.host(),
    revision="abc",
    runs=10,
    samples=100,
    cadence_seconds=None,
    quantiles={"0.5": 0.002},
    edges=(0.001, 0.002, 0.005),
    versions={"python": "3"},
    operation_version=version_of(catalogue.operations()["sql.item_read"]),
    histogram=(0, 80, 20, 0),
    load_running=False,
)
READ = Baseline(
    operation="sql.item_read",
    driver="bench",
    quantity=Quantity.DURATION,
    value=0.002,
    tolerance=0.15,
    spread=0.0,
    source="recorded 2026-01-01T00:00:00+00:00 over 10 rounds",
    target="embedded",
    recorded=FACTS,
)
CREATE = replace(READ, operation="sql.item_create", value=0.004, spread=0.1, recorded=replace(FACTS, operation_version=None))
Steadyline = Callable[..., Result]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """A state folder that holds the baseline of one operation."""
    monkeypatch.chdir(tmp_path)
    found = State(tmp_path / "state")
    save_recorded(found.baselines, [READ])
    return found


@pytest.fixture
def steadyline(state: State, free_port: Callable[[], int]) -> Steadyline:
    """`steadyline baseline …` in this process; nothing listens."""
    ports = {f"STEADYLINE_PORTS_{name}": str(free_port()) for name in ("PROMETHEUS", "EXPORTER")}
    environment = {"STEADYLINE_STATE_DIR": str(state.root), "COLUMNS": "250"} | ports

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(build(["baseline"]), ["baseline", *arguments], env=environment)

    return run


def written(path: Path, *baselines: Baseline) -> Path:
    """A file of these."""
    path.write_text(text_of(baselines), encoding="utf-8")
    return path


def refused(done: Result, kind: type[SteadylineError]) -> list[str]:
    """What the command said instead of doing it."""
    assert isinstance(done.exception, kind), done.output
    return done.exception.faults


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
        "2 attempts failed; mend that first (steadyline probe sql.item_read --debug)",
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


def test_a_full_disk_loses_no_baseline(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """One message; the file that judged is whole, and no part of another lies about."""
    file, before = written(tmp_path / "new.json", replace(READ, value=0.003)), state.baselines.read_text()
    with files_up_to(100):
        done = steadyline("promote", str(file))
    assert refused(done, ConfigurationError) == [
        f"{state.baselines}.previous: cannot be written: File too large; nothing was changed"
    ]
    assert state.baselines.read_text() == before
    assert [one.name for one in state.root.iterdir()] == ["baselines.json"]


@pytest.mark.parametrize("command", ["diff", "promote"])
def test_a_file_that_is_none_is_named(steadyline: Steadyline, state: State, tmp_path: Path, command: str) -> None:
    """Missing, a folder, newer, not UTF-8: one sentence each, and nothing is changed."""
    before = state.baselines.read_text()
    file = tmp_path / "new.json"
    cases = {
        None: f"{file}: no such file; steadyline baseline record --out {file} writes one",
        b'{"format": 9, "baselines": []}': f"{file}: format 9 is newer than 2; use a newer steadyline",
        b"\xff": f"{file}: not UTF-8 (byte 0); restore it, or remove it and record anew",
    }
    for content, message in cases.items():
        if content is not None:
            file.write_bytes(content)
        assert refused(steadyline(command, str(file)), ConfigurationError) == [message]
    assert refused(steadyline(command, str(tmp_path)), ConfigurationError) == [f"{tmp_path}: cannot be read: Is a directory"]
    assert state.baselines.read_text() == before


def benched(path: Path, mean: float, **facts: Any) -> str:
    """A file of pytest-benchmark, as its version 5 writes them."""
    one = {"name": "test_item_read", "fullname": "t.py::test_item_read", "group": "sql", "params": None,
           "extra_info": {"operation": "sql.item_read", "target": "embedded"}, "options": {},
           "stats": {"mean": mean, "rounds": 20, "stddev": 0.0, "data": [mean] * 20}} | facts  # fmt: skip
    machine = {
        "node": platform.node(),
        "machine": "x86_64",
        "system": "Linux",
        "release": "6",
        "cpu": {"brand_raw": "Z80", "count": 2},
    }
    document = {"machine_info": machine, "commit_info": {"id": "0123456789abcdef", "dirty": True},
                "benchmarks": [one], "datetime": "2026-03-01T00:00:00+00:00", "version": "5.0"}  # fmt: skip
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


MEANS = (0.0020, 0.0021, 0.0019, 0.0022, 0.0018)


def test_five_files_are_a_baseline(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """Each file is one run: mean and spread are those of the files' means, the histogram of all their samples."""
    files = [benched(tmp_path / f"{at}.json", mean) for at, mean in enumerate(MEANS)]
    done = steadyline("import", *files)
    assert done.exit_code == 0, done.output
    (found,) = load_recorded(state.baselines)
    assert (found.driver, found.runs, found.target) == ("bench", 5, "embedded")
    assert found.value == pytest.approx(statistics.geometric_mean(MEANS))
    assert found.recorded is not None
    assert (found.recorded.revision, found.recorded.host, found.recorded.samples) == ("0123456789ab-dirty", FACTS.host, 100)
    assert sum(found.recorded.histogram) == 100
    assert found.recorded.operation_version is None  # of another revision than is here
    assert "shows (5 / 30 runs)" in done.stdout


def test_the_host_is_the_one_that_our_own_tests_tell(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """They name the fingerprint itself: what was measured elsewhere is of there."""
    files = [benched(tmp_path / f"{at}.json", mean) for at, mean in enumerate(MEANS)]
    for file in map(Path, files):
        document = json.loads(file.read_text()) | {"machine_info": {"host": "PDP-11", "python": "3.11.2"}}
        file.write_text(json.dumps(document))
    assert steadyline("import", *files).exit_code == 0
    (found,) = load_recorded(state.baselines)
    assert found.recorded is not None
    assert found.recorded.host == "PDP-11"


def test_few_files_are_none(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """Under five runs the gate would refuse it: nothing is kept, and it is said what is missing."""
    files = [benched(tmp_path / f"{at}.json", mean) for at, mean in enumerate(MEANS[:1])]
    assert refused(steadyline("import", *files), NoDataError) == [
        "not imported: sql.item_read on embedded: 1 rounds, and a baseline of the gate needs 5; a file is one run"
    ]
    assert load_recorded(state.baselines) == (READ,)


def test_a_benchmark_that_names_no_operation_is_named_or_mapped(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """By --map; the target of what says none is the one that was given."""
    files = [benched(tmp_path / f"{at}.json", mean, extra_info={}) for at, mean in enumerate(MEANS)]
    assert refused(steadyline("import", *files), NoDataError) == [
        "test_item_read: no operation is known for it; say --map test_item_read=OPERATION"
    ]
    done = steadyline("import", *files, "--map", "test_item_read=sql.item_update", "--target", "orders")
    assert done.exit_code == 0, done.output
    assert [(one.operation, one.target) for one in load_recorded(state.baselines)] == [
        ("sql.item_read", "embedded"),
        ("sql.item_update", "orders"),
    ]


def test_files_that_cannot_be_imported_are_named(steadyline: Steadyline, tmp_path: Path) -> None:
    """Of another kind, with NaN, cut off, of two machines: one sentence each."""
    file = tmp_path / "0.json"
    for content, message in {
        "[]": f"{file}: not a file of pytest-benchmark; pytest --benchmark-json={file} writes one",
        '{"benchmarks"': f"{file}: not JSON (Expecting ':' delimiter: line 1 column 14 (char 13))",
        '{"benchmarks": [{"name": "x", "stats": {"mean": NaN, "rounds": 5}}]}': (
            f"{file}: benchmarks.0.stats.mean: Input should be a finite number"
        ),
        '{"benchmarks": [{"name": "x", "stats": {"mean": 0, "rounds": 5}}]}': (
            f"{file}: benchmarks.0.stats.mean: Input should be greater than 0"
        ),
    }.items():
        file.write_text(content)
        assert refused(steadyline("import", str(file)), ConfigurationError) == [message]
    assert refused(steadyline("import", str(tmp_path / "no.json")), ConfigurationError) == [
        f"{tmp_path / 'no.json'}: cannot be read: No such file or directory"
    ]
    other = json.loads(Path(benched(file, 0.002)).read_text())
    other["machine_info"]["node"] = "elsewhere"
    (tmp_path / "1.json").write_text(json.dumps(other))
    (fault,) = refused(steadyline("import", str(file), str(tmp_path / "1.json")), ConfigurationError)
    assert fault.startswith("the files are of several machines (Z80, 2 cores, Linux 6, x86_64 (")
    assert "say --map" not in fault
    (fault,) = refused(steadyline("import", str(file), "--map", "test"), ConfigurationError)
    assert fault == "--map test: write it as TEST=OPERATION"


def test_what_another_recorded_meanwhile_stays(steadyline: Steadyline, state: State) -> None:
    """The file is looked at before a measurement that may take hours, and read again when it is written."""
    kept = place(Settings(state_dir=state.root), None)
    assert steadyline("remove", "sql.item_read", "--driver", "bench").exit_code == 0
    save_recorded(state.baselines, [replace(READ, value=0.009), CREATE])
    kept.keep([replace(READ, value=0.003), replace(READ, operation="sql.item_update")])
    assert {one.operation: one.value for one in load_recorded(state.baselines)} == {
        "sql.item_create": CREATE.value,
        "sql.item_read": 0.003,
        "sql.item_update": READ.value,
    }


WRITERS = {
    "remove": ("remove", "sql.item_read", "--driver", "bench"),
    "promote": ("promote", "new.json"),
    "import": ("import", *(f"{at}.json" for at in range(len(MEANS)))),
}


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
def test_every_writer_waits_for_the_other(
    steadyline: Steadyline, state: State, tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the file is being written nobody changes it; who waits too long says so once."""
    for at, mean in enumerate(MEANS):
        benched(tmp_path / f"{at}.json", mean)
    written(tmp_path / "new.json", replace(READ, value=0.003))
    before = state.baselines.read_text()
    monkeypatch.setattr(file_lock, "WAIT_SECONDS", 0.1)
    with file_lock.locked(state.baselines):
        (fault,) = refused(steadyline(*command), ConfigurationError)
    assert fault.startswith(f"{state.baselines}: another steadyline has been writing it for ")
    assert state.baselines.read_text() == before


def test_what_was_measured_is_shown_where_there_is_no_room_to_keep_it(steadyline: Steadyline, tmp_path: Path) -> None:
    """The table first, then one message; nothing is said to have been written."""
    files = [benched(tmp_path / f"{at}.json", mean) for at, mean in enumerate(MEANS)]
    with files_up_to(100):
        done = steadyline("import", *files, "--out", str(tmp_path / "new.json"))
    assert refused(done, ConfigurationError) == [
        f"{tmp_path / 'new.json'}: cannot be written: File too large; nothing was changed"
    ]
    assert "sql.item_read  embedded" in done.stdout
    assert "Written to" not in done.stdout


def test_a_device_is_no_file_of_baselines(steadyline: Steadyline, tmp_path: Path) -> None:
    """It is not read, for it may have no end; nor is a pipe written to, which is no file to be reviewed."""
    (file,) = [benched(tmp_path / "0.json", 0.002)]
    assert refused(steadyline("import", file, "--out", "/dev/full"), ConfigurationError) == [
        "--out /dev/full: is no regular file, and baselines are kept in one; name a file"
    ]
    os.mkfifo(tmp_path / "pipe")
    (fault,) = refused(steadyline("import", file, "--out", str(tmp_path / "pipe")), ConfigurationError)
    assert fault.startswith(f"--out {tmp_path / 'pipe'}: is no regular file")
    for command in ("diff", "promote", "import"):
        assert refused(steadyline(command, "/dev/full"), ConfigurationError) == ["/dev/full: is a device; name a file"]


def test_one_run_given_more_than_once_is_one_run(steadyline: Steadyline, state: State, tmp_path: Path) -> None:
    """The same file, or its content under another name or laid out anew: each is named, and nothing is kept."""
    files = [benched(tmp_path / f"{at}.json", mean) for at, mean in enumerate(MEANS)]
    again = tmp_path / "again.json"
    again.write_text(json.dumps(json.loads(Path(files[1]).read_text()), indent=4), encoding="utf-8")
    assert refused(steadyline("import", *files, files[0], str(again)), ConfigurationError) == [
        f"{files[0]}: given twice, and a file is one run; give each once",
        f"{again}: the same run as {files[1]}; run pytest again for another",
    ]
    assert load_recorded(state.baselines) == (READ,)


@pytest.mark.parametrize("driver", ["probe", "load"])
def test_a_span_that_is_none_is_refused_before_anybody_is_asked(steadyline: Steadyline, driver: str) -> None:
    """Nothing listens, and yet the mistake in the command is what is told."""
    done = steadyline("record", "--driver", driver, "--from-prometheus", "2parsecs")
    assert refused(done, ConfigurationError) == [
        "'2parsecs' is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d)"
    ]


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
