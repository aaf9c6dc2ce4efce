"""Every `steadyline` command of the handbook, executed as its page has it, on one running stack.

How each is executed, in which order and what it has to say stands in tests/support/page_commands.py: as it is, or with parts
that are of this machine or short. What would take minutes is begun, waited for until it works, and ended by Ctrl-C; the few
that other tests execute in earnest are named there with them.
"""

import itertools
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from handbook import ROOT, blocks, commands, is_shell, script
from page_commands import ELSEWHERE, WAYS
from page_desk import Desk, desk

from steadyline import catalogue, criterion

PAGES = {
    shlex.join(words[1:]): str(block)
    for block in blocks()
    if is_shell(block)
    for words in commands(script(block))
    if words[0] == "steadyline"
}
"""Each command, and a place where it stands."""

LINES = [line for block in blocks() if is_shell(block) for line in script(block).splitlines()]
BY_HAND = ("curl ", "amtool ")
ANSWERS = {
    "/metrics": 'operation="trace.item_create"',
    "orders?state=open": '[{"id": 0, "state": "open"}',
    "--data": "takes_seconds",
    "check-config": "SUCCESS",
    "alert add": "",
}
"""What is asked by hand, and what the answer has."""
ASKED = {line: answer for line in LINES if line.startswith(BY_HAND) for part, answer in ANSWERS.items() if part in line}
PORTS = {"9464": "{exporter}", "9093": "{alertmanager}", "7070": "{orders}"}


@pytest.fixture(scope="module")
def at_desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A stack that is up, and the folders of the pages; what was chosen and does not need the stack goes on meanwhile."""
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not on PATH: make test installs it")
    with desk(tmp_path_factory.mktemp("desk")) as opened:
        chosen = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
        opened.go_ahead(command for command in WAYS if {"command": command} in chosen)
        yield opened


def test_every_command_has_its_way() -> None:
    """None of a page is left out, and none is executed that no page has any more."""
    new = {command: PAGES[command] for command in PAGES.keys() - WAYS.keys() - ELSEWHERE.keys()}
    assert not new, f"{new}: say in tests/support/page_commands.py how it is executed, or which test does so in earnest"
    assert WAYS.keys() | ELSEWHERE.keys() == PAGES.keys(), "no page has it: take it out of tests/support/page_commands.py"
    assert not WAYS.keys() & ELSEWHERE.keys()
    assert {line for line in LINES if line.startswith(BY_HAND)} == ASKED.keys(), "say in ANSWERS what is answered"


@pytest.mark.parametrize("command", ELSEWHERE, ids=str)
def test_another_test_executes_it(command: str) -> None:
    """Its file is there."""
    assert (ROOT / ELSEWHERE[command]).is_file()


def test_criteria_are_about_operations_that_there_are() -> None:
    """A run would say that nobody asked, and never pass."""
    words = [shlex.split(command) for command in PAGES]
    lines = [one for said in words for option, one in itertools.pairwise(said) if option == "--expect"]
    lines += [line for block in blocks() if block.page == "docs/criteria.md" for line in block.text.splitlines()]
    asked = {criterion.parse(line).operation for line in lines}
    assert len(asked) > 3
    assert asked - {criterion.ALL} <= catalogue.operations().keys()


@pytest.mark.stack
@pytest.mark.parametrize("line", ASKED, ids=str)
def test_it_answers_who_asks_by_hand(at_desk: Desk, line: str) -> None:
    """What a page asks by curl or amtool is there, and taken."""
    place = at_desk.places.of("orders" if "7070" in line else "stack")
    here = re.sub("|".join(PORTS), lambda found: at_desk.places.filled(PORTS[found[0]]), line)
    done = subprocess.run(["bash", "-c", here], cwd=place.folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert ASKED[line] in done.stdout + done.stderr


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
