"""The format of recorded baselines: its schema, and the exact sentence for each file that is broken."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from steadyline import baseline_format
from steadyline.baseline import Baseline, LoadShape, Quantity, Recorded
from steadyline.baselines import load_recorded
from steadyline.errors import ConfigurationError

FACTS = Recorded(
    at="2026-01-01T00:00:00Z",
    host="host",
    revision="abc",
    runs=20,
    samples=300,
    cadence_seconds=2.0,
    quantiles={"0.5": 0.002},
    edges=(0.001, 0.002),
    versions={"python": "3"},
    operation_version="0123abcd",
    histogram=(0, 290, 10),
    load_running=False,
)
ONE = Baseline(
    operation="sql.item_create",
    driver="probe",
    quantity=Quantity.DURATION,
    value=0.002,
    tolerance=0.1,
    spread=0.04,
    source="recorded",
    target="embedded",
    recorded=FACTS,
)


def test_a_written_file_fits_the_published_schema() -> None:
    """Whoever reads the file can check it by the schema that it names; all kinds of baselines fit."""
    schema = json.loads(baseline_format.SCHEMA.read_text(encoding="utf-8"))
    of_load = replace(
        ONE, driver="load", profile="low", recorded=replace(FACTS, cadence_seconds=None, load=LoadShape(10, 5.0))
    )
    document = json.loads(baseline_format.text_of([ONE, of_load]))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    assert document["$schema"] == schema["$id"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "colour": 1}, schema)


def test_what_is_written_is_what_is_read() -> None:
    """Every field survives, and the same baselines are the same text in whatever order."""
    of_bench = replace(ONE, driver="bench")
    text = baseline_format.text_of([ONE, of_bench])
    assert baseline_format.read(text.encode(), Path("f")) == (of_bench, ONE)
    assert text == baseline_format.text_of([of_bench, ONE])


def document(change: Callable[[dict[str, Any]], object] = lambda _: None, **top: object) -> bytes:
    """A file's content, with one baseline changed."""
    made = json.loads(baseline_format.text_of([ONE]))
    change(made["baselines"][0])
    return json.dumps({**made, **top}).encode()


def test_a_file_of_the_first_format_is_read() -> None:
    """It says neither version, histogram nor load; they are told apart from what is known."""
    made = json.loads(document())
    recorded = made["baselines"][0]["recorded"]
    for name in ("operation_version", "histogram", "load_running"):
        del recorded[name]
    old = json.dumps({"format": 1, "baselines": made["baselines"]}).encode()
    (found,) = baseline_format.read(old, Path("f"))
    assert found.recorded == replace(FACTS, operation_version=None, histogram=(), load_running=None)
    assert found.id == ONE.id


