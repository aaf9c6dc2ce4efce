"""The whole examination: what it comes to, what hangs, what breaks, and what no text shows."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.doctor import scene as scenes
from deploy.doctor.asking import Patience
from deploy.doctor.examination import Examination, examine
from deploy.doctor.finding import Finding, Health, fault, ok, unknown, warning
from deploy.doctor.scene import Scene, look
from deploy.doctor.subject import Checked, Subject, named
from deploy.doctor.subjects import SUBJECTS
from steadyline.errors import UnreachableError
from steadyline.outcome import Reason
from steadyline.settings import Settings

AWAY = fault("away", "start it", Reason.CONNECT)
BROKEN = fault("broken", "mend it")
CODES = {
    "all is well": ((ok("well"),), {}, 0),
    "warnings are said": ((ok("well"), warning("soon", "do"), unknown("?")), {}, 0),
    "a fault": ((ok("well"), BROKEN, AWAY), {}, 1),
    "settings": ((BROKEN,), {"settings_broken": True}, 2),
    "nothing runs": ((AWAY,), {"nothing_runs": True}, 3),
    "hosts alone": ((AWAY, warning("soon", "do")), {}, 4),
}


def subject(*findings: Finding, gather=lambda _scene: None) -> Subject[None]:
    """One with a check that finds this."""

    def what(_facts: None) -> tuple[Finding, ...]:
        """Found."""
        return findings

    return Subject("one", gather, (what,))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Nothing is here."""
    return Scene(Settings(state_dir=tmp_path), folder=tmp_path)


@pytest.mark.parametrize(("findings", "facts", "code"), CODES.values(), ids=CODES)
def test_the_exit_code_tells(findings, facts, code):
    """What kind of thing is to be done."""
    about = {"settings_broken": False, "nothing_runs": False} | facts
    assert Examination([Checked("s", "c", one) for one in findings], **about).exit_code == code


def test_what_hangs_is_left_behind(scene):
    """The others are told of all the same."""
    forever = threading.Event()
    hanging = subject(gather=lambda _scene: forever.wait())
    found = examine(replace(scene, patience=Patience(0.2)), [hanging, subject(ok("well"))])
    forever.set()
    assert [(one.finding.health, one.finding.found) for one in found.checked] == [
        (Health.UNKNOWN, "not answered within 0.2 s"),
        (Health.OK, "well"),
    ]


def test_what_breaks_is_a_fault_of_its_own(scene):
    """A bug in one check is told, and hides no other subject; a host that does not answer is none."""

    def bug(_scene: Scene) -> None:
        raise KeyError("x")

    def away(_scene: Scene) -> None:
        raise UnreachableError("nobody there")

    found = examine(scene, [subject(gather=bug), subject(gather=away), subject(ok("well"))])
    assert [one.finding.health for one in found.checked] == [Health.FAULT, Health.UNKNOWN, Health.OK]
    assert "itself broke: KeyError" in found.checked[0].finding.found


def test_without_prometheus_nobody_asks_it(scene):
    """What it alone knows is told of as unknown, without a wait."""
    asking = Subject("one", lambda _scene: pytest.fail("asked"), (), asks_prometheus=True)
    (one,) = examine(scene, [asking]).checked
    assert one.finding.health is Health.UNKNOWN


def test_no_secret_and_nothing_that_a_terminal_obeys_is_told(tmp_path):
    """Whatever others said."""
    file = tmp_path / "secret"
    file.write_text("hunter2-canary\n")
    settings = Settings.model_validate({"state_dir": tmp_path, "grafana_token_file": file})
    said = subject(fault("token hunter2-canary\x1b[31m of http://me:pass-word@h", "mend"))
    (one,) = examine(Scene(settings, folder=tmp_path), [said]).checked
    assert "canary" not in one.finding.found
    assert "pass-word" not in one.finding.found
    assert "\x1b" not in one.finding.found


def test_settings_that_cannot_be_read_are_looked_past(tmp_path):
    """The state folder that the environment names is known, and what is wrong is kept."""
    environ = {"STEADYLINE_STATE_DIR": str(tmp_path), "STEADYLINE_PORTS_EXPORTER": "none"}
    found = look(environ, tmp_path, Patience(0.5))
    assert found.settings.state.root == tmp_path
    assert "STEADYLINE_PORTS_EXPORTER" in found.faults[0]


def test_an_engine_that_hangs_holds_nothing_up(tmp_path, monkeypatch):
    """That docker did not answer is told."""
    forever = threading.Event()
    monkeypatch.setattr(scenes, "_docker", lambda *_: forever.wait())
    found = look({"STEADYLINE_STATE_DIR": str(tmp_path)}, tmp_path, Patience(0.5))
    forever.set()
    assert found.docker is None
    assert "did not answer" in found.no_docker


def test_every_check_says_what_is_a_fault():
    """Its docstring is its row in docs/doctor.md; names are told apart within a subject."""
    for one in SUBJECTS:
        assert len({named(check) for check in one.checks}) == len(one.checks)
        for check in one.checks:
            assert (check.__doc__ or "").startswith(("A fault", "A warning")), check
    assert len({one.name for one in SUBJECTS}) == len(SUBJECTS)
