"""A target that freezes in the middle of a run, and workers that leave it."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tenacity import retry, stop_after_delay, wait_fixed

OWN = Path(__file__).parents[1] / "support" / "own_locustfile.py"


@retry(stop=stop_after_delay(30), wait=wait_fixed(0.2), reraise=True)
def until(port, line):
    """Wait until the metrics page has the line."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        assert line in answer.read().decode()


@retry(stop=stop_after_delay(30), wait=wait_fixed(0.2), reraise=True)
def until_listening(port):
    """Wait until a connection is taken there."""
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


@retry(stop=stop_after_delay(15), wait=wait_fixed(0.2), reraise=True)
def until_answered(port):
    """Wait until a user was answered."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        counts = re.findall(r"^steadyline_operation_duration_seconds_count\{.*} (\S+)", answer.read().decode(), re.MULTILINE)
    assert sum(map(float, counts)) > 0


def test_a_target_that_freezes_does_not_pass(runs, free_port, tmp_path):
    """Its users wait to the end; what they wait for was cut off by us, so only the silence tells."""
    port = free_port()
    place = ("--port", str(port), "--url", f"sqlite:///{tmp_path / 'trace.db'}")
    target = subprocess.Popen([sys.executable, "-P", "-m", "targets.trace", *place])
    try:
        until_listening(port)
        run = runs.start("--host", f"http://127.0.0.1:{port}", "-u", "4", "-r", "100", "-t", "20s")
        until(runs.metrics_port, 'steadyline_load_phase{phase="steady"} 1.0')
        until_answered(runs.metrics_port)
        os.kill(target.pid, signal.SIGSTOP)
        assert run.end() == 3, run.said
        assert "s, and users waited: the target hangs" in run.said
    finally:
        target.kill()
        target.wait()


def test_a_worker_that_is_told_to_leave_is_missed(runs, answers_url):
    """SIGTERM ends it in order and loses no count, but its load is missing from then on."""
    master, workers = runs.distributed(2, "--host", answers_url, "-u", "4", "-r", "100", "-t", "14s", locustfile=OWN)
    until(runs.metrics_port, 'steadyline_load_users{user_class="Asking"} 4.0')
    workers[0].process.terminate()
    assert master.end() == 3, master.said
    assert "workers that went away in the middle: 1; the load was not what was asked" in master.said
