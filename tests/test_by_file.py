"""How tests are dealt out to workers."""

from collections import OrderedDict
from pathlib import Path
from unittest.mock import Mock

import pytest
from by_file import HEAVY, WAITER, WAITING, ByFile

ROOT = Path(__file__).parents[1]
FILES = ["tests/many.py", HEAVY[1], WAITING[1], "tests/few.py", WAITING[0], HEAVY[0]]


def test_every_long_file_is_there():
    """A file that was renamed would go to the end, where it keeps one worker busy alone."""
    assert [file for file in (*WAITING, *HEAVY) if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize(
    ("worker", "order"),
    [
        (WAITER, [*WAITING[:2], *HEAVY[:2], "tests/many.py", "tests/few.py"]),
        ("gw1", [*HEAVY[:2], "tests/many.py", "tests/few.py", WAITING[1], WAITING[0]]),
    ],
)
def test_what_is_long_comes_first(pytestconfig, monkeypatch, worker, order):
    """One worker waits, others compute; the rest as xdist has it, and nobody idles beside files that wait."""
    monkeypatch.setattr(pytestconfig.option, "tx", ["popen"])
    dealt, asked = ByFile(pytestconfig), []
    node = Mock(send_runtest_some=asked.extend)
    node.gateway.id = worker
    dealt.registered_collections[node] = FILES
    dealt.workqueue = OrderedDict((file, {file: False}) for file in FILES)
    while dealt.workqueue:
        dealt._assign_work_unit(node)
    assert [FILES[index] for index in asked] == order
