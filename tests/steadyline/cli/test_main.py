"""How the command line ends: Ctrl-C before a command listens, and a standard output that takes nothing more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from steadyline.cli import main
from steadyline.errors import NoDataError

STEADYLINE = Path(sys.executable).with_name("steadyline")
SHOWN = {"rich": ("operations",), "echo": ("operations", "--json"), "help": ("--help",)}
"""The three ways in which a command prints."""
ASKED_TO_STOP = """import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored where tests run in the background
{where}signal.raise_signal(signal.SIGINT)
"""


def steadyline(folder, *arguments, stdout, **more):
    """The command to its end in that folder; its exit code, and what it said on standard error."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("STEADYLINE_", "PYTHON"))}
    command = [STEADYLINE, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=ours | more, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


@pytest.fixture
def unread():
    """The end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize("arguments", SHOWN.values(), ids=SHOWN)
def test_nobody_reads_it(tmp_path, unread, arguments):
    """One message, and the exit code that a shell gives to such a program."""
    code, told = steadyline(tmp_path, *arguments, stdout=unread)
    assert (code, told) == (141, "steadyline: standard output: nobody reads it any more; the rest of it is lost\n")


@pytest.mark.parametrize("arguments", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_it_is_full(tmp_path, arguments, unbuffered):
    """One message, and neither the code of a regression nor the interpreter's own."""
    with Path("/dev/full").open("w") as full:
        code, told = steadyline(tmp_path, *arguments, stdout=full, PYTHONUNBUFFERED=unbuffered)
    why = "cannot be written: No space left on device"
    assert (code, told) == (2, f"steadyline: standard output: {why}; the rest of it is lost\n")


def test_an_error_is_no_escape_sequence(capsys):
    """What a message took out of a file is shown, and no terminal obeys it; its own lines stay lines."""
    main.report(NoDataError("a\x1b[31mb\rc\nd"))
    assert capsys.readouterr().err == "steadyline: a\N{REPLACEMENT CHARACTER}[31mb c\nd\n"


def test_nobody_reads_an_error(tmp_path, unread):
    """Its own code is lost, and it is none of a regression."""
    command = [STEADYLINE, "operations", "sql.nothing"]
    assert subprocess.run(command, cwd=tmp_path, stdout=unread, stderr=unread, timeout=60, check=False).returncode == 141


def test_a_run_whose_table_is_lost_keeps_its_results(tmp_path):
    """They are written first."""
    with Path("/dev/full").open("w") as full:
        code, _ = steadyline(tmp_path, "run", "--operation", "sql.item_read", "--rounds", "1", stdout=full)
    assert code == 2
    assert "sql.item_read" in (tmp_path / ".steadyline/results.json").read_text()


@pytest.mark.parametrize("where", ["", "def command():\n    "], ids=["import", "command"])
def test_ctrl_c_where_nobody_listens(tmp_path, where):
    """While the command's module is imported, or in a command without a handler: no word, and the shell's code."""
    (tmp_path / "slow.py").write_text(ASKED_TO_STOP.format(where=where))
    code = "from steadyline.cli import main; main.COMMANDS['watch'] = 'slow:command'; main.main()"
    command = [sys.executable, "-c", code, "watch"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_little_is_imported_before_ctrl_c_is_listened_for():
    """What takes long to import is imported by `main`, not before it."""
    code = "import sys, steadyline.cli.main; print({'typer', 'rich', 'pydantic'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
