"""Files with secrets: found by their settings, and held to what others may do with them."""

import pytest

from deploy.doctor import secrecy
from deploy.doctor.finding import Health
from deploy.doctor.scene import Scene
from steadyline import settings

CANARY = "hunter2-canary"


@pytest.fixture
def scene(tmp_path):
    """Two targets and a remote storage; one password stands in a URL, the others in files."""
    for name in ("db", "store"):
        (tmp_path / name).write_text(f"{CANARY}-{name}\n")
        (tmp_path / name).chmod(0o600)
    environ = {
        "STEADYLINE_STATE_DIR": str(tmp_path / "state"),
        "STEADYLINE_TRACE_URL": "http://me@127.0.0.1:1",
        "STEADYLINE_TAMS_URL": f"http://me:{CANARY}-url@127.0.0.1:1",
        "STEADYLINE_TRACE_PASSWORD_FILE": str(tmp_path / "db"),
        "STEADYLINE_REMOTE_WRITE_URL": "http://127.0.0.1:1/write",
        "STEADYLINE_REMOTE_WRITE_CREDENTIALS_FILE": str(tmp_path / "store"),
    }
    return Scene(settings.load(environ), environ=environ, folder=tmp_path)


def _healths(scene):
    facts = secrecy.gather(scene)
    return [finding.health for check in secrecy.SUBJECT.checks for finding in check(facts)]


def test_files_for_their_owner_alone_are_well(scene):
    """Whichever settings name them."""
    assert _healths(scene) == [Health.OK, Health.OK]
    assert {one.key for one in secrecy.gather(scene)} == {"targets.trace-main.password_file", "remote_write.credentials_file"}


@pytest.mark.parametrize(("mode", "health"), [(0o640, Health.OK), (0o644, Health.WARNING), (0o666, Health.FAULT)])
def test_everybody_reads_or_writes_it(scene, mode, health):
    """Read by everybody is a warning, written by everybody a fault; a group may read."""
    (scene.folder / "db").chmod(mode)
    assert _healths(scene)[-1] is health


@pytest.mark.parametrize("break_it", [lambda file: file.unlink(), lambda file: file.write_text("")], ids=["gone", "empty"])
def test_a_secret_that_is_not_there_is_a_fault(scene, break_it):
    """Its setting and file are named."""
    break_it(scene.folder / "db")
    (finding,) = secrecy.readable(secrecy.gather(scene))
    assert finding.health is Health.FAULT
    assert "targets.trace-main.password_file" in finding.found


def test_settings_that_hold_a_secret_are_such_a_file(scene):
    """A key in steadyline.toml, which everybody may read."""
    file = scene.folder / "steadyline.toml"
    file.write_text(f'[targets.x]\nbackend = "trace"\nurl = "http://me:{CANARY}-url@h"\n')
    file.chmod(0o644)
    assert _healths(scene)[-1] is Health.WARNING


def test_certificates_are_for_everybody_and_keys_are_not(tmp_path):
    """A key's first line is the same in every key, and no secret by itself."""
    for name in ("cert", "key"):
        (tmp_path / name).write_text("-----BEGIN\n")
        (tmp_path / name).chmod(0o644)
    client = {"cert_file": tmp_path / "cert", "key_file": tmp_path / "key"}
    found = settings.Settings.model_validate({"state_dir": tmp_path, "web_client": client})
    (finding,) = secrecy.private(secrecy.gather(Scene(found, folder=tmp_path)))
    assert "web_client.key_file" in finding.found
    assert secrecy.known(found) == []


def test_every_secret_is_known_to_the_redactor(scene):
    """Those in files and those in the settings."""
    assert set(secrecy.known(scene.settings)) == {f"{CANARY}-db", f"{CANARY}-store", f"{CANARY}-url"}
