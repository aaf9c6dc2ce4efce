"""`steadyline doctor` as a user has it where nothing runs, and where the settings are broken."""

import json
import os

import pytest
from typer.testing import CliRunner

from deploy.doctor.examination import SCHEMA
from deploy.doctor.finding import Health
from deploy.doctor.subjects import SUBJECTS
from steadyline import settings
from steadyline.cli.main import build
from steadyline.environment import PREFIX

PATIENT = ("--timeout", "60")
"""A busy machine is waited for."""


@pytest.fixture
def doctor(tmp_path, free_port, monkeypatch):
    """The command in an empty folder, over ports at which nobody listens."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for name in settings.Ports.model_fields:
        monkeypatch.setenv(f"{PREFIX}PORTS_{name.upper()}", str(free_port()))
    app = build(["doctor"])
    return lambda *arguments: CliRunner().invoke(app, ["doctor", *PATIENT, *arguments], env={"COLUMNS": "200"})


def test_where_nothing_runs_it_says_how_to_start(doctor, tmp_path):
    """Exit code 3; what can be looked at is, and nothing is made by it."""
    found = doctor()
    assert found.exit_code == 3, found.output
    assert "Nothing runs: steadyline up starts the stack." in found.output
    for subject in SUBJECTS:
        assert f"\n{subject.name}" in f"\n{found.output}"
    assert "free: " in found.output
    assert list(tmp_path.iterdir()) == []


def test_for_programs_it_is_one_object_whose_keys_stay(doctor):
    """Its schema has a number, and each row the same keys."""
    found = doctor("--json")
    document = json.loads(found.stdout)
    assert set(document) == {"schema", "verdict", "exit_code", "counts", "checks"}
    assert (document["schema"], document["exit_code"], found.exit_code) == (SCHEMA, 3, 3)
    assert {frozenset(row) for row in document["checks"]} == {
        frozenset({"subject", "check", "verdict", "found", "cure", "reason"})
    }
    assert set(document["counts"]) == {str(health) for health in Health}
    assert sum(document["counts"].values()) == len(document["checks"])


def test_broken_settings_are_told_first_and_the_rest_all_the_same(doctor, monkeypatch):
    """Exit code 2, each fault with its key and cure; in hints they stand at the top."""
    monkeypatch.setenv(f"{PREFIX}RETENTION_TIEM", "1d")
    found = doctor("--fix-hints")
    assert found.exit_code == 2, found.output
    first = found.output.splitlines()[0]
    assert "1." in first
    assert "settings: " in found.output
    assert "did you mean STEADYLINE_RETENTION_TIME" in found.output
    assert "✓" not in found.output


def test_a_wish_that_cannot_be_is_refused(doctor):
    """A wait of no time at all."""
    assert doctor("--timeout", "0").exit_code == 2
