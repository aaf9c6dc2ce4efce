"""Every `steadyline` command of the handbook, executed as its page has it, on one running stack.

How each is executed, in which order and what it has to say stands in tests/support/page_commands.py: as it is, or with parts
that are of this machine or short. What would take minutes is begun, waited for until it works, and ended by Ctrl-C; the few
that other tests execute in earnest are named there with them.
"""

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from handbook import ROOT, blocks, commands, is_shell, script
from page_commands import ELSEWHERE, WAYS
from page_desk import Desk, desk

PAGES = {
    shlex.join(words[1:]): str(block)
    for block in blocks()
    if is_shell(block)
    for words in commands(script(block))
    if words[0] == "steadyline"
}
"""Each command, and a place where it stands."""


@pytest.fixture(scope="module")
def at_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A stack that is up, and the folders of the pages."""
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not on PATH: make test installs it")
    with desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


def test_every_command_has_its_way() -> None:
    """None of a page is left out, and none is executed that no page has any more."""
    assert PAGES.keys() - WAYS.keys() - ELSEWHERE.keys() == set(), (
        "say in tests/support/page_commands.py how it is executed (WAYS), or which test does so in earnest (ELSEWHERE)"
    )
    assert WAYS.keys() | ELSEWHERE.keys() == PAGES.keys(), "no page has it: take it out of tests/support/page_commands.py"
    assert not WAYS.keys() & ELSEWHERE.keys()


@pytest.mark.parametrize("command", ELSEWHERE, ids=str)
def test_another_test_executes_it(command: str) -> None:
    """Its file is there."""
    assert (ROOT / ELSEWHERE[command]).is_file()


@pytest.mark.stack
@pytest.mark.parametrize("command", WAYS, ids=str)
def test_it_does_what_its_page_says(at_desk: Desk, command: str) -> None:
    """It ends as the page has it, says what the page says, leaves the file that the page goes on with, and no traceback."""
    way, said = WAYS[command], at_desk.done(command)
    told = f"{PAGES[command]}: steadyline {command} ended with {said.code}:\n{said.text}"
    assert "Traceback" not in said.text, told
    assert said.code in way.codes, told
    for words in way.says:
        assert at_desk.places.filled(words) in said.text, told
    if way.leaves:
        assert (Path(at_desk.places.of(way.place).folder) / way.leaves).exists(), told
