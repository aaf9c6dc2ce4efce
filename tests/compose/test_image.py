"""The image: small, and nothing in it that the containers do not need."""

import json

import pytest
from compose_stack import OWN_BYTES, docker, image_sizes

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]


@pytest.mark.usefixtures("image")
def test_size():
    """It is no larger than its base, the locked packages and what is ours to take."""
    ours, base, packages = image_sizes()
    assert packages > 100_000_000
    assert ours <= base + packages + OWN_BYTES


def test_who_runs_it(image):
    """It runs as nobody's root, has a health check, and brings no heavy extra and no installer."""
    config = json.loads(docker("image", "inspect", "--format", "{{json .Config}}", image))
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    found = docker(
        "run",
        "--rm",
        image,
        "python",
        "-P",
        "-c",
        "import importlib.util as u; print([n for n in ('scipy', 'pandas', 'pip') if u.find_spec(n)])",
    )
    assert found == "[]"


def test_commands(image):
    """The command line works in it as it is."""
    assert "regress" in docker("run", "--rm", image, "steadyline", "--help")
