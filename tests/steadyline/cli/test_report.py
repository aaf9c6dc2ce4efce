"""What `steadyline report` says of a file that no run wrote."""

import json
import math
from pathlib import Path

import pytest
import run_results
from command_line import beginning, ended

from steadyline.cli import run_result
from steadyline.errors import ConfigurationError

EMPTY = {
    "format": 1,
    "operations": [],
    "growth": [],
    "unreachable": [],
    "run": {"started": "then", "rounds": 5, "revision": "unknown", "host": "here", "interrupted": False},
}
"""Results of a run in which nothing was measured."""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "not the results of a run", id="empty"),
        pytest.param("[]", "not the results of a run", id="a list"),
        pytest.param("{", "not the results of a run", id="cut off"),
        pytest.param('{"format": 99}', "format 99 is newer than 1; use a newer steadyline", id="newer"),
        pytest.param(
            '{"format": 1, "operations": [{"operation": 3}], "growth": [], "run": {}}', "not the results", id="odd row"
        ),
        pytest.param(
            '{"format": 1, "operations": [], "growth": [], "unreachable": [], "run": {}}', "not the", id="no heading"
        ),
        pytest.param(
            json.dumps({**EMPTY, "growth": [{"family": "a", "target": "b", "exponent": 1, "points": []}]}),
            "not the results",
            id="growth of nothing",
        ),
        pytest.param(json.dumps({**EMPTY, "run": {**EMPTY["run"], "rounds": math.nan}}), "not the results", id="not a number"),
        pytest.param("[" * 100_000, "not the results", id="nested without end"),
    ],
)
def test_report_of_something_else(text, message):
    """A file that no run wrote is one message that names it."""
    with pytest.raises(ConfigurationError, match=f"^odd.json: {message}") as caught:
        run_result.read(text, Path("odd.json"))
    assert len(caught.value.faults) == 1


@pytest.fixture
def report(tmp_path):
    """`report(*arguments)` runs it beside a run's results, `run.json`, to its end: exit code, standard output and error."""
    (tmp_path / "run.json").write_text(run_results.text(run_results.row(factor=1.6), exit_code=1))
    with beginning(tmp_path) as begin:
        yield lambda *arguments: ended(begin("report", "run.json", *arguments), 60)


def test_page(report, tmp_path):
    """It is written, and nothing printed unless that was asked for too."""
    assert report("--html", "out/page.html") == (0, "", "")
    page = (tmp_path / "out/page.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "1 got slower" in page
    code, out, _ = report("--html", "-page.html", "--markdown")
    assert (code, out) == (0, report("--format", "markdown")[1])
    assert (tmp_path / "-page.html").read_text() == page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("--html", "/proc/x/page.html"), "/proc/x/page.html: cannot be written: No such file", id="no place"),
        pytest.param(("--html", "."), ".: cannot be written: Is a directory", id="a folder"),
        pytest.param(("--markdown", "--format", "json"), "--markdown and --format json: say one of them", id="two formats"),
    ],
)
def test_page_that_cannot_be_made(report, arguments, message):
    """It is one message."""
    code, out, err = report(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith(f"steadyline: {message}")
