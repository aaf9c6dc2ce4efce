"""Clocks: judged over facts, and one read from a server's Date."""

import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import time

import pytest

from deploy.doctor import clocks
from deploy.doctor.clocks import Clock, Facts
from deploy.doctor.finding import Health


def facts(ahead: float = 0.0, *, was_set: float = 0.0, stepped: float = 0.0, future: float | None = -1.0) -> Facts:
    """One clock, and ours."""
    return Facts((Clock("Prometheus", ahead, 0.6),), was_set, stepped, future)


CASES = {
    "agree": (facts(0.9), clocks.agree, Health.OK, "Prometheus"),
    "a whole second is no matter": (facts(-3.5), clocks.agree, Health.OK, "Prometheus"),
    "a little ahead": (facts(6), clocks.agree, Health.WARNING, "6 s ahead of"),
    "far behind": (facts(-90), clocks.agree, Health.FAULT, "90 s behind"),
    "nobody tells": (Facts((), 0, 0, None), clocks.agree, Health.UNKNOWN, "nobody"),
    "steady": (facts(), clocks.steady, Health.OK, "not set"),
    "set since the start": (facts(was_set=-60), clocks.steady, Health.WARNING, "set by -60 s"),
    "set meanwhile": (facts(stepped=7), clocks.steady, Health.WARNING, "+7.0 s"),
    "samples of now": (facts(), clocks.samples, Health.OK, "none"),
    "samples of the future": (facts(future=300), clocks.samples, Health.FAULT, "300 s ahead"),
    "no samples": (facts(future=None), clocks.samples, Health.UNKNOWN, "no samples"),
}


@pytest.mark.parametrize(("known", "check", "health", "found"), CASES.values(), ids=CASES)
def test_clocks_are_held_to_each_other(known, check, health, found):
    """What cannot be a matter of measuring is told, with its side and size."""
    (finding,) = check(known)
    assert finding.health is health
    assert found in finding.found


class _Late(BaseHTTPRequestHandler):
    """A server whose clock is two minutes behind."""

    def do_GET(self):
        self.send_response_only(404)
        self.send_header("Date", formatdate(time() - 120, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


def test_a_server_tells_its_clock_with_any_answer(free_port):
    """Also one that does not know the page; it is known to about a second."""
    server = HTTPServer(("127.0.0.1", free_port()), _Late)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        found = clocks.over_http("target late", f"http://user:secret@127.0.0.1:{server.server_port}/", 30)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert found is not None
    assert found.ahead_seconds == pytest.approx(-120, abs=found.within_seconds + 0.1)


def test_nobody_tells_nothing(free_port):
    """Whether it can be reached is told elsewhere."""
    assert clocks.over_http("target away", f"http://127.0.0.1:{free_port()}", 30) is None
