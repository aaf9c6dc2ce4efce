"""Pages of the handbook as sessions: their commands in a shell, in their order, with what a reader is told to see.

Each command for itself, of every page, is executed in test_commands.py.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import handbook
import native_stack
import pytest
import tenacity
from forked_command_line import forked
from handbook import SHELL, Block

from steadyline.environment import PREFIX

HERE = {"steadyline": ("operations", "probe", "run", "report")}
LIGHT = ("docs/guide/run.md",)
"""Pages whose commands of these names need nothing that is up, and little time."""
FAST = "--fast"
"""A minute, which tests/steadyline/cli/test_run.py spends already."""


def blocks_of(page: str) -> list[Block]:
    """Its blocks, which there must be."""
    found = [block for block in handbook.blocks() if block.page == page]
    assert found
    return found


@pytest.mark.stack
@pytest.mark.parametrize("page", LIGHT)
def test_commands_that_need_nothing(page: str, tmp_path: Path) -> None:
    """Each ends well, and leaves what the next one reads."""
    work = tmp_path / "work"
    work.mkdir()
    environ = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    lines = [words for block in blocks_of(page) if block.language in SHELL for words in handbook.commands(block.text)]
    with forked(tmp_path) as command_line:
        for words in lines:
            if words[0] == "steadyline" and words[1] in HERE["steadyline"] and FAST not in words:
                done = command_line.run(words[1:], work, environ)
                assert done.code in (0, 3), f"{words}: {done.text}"  # 3: nothing to hold it to yet
    assert (work / "report.html").exists()


class Shell:
    """One shell for a whole page, so that variables, functions and jobs hold from block to block.

    Args:
        folder: where it begins.
        environ: with what.
    """

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        """Begin it."""
        self._said = folder / ".said"
        paths = f"{native_stack.STEADYLINE.parent}{os.pathsep}{environ['PATH']}"
        self.process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env=environ | {"PATH": paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, script: str) -> str:
        """Run a block to its end; what it printed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{{\n{script}\n}} >{self._said} 2>&1\necho ended\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ended\n"
        return self._said.read_text()

    def close(self) -> None:
        """End it and its jobs."""
        self.run("kill $(jobs -p) 2>/dev/null; wait")
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


@contextmanager
def shell(folder: Path, environ: dict[str, str]) -> Iterator[Shell]:
    """A shell that ends with the test."""
    opened = Shell(folder, environ)
    try:
        yield opened
    finally:
        opened.close()


@tenacity.retry(stop=tenacity.stop_after_delay(420), wait=tenacity.wait_fixed(2), reraise=True)
def wait_for(notifications: Path, alert: str, status: str) -> None:
    """Until the receiver has kept this notification."""
    told = [json.loads(line) for line in notifications.read_text().splitlines()] if notifications.exists() else []
    assert any(alert in json.dumps(one) and f'"{status}"' in json.dumps(one) for one in told), (alert, status)


@pytest.mark.stack
@pytest.mark.full  # the baseline that the page records takes ten minutes
@pytest.mark.timeout(2400)
def test_your_own_system(free_port: Callable[[], int]) -> None:
    """As the page has it: from nothing to both alerts, and they resolve."""
    port = str(free_port())
    with native_stack.empty() as stack:
        notifications = stack.settings.state.notifications
        awaited = {
            "data 0.8": ("SteadylineBudgetBroken", "firing"),
            "data 0.04": ("SteadylineRegression", "firing"),
        }
        with shell(stack.folder, stack.environ) as session:
            for block in blocks_of("docs/your-own-system.md"):
                text = block.text.replace("7070", port)
                if block.title:
                    (stack.folder / block.title).write_text(text)
                    continue
                said = session.run(text)
                assert "Traceback" not in said
                assert "steadyline:" not in said, said
                for command, wanted in awaited.items():
                    if command in text:
                        wait_for(notifications, *wanted)


@pytest.mark.stack
@pytest.mark.full  # rounds over three operations of 0.2 to 0.4 s, four times
@pytest.mark.timeout(900)
def test_optimisation(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """The loop: what was improved is told so, and nothing else is."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    port, said = str(free_port()), ""
    with shell(tmp_path, environ) as session:
        for block in blocks_of("docs/optimisation.md"):
            if block.language in SHELL and "--ab main" not in block.text:
                said += session.run(block.text.replace("18123", port).replace("kill %1", ""))
    improved = [line.split()[0] for line in said.splitlines() if "IMPROVED" in line]
    assert improved == ["trace.item_browse"], said
    assert (tmp_path / "before.html").exists()
    assert (tmp_path / "after.html").exists()
