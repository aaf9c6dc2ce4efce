"""`steadyline rules`: generate, check, test."""

import shutil

import pytest
import yaml
from typer.testing import CliRunner

from alerts.notify import templates
from alerts.rules import generate
from steadyline.cli.rules import app
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the committed files, which `generate` takes for them."""
    copy = tmp_path / "alerts" / "generated"
    shutil.copytree(generate.COMMITTED, copy)
    monkeypatch.setattr(generate, "COMMITTED", copy)
    return copy


def _run(*arguments):
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_check_passes_on_current_files(folder):
    """Current files that both programs load: exit code 0."""
    generate.write(folder, generate.committed_files())
    done = _run("check", "--dir", str(folder))
    assert done.exit_code == 0, done.output
    assert done.output.count("ok") == 3


def test_check_finds_drift_and_says_what_to_run(folder):
    """A figure changed by hand: exit code 1, the file's name and the command."""
    rules = folder / generate.RULES
    rules.write_text(rules.read_text().replace("1.15", "1.16"))
    done = _run("check", "--dir", str(folder))
    assert done.exit_code == 1
    assert f"{generate.RULES} differ; run: steadyline rules generate" in done.output


def test_check_passes_on_what_promtool_says(folder):
    """A rule that Prometheus would refuse: exit code 1, and promtool's own words."""
    (folder / generate.RULES).write_text("groups: [{name: x, rules: [{record: y, expr: 'sum('}]}]")
    done = _run("check", "--dir", str(folder))
    assert done.exit_code == 1
    assert "parse error" in done.output


@pytest.mark.usefixtures("folder")
def test_generate_outside_a_checkout_asks_where():
    """An installed package has nothing to commit."""
    with pytest.raises(ConfigurationError, match="--out DIR"):
        _run("generate")


def test_generate_in_a_checkout_makes_the_files_current(folder):
    """In a checkout it writes what is to be committed, and says what changed."""
    (folder.parents[1] / "pyproject.toml").write_text("")
    (folder / generate.RULES).write_text("")
    generate.write(folder, {name: text for name, text in generate.committed_files().items() if name != generate.RULES})
    done = _run("generate")
    assert done.output.strip().endswith(f"changed {generate.RULES}")
    assert generate.drift(folder) == []
    assert _run("generate").output.strip().endswith("nothing changed")


def test_generate_out_writes_an_installations_own(tmp_path, monkeypatch):
    """With --out the settings count: the receiver's port is in the configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEADYLINE_PORTS_RECEIVER", "18025")
    assert _run("generate", "--out", str(tmp_path / "out")).exit_code == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    ours = {generate.RULES, generate.RULE_TESTS, generate.SLOW_RULE_TESTS, generate.ALERTMANAGER}
    assert written == ours | set(templates.texts())
    assert "127.0.0.1:18025/alerts" in (tmp_path / "out" / generate.ALERTMANAGER).read_text()


def _one_test(folder, value):
    rules = {"groups": [{"name": "a", "rules": [{"record": "b", "expr": "vector(1)"}]}]}
    check = {"expr": "b", "eval_time": "0s", "exp_samples": [{"labels": "b", "value": value}]}
    series = [{"series": 'up{operation="x",target="y",driver="probe"}', "values": "0"}]
    test = {"name": "t", "interval": "5s", "input_series": series, "promql_expr_test": [check]}
    (folder / generate.RULES).write_text(yaml.safe_dump(rules))
    for name in (generate.RULE_TESTS, generate.SLOW_RULE_TESTS):
        document = {"rule_files": [generate.RULES], "evaluation_interval": "5s", "tests": [test]}
        (folder / name).write_text(yaml.safe_dump(document))


def test_test_counts_its_cases(tmp_path):
    """All pass: exit code 0, and how many there were."""
    _one_test(tmp_path, 1)
    done = _run("test", "--dir", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "2 of 2 cases" in done.output


def test_test_installed_runs_those_of_the_installation(tmp_path, monkeypatch):
    """With --installed the tests of the state folder are run, and before there are any it says so."""
    monkeypatch.chdir(tmp_path)
    state = Settings(state_dir=tmp_path / "state").state
    monkeypatch.setenv("STEADYLINE_STATE_DIR", str(state.root))
    with pytest.raises(ConfigurationError, match=f"{state.generated}/{generate.RULE_TESTS}: no such file; run: steadyline up"):
        _run("test", "--installed")
    state.generated.mkdir(parents=True)
    _one_test(state.generated, 1)
    done = _run("test", "--installed")
    assert done.exit_code == 0, done.output
    assert "2 of 2 cases" in done.output


def test_test_shows_what_failed(tmp_path):
    """One fails: exit code 1, and promtool's words."""
    _one_test(tmp_path, 2)
    done = _run("test", "--dir", str(tmp_path))
    assert done.exit_code == 1
    assert "0 of 2 cases" in done.output
    assert "exp:" in done.output


def test_test_without_files_says_what_to_run(tmp_path):
    """No tests there: one message for each file."""
    with pytest.raises(ConfigurationError, match="run: steadyline rules generate") as caught:
        _run("test", "--dir", str(tmp_path))
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_missing_tool_is_named(folder, monkeypatch, command):
    """Without promtool: what it is part of, and how to install it."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match=r"promtool: not on PATH.*apt install prometheus"):
        _run(command, "--dir", str(folder))
