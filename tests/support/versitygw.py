"""A real S3 for the tests: VersityGW over a folder, from PATH, or built once into the user's cache."""

import contextlib
import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import go_program
import httpx
import pytest
import tenacity

MODULE = "github.com/versity/versitygw/cmd/versitygw@latest"
TEST_SECONDS = go_program.BUILD_SECONDS + 300
"""What the first test may take, which waits for the build."""
MARKS = (pytest.mark.stack, pytest.mark.timeout(TEST_SECONDS))
"""Of tests that ask for it."""


@dataclass(frozen=True, slots=True)
class VersityGw:
    """A running gateway.

    Attributes:
        url: the endpoint.
        access_key: of its only account.
        secret_key: the account's.
        data: the folder whose folders are buckets and whose files are objects.
        metadata: the folder of what files cannot say: ETags, types and users' metadata.
    """

    url: str
    access_key: str
    secret_key: str
    data: Path
    metadata: Path

    def new_bucket(self) -> str:
        """Make an empty bucket."""
        name = f"bucket-{uuid.uuid4()}"
        (self.data / name).mkdir()
        return name


@contextlib.contextmanager
def running(port: int) -> Iterator[VersityGw]:
    """Run it on the port; skips where it cannot be had."""
    program = go_program.built("versitygw", MODULE)
    with tempfile.TemporaryDirectory(prefix="steadyline-versitygw-") as folder:
        place = Path(folder)
        gateway = VersityGw(f"http://127.0.0.1:{port}", "admin", "s3cret/word+x", place / "data", place / "metadata")
        for needed in (gateway.data, gateway.metadata):
            needed.mkdir()
        process = _start(program, port, gateway, place / "log")
        try:
            _wait(process, gateway.url, place / "log")
            yield gateway
        finally:
            process.terminate()
            process.wait(timeout=60)


def _start(program: str, port: int, gateway: VersityGw, log: Path) -> "subprocess.Popen[bytes]":
    posix = ["posix", "--sidecar", str(gateway.metadata), str(gateway.data)]
    keys = {"ROOT_ACCESS_KEY_ID": gateway.access_key, "ROOT_SECRET_ACCESS_KEY": gateway.secret_key}
    with log.open("wb") as output:
        return subprocess.Popen(
            [program, "--quiet", "--port", f"127.0.0.1:{port}", *posix],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **keys},
        )


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    waiting = tenacity.Retrying(
        stop=tenacity.stop_after_delay(60),
        wait=tenacity.wait_fixed(0.1),
        retry=tenacity.retry_if_exception_type(httpx.HTTPError),
        reraise=True,
    )
    for attempt in waiting:
        with attempt:
            assert process.poll() is None, log.read_text()
            httpx.get(url, trust_env=False)
