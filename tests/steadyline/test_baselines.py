"""Baselines as data: what is loaded, and what is said of a broken file."""

from dataclasses import replace
from pathlib import Path

import pytest

from steadyline import baseline_format, baselines
from steadyline.baseline import Baseline, Quantity, Recorded
from steadyline.errors import ConfigurationError

HEAD = 'default_tolerance = 0.2\ndrivers = ["probe"]\n[sources]\nseed = "a source"\n'
ENTRY = '[[baseline]]\noperations = ["{operation}"]\nvalue = {value}\nsource = "{source}"\n'


def _entry(operation="sql.item_create", value="0.05", source="seed"):
    return ENTRY.format(operation=operation, value=value, source=source)


RECORDED = Baseline(
    operation="sql.item_create", driver="probe", quantity=Quantity.DURATION, value=0.002, tolerance=0.1, spread=0.04,
    source="recorded", target="embedded",
    recorded=Recorded("2026-01-01T00:00:00Z", "host", "abc", 20, 300, 2.0, {"0.5": 0.002}, (0.001, 0.002), {"python": "3"}),
)  # fmt: skip


def test_the_sourced_numbers_are_the_seeds():
    """50 ms ±10 % for an item's creation, 200 items a second for a bulk of 100, for the drivers probe and bench."""
    sourced = {(b.operation, b.driver): b for b in baselines.load_sourced()}
    create = sourced["sql.item_create", "probe"]
    assert (create.value, create.tolerance, create.tolerance_is_default, create.target) == (0.05, 0.1, False, "*")
    bulk = sourced["sql.bulk_create_100", "bench"]
    assert (bulk.quantity, bulk.value, bulk.tolerance, bulk.tolerance_is_default) == ("items_per_second", 200, 0.2, True)
    assert bulk.seconds_per_call(100) == 0.5


SOURCED_FAULTS = {
    "negative": (_entry(value="-1"), "baseline.0.value: Input should be greater than 0"),
    "zero": (_entry(value="0"), "baseline.0.value: Input should be greater than 0"),
    "not a number": (_entry(value="nan"), "baseline.0.value: Input should be a finite number"),
    "infinite": (_entry(value="inf"), "baseline.0.value: Input should be a finite number"),
    "unknown operation": (
        _entry("sql.nothing"),
        "baseline of the unknown operation 'sql.nothing'; steadyline operations lists the known ones",
    ),
    "unknown source": (_entry(source="x"), "source 'x' is not under [sources]; add it there"),
    "unknown key": (_entry() + "colour = 1\n", "baseline.0.colour: Extra inputs are not permitted"),
    "tolerance over one": (_entry() + "tolerance = 10\n", "baseline.0.tolerance: Input should be less than 1"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), SOURCED_FAULTS.values(), ids=SOURCED_FAULTS)
def test_a_broken_sourced_file_is_refused_with_file_and_key(tmp_path, text, message):
    """The exact message of each mistake."""
    path = tmp_path / "baselines.toml"
    path.write_text(HEAD + text)
    with pytest.raises(ConfigurationError) as caught:
        baselines.load_sourced(path)
    assert caught.value.faults == [f"{path}: {message}"]


def test_what_is_saved_is_what_is_loaded(tmp_path):
    """A recorded baseline survives its file, id included; the id changes with anything that judges."""
    path = tmp_path / "state" / "baselines.json"
    baselines.save_recorded(path, [RECORDED])
    (loaded,) = baselines.load_recorded(path)
    assert loaded == RECORDED
    assert loaded.id == RECORDED.id
    assert [p.name for p in path.parent.iterdir()] == ["baselines.json"]


def test_a_missing_file_holds_no_baselines(tmp_path):
    """Nothing recorded yet is no fault."""
    assert baselines.load_recorded(tmp_path / "baselines.json") == ()


def test_a_baseline_of_an_operation_that_went_can_be_looked_at(tmp_path):
    """It judges nothing, so it is a fault; but it can be removed."""
    path = tmp_path / "baselines.json"
    path.write_text(baseline_format.text_of([replace(RECORDED, operation="sql.nothing")]))
    with pytest.raises(ConfigurationError) as caught:
        baselines.load_recorded(path)
    assert str(caught.value) == (
        f"{path}: baseline of the unknown operation 'sql.nothing'; name its file in the setting operations, "
        "or forget it: steadyline baseline remove sql.nothing"
    )
    (loaded,) = baselines.load_recorded(path, unknown_too=True)
    assert loaded.operation == "sql.nothing"


def test_a_folder_that_cannot_be_written_loses_nothing(tmp_path):
    """The message names the file; the earlier text stands."""
    path = tmp_path / "file" / "baselines.json"
    path.parent.write_text("in the way")
    with pytest.raises(ConfigurationError, match="nothing was changed"):
        baselines.save_recorded(path, [RECORDED])
    assert path.parent.read_text() == "in the way"


@pytest.mark.parametrize("mode", [0o600, 0o644], ids=["owner's alone", "everyone's"])
def test_a_file_appears_with_its_rights(tmp_path, monkeypatch, mode):
    """The rights are there before the name is: a secret can be read by nobody else at any moment."""
    path, seen, replace = tmp_path / "file", [], Path.replace

    def watched(self, target):
        seen.append(self.stat().st_mode & 0o777)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    baselines.write_whole(path, "secret", mode)
    assert (seen, path.stat().st_mode & 0o777, path.read_text()) == ([mode], mode, "secret")
