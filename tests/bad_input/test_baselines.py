"""Files of recorded baselines, and of pytest-benchmark, from which some are made."""

import copy
import json

import pytest
from bad_input import HERE, Case, Place, check
from baseline_files import READ

from steadyline.baseline_format import text_of

FILE = ".steadyline/baselines.json"
CURE = "restore it, or remove it and record anew"
WHOSE = " (sql.item_read on embedded)"
GOOD = json.loads(text_of([READ]))
BENCH = {
    "machine_info": {"node": "x"},
    "benchmarks": [{"name": "t", "extra_info": {"operation": "sql.item_read"}, "stats": {"mean": 0.1, "rounds": 5}}],
}


def kept(content, says, cure=f"; {CURE}"):
    """The recorded baselines, as they lie in the state folder."""
    return Case(f"{HERE}/{FILE}: {says}{cure}", files={FILE: content})


def top(says, cure=f"; {CURE}", **facts):
    """With something wrong beside the baselines."""
    return kept(json.dumps({**GOOD, **facts}), says, cure)


def one(key, value, says):
    """With something wrong in the one baseline; a key of `recorded` has that before it."""
    document = copy.deepcopy(GOOD)
    place = document["baselines"][0]
    if key.startswith("recorded."):
        place = place["recorded"]
    place[key.removeprefix("recorded.")] = value
    return kept(json.dumps(document), f"baselines.0.{says.replace(' :', f'{WHOSE}:', 1)}")


def bench(content, says, *more, code=2):
    """A file of pytest-benchmark."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return Case(says, files={"b.json": text}, arguments=("baseline", "import", "b.json", *more), code=code)


def benched(key, value, says):
    """With something wrong in the one benchmark's figures."""
    document = copy.deepcopy(BENCH)
    document["benchmarks"][0]["stats"][key] = value
    return bench(document, f"b.json: benchmarks.0.stats.{says}")


