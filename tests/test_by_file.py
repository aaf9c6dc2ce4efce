"""How tests are dealt out to workers."""

from collections import OrderedDict
from pathlib import Path
from unittest.mock import Mock

from by_file import LONG, ByFile

ROOT = Path(__file__).parents[1]


def test_every_long_file_is_there():
    """A file that was renamed would go to the end, where it keeps one worker busy alone."""
    assert [file for file in LONG if not (ROOT / file).is_file()] == []


def test_long_files_come_first(pytestconfig, monkeypatch):
    """Whatever else waits; what is left is dealt out in xdist's order."""
    monkeypatch.setattr(pytestconfig.option, "tx", ["popen"])
    dealt, asked = ByFile(pytestconfig), []
    node = Mock(send_runtest_some=asked.extend)
    files = ["tests/many.py", LONG[1], "tests/few.py", LONG[0]]
    dealt.registered_collections[node] = files
    dealt.workqueue = OrderedDict((file, {file: False}) for file in files)
    while dealt.workqueue:
        dealt._assign_work_unit(node)
    assert [files[index] for index in asked] == [LONG[0], LONG[1], "tests/many.py", "tests/few.py"]
