"""The process: what is wrong is told in one sentence before it listens, and secrets stay where they are."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from full_disk import files_up_to
from vast_endpoint import BUCKET, KEYS, ROOT, SECRET, Serve, connected


def said(*arguments: str, **environ: str) -> tuple[int, str]:
    """Exit code and complaint of an endpoint that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "targets.vast", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--port", "99999"], "no such port"),
        (["--bucket", "a/b"], "no name for a bucket"),
        (["--bucket", "vast-big-catalog-bucket"], "no name for a bucket"),
        (["--s3-url", "ftp://host"], "--s3-url has to be http://HOST:PORT"),
        (["--transaction-seconds", "0"], "--transaction-seconds has to be above 0"),
        (["--transaction-seconds", "nan"], "--transaction-seconds has to be above 0"),
        (["--directory", "/dev/null/x"], "cannot be used"),
    ],
)
def test_wrong_arguments(arguments: list[str], complaint: str) -> None:
    """Each is refused with what to mend, in one line, as usage."""
    code, told = said(*arguments, **KEYS)
    assert code == 2
    assert complaint in told
    assert told.count("\n") == 1


def test_without_keys() -> None:
    """Without keys it does not start, and names the variables."""
    code, told = said(VAST_ACCESS_KEY="", VAST_SECRET_KEY="")
    assert (code, told.count("\n")) == (2, 1)
    assert "set VAST_ACCESS_KEY and VAST_SECRET_KEY" in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_has_read_its_line_may_end_it(number: int, tmp_path: Path) -> None:
    """At once: nothing between the line and the serving breaks off, and the exit code is 0."""
    command = [sys.executable, "-m", "targets.vast", "--port", "0", "--directory", str(tmp_path / "kept")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **KEYS}, text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("vast: http://")
        process.send_signal(number)
        assert (*process.communicate(timeout=60), process.returncode) == ("", "", 0)


def test_directory_in_use(serve: Serve, tmp_path: Path) -> None:
    """A second process on one directory is refused while the first goes on."""
    served = serve("--directory", str(tmp_path / "kept"))
    code, told = said("--directory", str(tmp_path / "kept"), **KEYS)
    assert code == 2
    assert "another process uses it" in told
    assert served.stop() == 0


def test_directory_without_room(tmp_path: Path) -> None:
    """Where not even the asked buckets can be kept, it does not start, and says so in one line."""
    with files_up_to(20):
        code, told = said("--directory", str(tmp_path / "kept"), "--bucket", BUCKET, **KEYS)
    assert (code, told.count("\n")) == (2, 1)
    assert "cannot be written" in told


def test_health_is_unsigned(serve: Serve) -> None:
    """Health and readiness are answered to anybody; everything else wants a signature."""
    served = serve()
    for path, status in (("/-/healthy", 200), ("/-/ready", 200), ("/b/k", 403), ("/?transaction", 403), ("/-/faults", 404)):
        assert httpx.get(served.url + path).status_code == status
    assert httpx.get(f"{served.url}/?transaction").headers["server"] == "vast 5.4.0.0"


def test_log_has_a_line_for_each_failure(serve: Serve) -> None:
    """Method, path, status and code; no secret, no signature, no traceback."""
    served = serve("--bucket", BUCKET)
    httpx.delete(f"{served.url}/b/s/t?table", headers={"authorization": f"AWS4-HMAC-SHA256 {SECRET}"})
    assert served.stop() == 0
    assert served.log.read_text() == "vast: DELETE /b/s/t?table 400 AuthorizationHeaderMalformed\n"


def test_faults_stretch_requests(serve: Serve) -> None:
    """Allowed faults hold back the requests that carry their header, which are else answered as ever."""
    served = serve("--bucket", BUCKET, "--allow-faults")
    fault = {"header": "tabular-client-name", "value": "tabular-api", "takes_seconds": 0.01, "expires_seconds": 60}
    assert httpx.put(f"{served.url}/-/faults/slow", json=fault).status_code == 200
    with connected(served.url) as session, session.transaction() as tx:
        tx.bucket(BUCKET).create_schema("s")
    (told,) = httpx.get(f"{served.url}/-/faults").json()["faults"]
    assert told["stretched_requests"] > 3