KEPT = {
    "cut off": kept('{"format": 2, "baselines": [', "not JSON (Expecting value: line 1 column 29 (char 28))"),
    "empty": kept("", "not JSON (Expecting value: line 1 column 1 (char 0))"),
    "NUL": kept(b"\0\0", "not JSON (Expecting value: line 1 column 1 (char 0))"),
    "UTF-16": kept("{}".encode("utf-16"), "not UTF-8 (byte 0)"),
    "nested too deeply": kept("[" * 100_000, "not JSON (nested too deeply)"),
    "endless number": kept(f'{{"format": {"1" * 5000}}}', "a number has thousands of digits"),
    "a list": kept("[]", "the whole file: Input should be an object"),
    "null": kept("null", "the whole file: Input should be an object"),
    "newer": top("format 3 is newer than 2; use a newer steadyline", "", format=3),
    "format in quotes": top("format: Input should be a valid integer", format="2"),
    "baselines no list": top("baselines: Input should be a valid array", baselines={}),
    "baseline a text": top("baselines.0: Input should be an object", baselines=["x"]),
    "unknown key": top("colour: Extra inputs are not permitted", colour=1),
    "one key twice": kept('{"format": 2, "format": 2, "baselines": []}', "an object has the key 'format' twice"),
    "one baseline twice": top(
        "2 baselines of sql.item_read on embedded, driver bench; keep one", "", baselines=GOOD["baselines"] * 2
    ),
    "no number": one("value", float("nan"), "value : Input should be a finite number"),
    "infinite": one("spread", float("inf"), "spread : Input should be a finite number"),
    "negative": one("value", -1, "value : Input should be greater than or equal to 0.000000001"),
    "zero": one("value", 0, "value : Input should be greater than or equal to 0.000000001"),
    "a text": one("value", "0.002", "value : Input should be a valid number"),
    "tolerance of all": one("tolerance", 1, "tolerance : Input should be less than 1"),
    "unknown quantity": one("quantity", "x", "quantity : Input should be 'duration_seconds' or 'items_per_second'"),
    "unknown driver": one("driver", "x", "driver : Input should be 'probe', 'load' or 'bench'"),
    "any target": one("target", "*", "target (sql.item_read on *): name the one target that it was recorded on"),
    "no target": one("target", "", "target (sql.item_read on ): name the one target that it was recorded on"),
    "not recorded": one("recorded", None, "recorded : Input should be an object"),
    "one run": one("recorded.runs", 1, "recorded.runs : Input should be greater than or equal to 2"),
    "fewer samples than runs": one("recorded.samples", 1, "recorded : 1 samples cannot make 10 runs"),
    "no cadence": one("recorded.cadence_seconds", 0, "recorded.cadence_seconds : Input should be greater than 0"),
    "histogram of other edges": one(
        "recorded.histogram", [1, 2], "recorded : histogram has 2 counts; 3 edges and +Inf need one each"
    ),
    "histogram negative": one("recorded.histogram", [-1, 2, 3, 4], "recorded : histogram has a count under 0"),
    "edges not ascending": one("recorded.edges", [0.005, 0.002, 0.001], "recorded : edges do not ascend"),
    "quantile that is none": one(
        "recorded.quantiles", {"x": 1.0}, "recorded : quantiles: 'x' is none; 0.5 to 0.999 are, each of 0 or more"
    ),
    "quantile negative": one(
        "recorded.quantiles", {"0.5": -1.0}, "recorded : quantiles: '0.5' is none; 0.5 to 0.999 are, each of 0 or more"
    ),
    "nobody's load": one("recorded.load", {"users": 0}, "recorded.load.users : Input should be greater than or equal to 1"),
}
TAKEN = {
    "no file": Case("n.json: no such file; steadyline baseline record --out n.json writes one"),
    "a folder": Case("n.json: cannot be read: Is a directory", files={"n.json": None}),
    "no JSON": Case(f"n.json: not JSON (Expecting value: line 1 column 1 (char 0)); {CURE}", files={"n.json": "x"}),
    "results of a run": Case(
        "n.json: the results of a run, no baselines; steadyline baseline promote without a FILE takes the last run's",
        files={"n.json": '{"run": {}, "operations": []}'},
    ),
    "of nothing asked for": Case(
        "n.json: no baseline of nope.* to promote",
        files={"n.json": json.dumps(GOOD)},
        arguments=("baseline", "promote", "n.json", "--operation", "nope.*"),
        code=3,
    ),
    "of no run": Case("nothing was measured yet: steadyline run, or name a file", arguments=("baseline", "promote"), code=3),
}
BENCHES = {
    "missing": Case("n.json: cannot be read: No such file or directory", arguments=("baseline", "import", "n.json")),
    "a folder": Case(".: cannot be read: Is a directory", arguments=("baseline", "import", ".")),
    "cut off": bench('{"benchmarks": [', "b.json: not JSON (Expecting value: line 1 column 17 (char 16))"),
    "not UTF-8": bench(b"\xff", "b.json: not UTF-8 (byte 0)"),
    "nested too deeply": bench("[" * 100_000, "b.json: not JSON (nested too deeply)"),
    "endless number": bench(f'{{"benchmarks": {"9" * 5000}}}', "b.json: a number has thousands of digits"),
    "another JSON": bench("[]", "b.json: not a file of pytest-benchmark; pytest --benchmark-json=b.json writes one"),
    "no benchmark": bench({"benchmarks": []}, "the files hold no benchmark", code=3),
    "no number": benched("mean", float("nan"), "mean: Input should be a finite number"),
    "negative": benched("mean", -1, "mean: Input should be greater than 0"),
    "no rounds": benched("rounds", 0, "rounds: Input should be greater than or equal to 1"),
    "data of words": benched("data", ["x"], "data.0: Input should be a valid number, unable to parse string as a number"),
    "no figures": bench({"benchmarks": [{"name": "t"}]}, "b.json: benchmarks.0.stats: Field required"),
    "operation a list": bench(
        {"benchmarks": [{**BENCH["benchmarks"][0], "extra_info": {"operation": ["x"]}}]},
        "t: no operation is known for it; say --map t=OPERATION",
        code=3,
    ),
    "one operation twice": bench(
        {"benchmarks": BENCH["benchmarks"] * 2},
        "b.json: t measures sql.item_read on embedded, as another benchmark does; keep one",
    ),
    "one file": bench(
        BENCH,
        "not imported: sql.item_read on embedded: 1 rounds, and a baseline of the gate needs 5; a file is one run",
        code=3,
    ),
    "one file twice": bench(BENCH, "b.json: given twice, and a file is one run; give each once", "b.json"),
    "map without operation": bench(BENCH, "--map x: write it as TEST=OPERATION", "--map", "x"),
    "out into a folder": bench(BENCH, ".: cannot be read: Is a directory", "--out", "."),
}


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_kept(place: Place, case: Case) -> None:
    """File, place and operation are named, and the file is left for who can mend it."""
    check(place, case, "operations")


@pytest.mark.parametrize("case", TAKEN.values(), ids=TAKEN)
def test_promoted(place: Place, case: Case) -> None:
    """Nothing of the baselines that are there is touched."""
    check(place, case, "baseline", "promote", "n.json")


@pytest.mark.parametrize("case", BENCHES.values(), ids=BENCHES)
def test_imported(place: Place, case: Case) -> None:
    """Nothing of the baselines that are there is touched."""
    check(place, case)


@pytest.mark.parametrize("command", [("baseline", "remove", "sql.item_read"), ("baseline", "list")], ids=" ".join)
def test_every_command_tells_it(place: Place, command: tuple[str, ...]) -> None:
    """Who would write the file first reads it, and leaves a broken one as it is."""
    check(place, KEPT["cut off"], *command)
