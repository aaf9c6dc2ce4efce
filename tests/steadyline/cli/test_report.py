"""What `steadyline report` says of a file that no run wrote."""

import json
import math
from pathlib import Path

import pytest

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
