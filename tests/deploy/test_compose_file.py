"""docker-compose.yml as a file: what can be said of it without an engine."""

import re
from pathlib import Path

import pytest
import yaml

from deploy.containers import init
from steadyline.settings import VARIABLES, Ports

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(TEXT)["services"]
IN_THE_IMAGE = {"STEADYLINE_LISTEN_ADDRESS", "STEADYLINE_STATE_DIR"}
"""The Dockerfile sets these."""
ELSEWHERE = {"STEADYLINE_PROMETHEUS_URL", "STEADYLINE_ALERTMANAGER_URL"}
"""The stack has its own."""
NOT_SETTINGS = {"STEADYLINE_TAG"}
OURS = {name: one for name, one in SERVICES.items() if str(one["image"]).startswith("steadyline:")}


def test_variables():
    """Every setting may be made in .env, and no variable is named that is none."""
    named = set(re.findall(r"STEADYLINE_[A-Z0-9_]+", TEXT)) - NOT_SETTINGS
    assert named == set(VARIABLES) - IN_THE_IMAGE - ELSEWHERE


def test_example():
    """.env.example names only what compose knows, and every port of the stack."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    said = set(re.findall(r"^#([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    known = set(re.findall(r"\$\{([A-Z0-9_]+)", TEXT)) | set(VARIABLES) | {"COMPOSE_PROFILES"}
    assert said <= known
    assert {f"STEADYLINE_PORTS_{name.upper()}" for name in Ports.model_fields} <= said


@pytest.mark.parametrize("name", SERVICES)
def test_hardened(name):
    """No container gains privileges, keeps capabilities it has no use for, grows without limit or writes to its root."""
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert "mem_limit" in service
    assert service["read_only"] is True or name == "init"
    assert ("cap_add" in service) == (name == "postgres")
    assert not service.get("privileged")


@pytest.mark.parametrize("name", SERVICES)
def test_published(name):
    """What is published is published on loopback alone."""
    for port in SERVICES[name].get("ports", ()):
        assert port.startswith("127.0.0.1:"), port


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in OURS])
def test_pinned(name):
    """Images of others are pinned to a version, and have a health check; ours has its own in the Dockerfile."""
    assert re.search(r":v?\d+(\.\d+)*$", SERVICES[name]["image"]), SERVICES[name]["image"]
    assert SERVICES[name]["healthcheck"]["test"]
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_secrets(tmp_path):
    """Secrets are made once, readable for the group, and VAST DB and S3 share one; an empty one is refused by its name."""
    assert init.make_secrets(tmp_path) == list(init.SECRETS)
    first = {name: (tmp_path / name).read_text(encoding="utf-8") for name in init.SECRETS}
    assert init.make_secrets(tmp_path) == []
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in init.SECRETS} == first
    assert first["s3_secret_key"] == first["vast_secret_key"]
    assert len(set(first.values())) == len(first) - 1
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in init.SECRETS} == {0o640}
    (tmp_path / "s3_secret_key").write_text("\n", encoding="utf-8")
    with pytest.raises(init.ConfigurationError, match="s3_secret_key is empty; remove it"):
        init.make_secrets(tmp_path)


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, None),
        ({"COMPOSE_PROFILES": "own"}, None),
        ({"COMPOSE_PROFILES": "own,longterm"}, init.LONGTERM_URL),
        ({"COMPOSE_PROFILES": "longterm", "STEADYLINE_REMOTE_WRITE_URL": "https://mine.example"}, "https://mine.example"),
    ],
    ids=["no profile", "another", "longterm", "a storage of one's own"],
)
def test_longterm(environ, url):
    """With the profile `longterm` Prometheus writes to VictoriaMetrics from its start, unless another storage is named."""
    assert init.with_longterm(environ).get("STEADYLINE_REMOTE_WRITE_URL") == url


def test_target_secrets(tmp_path):
    """Secrets of targets that cannot be read are all told before anything starts, with who has to read them."""
    environ = {
        "STEADYLINE_STATE_DIR": str(tmp_path),
        "STEADYLINE_SQL_URL": "postgresql://probe@db.example/orders",
        "STEADYLINE_SQL_PASSWORD_FILE": str(tmp_path / "missing"),
        "STEADYLINE_S3_URL": "https://s3.example",
        "STEADYLINE_S3_BUCKET": "media",
        "STEADYLINE_S3_ACCESS_KEY": "AK",
        "STEADYLINE_S3_SECRET_KEY_FILE": str(tmp_path / "gone"),
    }
    with pytest.raises(init.ConfigurationError) as refused:
        init.run(environ, reload=False)
    assert [fault.split(" ")[0] for fault in refused.value.faults] == [
        "targets.s3-main.secret_key_file",
        "targets.sql-main.password_file",
    ]
    assert all(fault.endswith("containers read it as user and group 10001") for fault in refused.value.faults)
    assert not list(tmp_path.iterdir())
