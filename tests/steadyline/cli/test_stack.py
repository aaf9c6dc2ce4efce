"""What `up` prints beside the programs."""

from pathlib import Path

import pytest

from steadyline.cli.stack_screen import own_command


@pytest.mark.parametrize(
    ("on_path", "called", "typed"),
    [
        pytest.param(True, ".venv/bin/steadyline", "steadyline", id="on PATH"),
        pytest.param(False, ".venv/bin/steadyline", ".venv/bin/steadyline", id="in this folder"),
        pytest.param(False, "../elsewhere/steadyline", "{outside}/elsewhere/steadyline", id="elsewhere"),
    ],
)
def test_commands_can_be_typed_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_path: bool, called: str, typed: str
) -> None:
    """The next commands are printed so that they work where the user stands."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    program = (here / called).resolve()
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    environ = {"PATH": str(program.parent) if on_path else "/nowhere"}
    assert own_command(environ, str(program)) == typed.format(outside=tmp_path)