WHOSE = " (sql.item_create on embedded)"
CURE = "; restore it, or remove it and record anew"
FAULTS = {
    "cut off": (
        document()[:-40],
        "not JSON (Unterminated string starting at: line 1 column 545 (char 544)); restore it, or remove it and record anew",
    ),
    "empty": (b"", "not JSON (Expecting value: line 1 column 1 (char 0)); restore it, or remove it and record anew"),
    "not UTF-8": (b'{"format": "\xff"}', "not UTF-8 (byte 12); restore it, or remove it and record anew"),
    "a list": (b"[]", f"the whole file: Input should be an object{CURE}"),
    "newer": (document(format=3, more={"things": 1}), "format 3 is newer than 2; use a newer steadyline"),
    "no format": (b'{"baselines": []}', f"format: Field required{CURE}"),
    "unknown driver": (
        document(lambda one: one.update(driver="foo")),
        f"baselines.0.driver{WHOSE}: Input should be 'probe', 'load' or 'bench'{CURE}",
    ),
    "unknown key": (
        document(lambda one: one.update(colour=1)),
        f"baselines.0.colour{WHOSE}: Extra inputs are not permitted{CURE}",
    ),
    "negative": (
        document(lambda one: one.update(value=-1.0)),
        f"baselines.0.value{WHOSE}: Input should be greater than or equal to 0.000000001{CURE}",
    ),
    "less than any time": (
        document(lambda one: one.update(value=1e-300)),
        f"baselines.0.value{WHOSE}: Input should be greater than or equal to 0.000000001{CURE}",
    ),
    "longer than any time": (
        document(lambda one: one.update(value=1e10)),
        f"baselines.0.value{WHOSE}: Input should be less than or equal to 1000000000{CURE}",
    ),
    "a spread beyond measure": (
        document(lambda one: one.update(spread=1500.0)),
        f"baselines.0.spread{WHOSE}: Input should be less than or equal to 10{CURE}",
    ),
    "a text": (
        document(lambda one: one.update(value="0.001")),
        f"baselines.0.value{WHOSE}: Input should be a valid number{CURE}",
    ),
    "yes": (
        document(lambda one: one.update(spread=True)),
        f"baselines.0.spread{WHOSE}: Input should be a valid number{CURE}",
    ),
    "a number for yes": (
        document(lambda one: one.update(tolerance_is_default=1)),
        f"baselines.0.tolerance_is_default{WHOSE}: Input should be a valid boolean{CURE}",
    ),
    "a format in quotes": (document(format="2"), f"format: Input should be a valid integer{CURE}"),
    "of no operation": (
        document(lambda one: one.update(operation=None)),
        f"baselines.0.operation: Input should be a valid string{CURE}",
    ),
    "thousands of digits": (
        b'{"format": ' + b"1" * 5000 + b"}",
        f"a number has thousands of digits{CURE}",
    ),
    "NaN": (
        document(lambda one: one.update(value=float("nan"))),
        f"baselines.0.value{WHOSE}: Input should be a finite number{CURE}",
    ),
    "Infinity": (
        document(lambda one: one.update(spread=float("inf"))),
        f"baselines.0.spread{WHOSE}: Input should be a finite number{CURE}",
    ),
    "NaN quantile": (
        document(lambda one: one["recorded"].update(quantiles={"0.5": float("nan")})),
        f"baselines.0.recorded.quantiles.0.5{WHOSE}: Input should be a finite number{CURE}",
    ),
    "one run": (
        document(lambda one: one["recorded"].update(runs=1)),
        f"baselines.0.recorded.runs{WHOSE}: Input should be greater than or equal to 2{CURE}",
    ),
    "one sample": (
        document(lambda one: one["recorded"].update(samples=1)),
        f"baselines.0.recorded{WHOSE}: 1 samples cannot make 20 runs{CURE}",
    ),
    "histogram of other edges": (
        document(lambda one: one["recorded"].update(histogram=[1])),
        f"baselines.0.recorded{WHOSE}: histogram has 1 counts; 2 edges and +Inf need one each{CURE}",
    ),
    "one key twice": (
        document(baselines=[json.loads(document())["baselines"][0]] * 2),
        "2 baselines of sql.item_create on embedded, driver probe; keep one",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_a_broken_file_is_refused_with_one_sentence_and_left_alone(tmp_path: Path, content: bytes, message: str) -> None:
    """The exact message, which names the file; the file is not touched."""
    path = tmp_path / "baselines.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_recorded(path)
    assert caught.value.faults == [f"{path}: {message}"]
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    """A path that is no file is named with the system's reason."""
    with pytest.raises(ConfigurationError) as caught:
        load_recorded(tmp_path)
    assert caught.value.faults == [f"{tmp_path}: cannot be read: Is a directory"]


def test_equal_runs_are_a_baseline(tmp_path: Path) -> None:
    """A spread of 0 is kept as measured; the floor is applied where it judges."""
    path = tmp_path / "baselines.json"
    path.write_bytes(document(lambda one: one.update(spread=0.0)))
    (found,) = load_recorded(path)
    assert found.spread == 0


@pytest.mark.parametrize("fact", [{"value": 1e-300}, {"value": 1e10}, {"spread": 1500.0}], ids=str)
def test_what_could_not_be_read_again_is_not_written(fact: dict[str, float]) -> None:
    """Whatever measured it: a file that no command reads would lose all the others."""
    with pytest.raises(ConfigurationError, match=r"^sql.item_create on embedded: a (value|spread) of .* is no measurement \("):
        baseline_format.text_of([replace(ONE, **fact)])
