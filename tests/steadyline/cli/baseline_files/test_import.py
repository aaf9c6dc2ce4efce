"""`steadyline baseline import`: pytest-benchmark's files as runs."""

import json
import statistics
from pathlib import Path

import pytest
from baseline_files import FACTS, MEANS, READ, Steadyline, benched, refused

from steadyline.baselines import load_recorded
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.state import State


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
