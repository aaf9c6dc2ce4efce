"""`steadyline targets` (that it serves and refuses as `python -m targets.trace` does stands in tests/targets/trace)."""

from typer.testing import CliRunner

from steadyline.cli.main import build


def test_help_names_the_options():
    """The help names what the command takes."""
    said = CliRunner().invoke(build(["targets"]), ["targets", "trace", "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    for option in ("--url", "--port", "--password-file", "--allow-faults"):
        assert option in said.output


def test_settings_are_checked(monkeypatch, tmp_path):
    """A wrong setting is told before anything is served."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEADYLINE_PORTS_TRACE", "eighty")
    done = CliRunner().invoke(build(["targets"]), ["targets", "trace"])
    assert "STEADYLINE_PORTS_TRACE" in str(done.exception)
