"""An operation's version: it changes with what the operation does, and with nothing else."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from steadyline import catalogue
from steadyline.operation import Operation, found_in
from steadyline.operation_version import version_of

TEXT = '''
from steadyline.operation import operation

ROWS = 20


class Row:
    """One."""

    width = 3


def _asked(client, number):
    """What is asked."""
    return [f"{client!r:>{number}}{row.width}" for row in [Row()] * number]


def _prepare(client):
    # one turn
    return client.turn()


def _right(client, number, result):
    if (there := len(result)) != ROWS or not isinstance(result, list | tuple):
        raise ValueError(there)


@operation("sql.own", items=ROWS, probe_every_seconds=2, prepare=_prepare, verify=_right, cleanup=lambda c, p, r: None)
def own(client, number):
    """How long it takes."""
    return _asked(client, number)
'''
VERSION = "33a3f127"
"""Of TEXT, by every Python."""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Operation]:
    """The operation in a file of this text."""

    def operation_of(text: str) -> Operation:
        path = tmp_path / f"own_{len(list(tmp_path.iterdir()))}.py"
        path.write_text(text, encoding="utf-8")
        module = ModuleType("own")
        exec(compile(text, str(path), "exec", dont_inherit=True), module.__dict__)
        return next(found_in(module))

    return operation_of


def changed(old: str, new: str) -> str:
    """The text with something else in one place."""
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(changed("# one turn", "# its turn, told at length"), id="comment"),
        pytest.param(changed('"""How long it takes."""', '"""How long it takes, in other words."""'), id="docstring"),
        pytest.param(changed('"""What is asked."""', ""), id="docstring of what it calls"),
        pytest.param(changed("def own(client, number):", "def own(client: 'Client', number: int) -> list:"), id="annotations"),
        pytest.param(changed("return client.turn()", "return (\n        client.turn()\n    )"), id="layout"),
        pytest.param("\n\n\nOTHER = 5\n" + TEXT, id="position"),
        pytest.param(changed("probe_every_seconds=2", "probe_every_seconds=10"), id="cadence"),
    ],
)
def test_what_changes_nothing_that_runs_changes_no_version(written: Callable[[str], Operation], text: str) -> None:
    """Comments, docstrings, annotations, layout, position and cadence are no part of the version."""
    assert version_of(written(text)) == version_of(written(TEXT))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(changed("return _asked(client, number)", "return _asked(client, number + 1)"), id="body"),
        pytest.param(changed("return client.turn()", "return client.turn() + 1"), id="prepare"),
        pytest.param(changed("raise ValueError(there)", "raise TypeError(there)"), id="verify"),
        pytest.param(changed("lambda c, p, r: None", "lambda c, p, r: c.delete(p)"), id="cleanup"),
        pytest.param(changed("[Row()] * number", "[Row()] * 2"), id="what it calls"),
        pytest.param(changed("width = 3", "width = 4"), id="class that it uses"),
        pytest.param(changed("ROWS = 20", "ROWS = 21"), id="constant"),
        pytest.param(changed("items=ROWS", "items=1"), id="items"),
        pytest.param(changed("items=ROWS", "items=ROWS, concurrency=4"), id="concurrency"),
    ],
)
def test_what_changes_what_is_done_changes_the_version(written: Callable[[str], Operation], text: str) -> None:
    """Another body, preparation, verification or clean-up, another helper or amount: another version."""
    assert version_of(written(text)) != version_of(written(TEXT))


def test_the_version_is_the_same_by_every_python(written: Callable[[str], Operation]) -> None:
    """A version is a fact of the source: it is kept in files that other machines read."""
    assert version_of(written(TEXT)) == VERSION


def test_no_two_operations_that_ship_have_one_version() -> None:
    """Each of the catalogue's has eight hex digits of its own: lambdas, closures and families of sizes too."""
    found = {name: version_of(one) for name, one in catalogue.shipped().items()}
    assert len(set(found.values())) == len(found)
    assert all(re.fullmatch("[0-9a-f]{8}", one) for one in found.values())


def test_an_operation_without_a_source_has_a_version_all_the_same() -> None:
    """What was made in a shell is told by its name and amounts."""
    namespace: dict[str, object] = {}
    exec(compile(TEXT, "<shell>", "exec"), namespace)
    assert re.fullmatch("[0-9a-f]{8}", version_of(next(one for one in namespace.values() if isinstance(one, Operation))))
