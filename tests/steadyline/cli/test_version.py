"""`steadyline --version`."""

from importlib import metadata

from typer.testing import CliRunner

from steadyline.cli import main


def test_version():
    """It says the installed version, alone and whatever else is wrong, and ends well."""
    done = CliRunner().invoke(main.build([]), ["--version"])
    assert (done.exit_code, done.output) == (0, f"steadyline {metadata.version('steadyline')}\n")


def test_a_command_is_still_wanted():
    """Without it, a command must be named."""
    assert CliRunner().invoke(main.build(["probe"]), []).exit_code == 2
