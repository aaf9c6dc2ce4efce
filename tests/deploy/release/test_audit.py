"""Whether a locked package has a known vulnerability: real pip-audit against a service that answers as it is told."""

import http.server
import json
import threading

import pytest

from deploy.release.audit import LOCKS, Audited, Verdict, audit, read

HASH = "0" * 64
FOUND = {
    "id": "GHSA-1",
    "affected": [
        {
            "package": {"name": "bad", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


@pytest.fixture
def service():
    """Its URL; of the package `bad` it knows a vulnerability."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"vulns": [FOUND]} if asked["package"]["name"] == "bad" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def lock(tmp_path):
    """A lock of two packages."""
    written = tmp_path / "lock.txt"
    written.write_text(f"bad==1.0 \\\n    --hash=sha256:{HASH}\ngood==2.0 \\\n    --hash=sha256:{HASH}\n")
    return written


def test_found(service, lock):
    """A vulnerability is told with the version that mends it, and how to get that; the rest is clean."""
    found = audit([lock], ["--osv-url", service])
    assert found.vulnerable == ("bad 1.0: GHSA-1, mended in 1.1; make lock ARGS='--upgrade-package bad'",)
    assert found.clean == {"good"}
    assert found.verdict is Verdict.VULNERABLE


def test_all_locks_can_be_read(service):
    """Each of our packages is asked about, and where nothing is known of any, that is a pass."""
    found = audit(LOCKS, ["--osv-url", service])
    assert {"httpx", "hatchling", "pytest"} <= found.clean
    assert found.verdict is Verdict.NONE_KNOWN


def test_nobody_answers(lock, free_port):
    """A service that does not answer is no pass, and no alarm."""
    found = audit([lock], ["--osv-url", f"http://127.0.0.1:{free_port()}/v1/query"])
    assert found.verdict is Verdict.NOT_LOOKED_AT
    assert "audit: the service gave no answer: " in found.unknown[0]
    assert list(found.told())[-1].endswith("this is no pass. Repeat it where the service can be reached")


@pytest.mark.parametrize(
    ("dependencies", "verdict"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], Verdict.NONE_KNOWN),
        ([{"name": "a", "skip_reason": "not found"}], Verdict.NOT_LOOKED_AT),
        ([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}], Verdict.NOT_LOOKED_AT),
        ([{"name": "a", "version": "1", "vulns": [{"id": "X", "fix_versions": []}]}, {"name": "b", "skip_reason": "-"}], 1),
        ([], Verdict.NOT_LOOKED_AT),
    ],
)
def test_verdicts(dependencies, verdict):
    """What was not looked at is never a pass; a vulnerability outweighs it."""
    assert read(dependencies).verdict is Verdict(verdict)


def test_codes():
    """They are the gate's: 0 pass, 1 found, 3 no data."""
    assert [Audited(frozenset("a"), (), ()).verdict, Audited(frozenset(), ("x",), ()).verdict] == [0, 1]
    assert Audited(frozenset(), (), ()).verdict == 3
