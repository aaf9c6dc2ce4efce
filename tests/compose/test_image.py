"""The image: small, and nothing in it that the containers do not need."""

import json
import subprocess

import pytest

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

BASE = "python:3.13-slim"
OWN_BYTES = 30_000_000
"""What our own code and all that is not a locked package may take."""


def _docker(*arguments):
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def test_size(image):
    """It is no larger than its base, the locked packages and 30 MB."""
    sizes = {one: int(_docker("image", "inspect", "--format", "{{.Size}}", one)) for one in (image, BASE)}
    count = """
import importlib.metadata, os
others = [d for d in importlib.metadata.distributions() if d.name != 'steadyline']
names = {os.fspath(d.locate_file(f)) for d in others for f in d.files or ()}
print(sum(os.path.getsize(name) for name in names if os.path.isfile(name) and not os.path.islink(name)))
"""
    packages = int(_docker("run", "--rm", image, "python", "-P", "-c", count))
    assert packages > 100_000_000
    assert sizes[image] <= sizes[BASE] + packages + OWN_BYTES, (sizes, packages)


def test_who_runs_it(image):
    """It runs as nobody's root, has a health check, and brings no heavy extra and no installer."""
    config = json.loads(_docker("image", "inspect", "--format", "{{json .Config}}", image))
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    found = _docker(
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
    assert "regress" in _docker("run", "--rm", image, "steadyline", "--help")
