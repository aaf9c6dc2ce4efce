"""`steadyline operations`: what there is, what of it runs, and what its client shows."""

import json

import pytest
from typer.testing import CliRunner

from steadyline import catalogue
from steadyline.cli.main import build
from steadyline.cli.operations import operations
from steadyline.errors import ConfigurationError


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """`listed(*arguments, **environ)` is what the command prints in an empty folder."""

    def run(*arguments, **environ):
        monkeypatch.chdir(tmp_path)
        said = CliRunner().invoke(build(["operations"]), ["operations", *arguments], env={"COLUMNS": "220", **environ})
        assert said.exit_code == 0, said.output
        return said.output

    return run


def test_every_operation_is_listed_with_its_facts(listed):
    """A program reads name, cadence, budget, guard and phases of each."""
    rows = {row["operation"]: row for row in json.loads(listed("--json"))}
    assert set(rows) == set(catalogue.operations())
    assert rows["trace.item_create"]["phases"] == ["connect", "first_byte", "transfer"]
    assert rows["sql.item_create"]["phases"] == []
    assert all(row["runs"] for row in rows.values())


def test_the_write_guard_is_shown(listed):
    """On a read-only target, what writes is shown as left out, and what only reads is not."""
    rows = listed(STEADYLINE_SQL_URL="sqlite:////tmp/x.db").splitlines()
    assert "left out" in next(row for row in rows if "sql.item_create" in row)
    assert "left out" not in next(row for row in rows if "sql.item_browse" in row)


def test_it_fits_a_terminal(listed):
    """In 80 characters each operation is one line, under its backend with its phases; how to read more is said."""
    said = listed(COLUMNS="80").splitlines()
    assert max(map(len, said)) <= 80
    assert "s3 on embedded  phases connect, first byte, transfer" in said
    for name in catalogue.operations():
        assert sum(line.startswith(f"{name} ") for line in said) == 1
    assert "steadyline operations sql.item_create" in said[-1]


def test_one_alone_is_explained(listed):
    """With what its number tells."""
    name = "vast.row_select"
    assert catalogue.operations()[name].tells in " ".join(listed(name, COLUMNS="80").split())


def test_a_glob_chooses(listed):
    """Those that fit, and no other."""
    names = {row["operation"] for row in json.loads(listed("s3.*", "--json"))}
    assert names == {name for name in catalogue.operations() if name.startswith("s3.")}


def test_a_name_that_nothing_has():
    """One message that says what to do."""
    said = CliRunner().invoke(build(["operations"]), ["operations", "s3.nothing"])
    assert said.exit_code != 0
    assert "no operation is called s3.nothing" in str(said.exception)


def test_nothing_is_measured(tmp_path, monkeypatch):
    """Where no target is named, it is said what to name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEADYLINE_EMBEDDED", "false")
    with pytest.raises(ConfigurationError, match="no target is named: embedded is false") as refused:
        operations()
    assert refused.value.exit_code == 2
