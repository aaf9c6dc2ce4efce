"""One stack of containers for all of these tests, with the image built from this tree."""

import subprocess
import time

import compose_stack
import pytest


@pytest.fixture(scope="session", autouse=True)
def _engine():
    if not compose_stack.engine_answers():
        pytest.skip("no Docker engine with compose answers; `make test-compose` makes one where it can")


@pytest.fixture(scope="session")
def image():
    """The image of this tree, built once."""
    with compose_stack.stack("steadyline-build") as found:
        found.compose("build", "--quiet", timeout=1200)
    name = f"steadyline:{compose_stack.TAG}"
    yield name
    subprocess.run(["docker", "image", "rm", "--force", name], capture_output=True, check=False)


@pytest.fixture(scope="session")
def running(image, record_testsuite_property):
    """The whole stack, up."""
    assert image
    with compose_stack.stack("steadyline-test") as found:
        begun = time.monotonic()
        found.compose("up", "--detach", "--wait", "--wait-timeout", str(compose_stack.READY_SECONDS))
        record_testsuite_property("seconds until every health check was green", f"{time.monotonic() - begun:.1f}")
        print(f"every health check green after {time.monotonic() - begun:.1f} s")
        yield found
