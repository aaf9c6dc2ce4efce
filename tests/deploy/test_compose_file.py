"""docker-compose.yml as a file: what can be said of it without an engine."""

import re
from pathlib import Path

import pytest
import yaml

from deploy.compose import images
from deploy.compose.docker import Docker
from steadyline.settings import VARIABLES, Ports, Settings

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


def test_defaults():
    """What compose falls back to is what the settings do, but for the receiver, whose port is Mailpit's."""
    said = re.findall(r"\$\{STEADYLINE_(PORTS_[A-Z0-9]+|RETENTION_[A-Z]+):-([^}]+)\}", TEXT)
    assert len({name for name, _ in said}) == len(Ports.model_fields) + 2
    ports = {f"PORTS_{name.upper()}": str(port) for name, port in Ports()}
    own = {"RETENTION_TIME": Settings().retention_time, "RETENTION_SIZE": Settings().retention_size, "PORTS_RECEIVER": "8026"}
    assert [(name, value) for name, value in said if value != (ports | own)[name]] == []


def test_base():
    """The base image that `up` looks for is the one of every stage."""
    stages = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(stages) == {images.base(Docker("docker", ROOT, {}))}
