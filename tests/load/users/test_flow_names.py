"""Flows are told from operations by their names."""

from pathlib import Path

import pytest

from steadyline.load_vocabulary import FLOW_SUFFIX

USERS = Path(__file__).parents[3] / "load" / "users"


@pytest.mark.parametrize("module", ["trace", "tams"])
def test_a_flow_is_named_as_one(module):
    """Sums over all operations leave out what ends so; a flow that did not would count its steps twice."""
    text = (USERS / f"{module}.py").read_text()
    names = [line.split('"')[1] for line in text.splitlines() if " = Flow(" in line]
    assert names
    assert all(name.endswith(FLOW_SUFFIX) for name in names)
