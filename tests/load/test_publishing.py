"""The load run's side of the publisher, each case in a process of its own, for Locust patches the one it is imported in."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import tenacity

HEAD = """
import locust  # before all else: it patches
import logging, os, signal, sys
from pathlib import Path
import gevent
import httpx
from load import publishing
from load.publishing import Publisher
from load.series import Key, Merged, Tally
from steadyline.errors import SteadylineError
from steadyline.load_vocabulary import LOAD_STARTED
from steadyline.settings import Ports, Settings

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", level=logging.INFO)
logging.getLogger("httpx").setLevel(logging.WARNING)
settings = Settings(state_dir=Path("state"), ports=Ports(prometheus=1, alertmanager=2))
merged, tally = Merged(), Tally()


def whole():
    return [{"kind": "delta", "series": merged.whole()}]


def count(publisher):
    tally.declare(Key("trace.a", "trace", "embedded")).started += 1
    delta = tally.delta()
    merged.add(delta)
    publisher.send({"kind": "delta", "series": delta})


def begin(publisher, run="r1"):
    merged.zero()
    publisher.send(
        {"kind": "begin", "run": run, "profile": "", "shape": "", "revision": "", "start": 1.0, "silence": False}
    )


def page(publisher):
    return httpx.get(publisher.url + "/metrics", trust_env=False, timeout=30).text


def started(publisher):
    return [float(line.split()[-1]) for line in page(publisher).splitlines() if line.startswith(LOAD_STARTED.name)]


def until(condition):
    while not condition():
        gevent.sleep(0.01)


"""
Run = Callable[..., str]


def _command(script: str) -> list[str]:
    return [sys.executable, "-P", "-c", HEAD + script]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(script)` runs a script after the head above, and answers what it printed; it must succeed."""

    def running(script: str) -> str:
        done = subprocess.run(_command(script), cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return running


def test_a_whole_run(run):
    """It is there when `start` returns, shows what was sent, answers who holds the end, and is gone when `close` returns."""
    said = run("""
publisher = Publisher(settings, 0, whole)
publisher.start()
begin(publisher)
count(publisher)
until(lambda: started(publisher) == [1.0])
publisher.send({"kind": "steady", "at": 2.0})
publisher.send({"kind": "end", "at": 3.0})
until(lambda: "run_end" in page(publisher))
print("held by", publisher.wait_held())
pid = publisher.pid
publisher.close()
try:
    os.kill(pid, 0)
except ProcessLookupError:
    print("gone", list(Path("state/load_targets").iterdir()))
""")
    assert "held by scrape" in said
    assert "gone []" in said
    assert "INFO metrics at http://127.0.0.1:" in said
    assert "INFO the run's last values were fetched" in said


def test_a_taken_port_is_one_sentence(run):
    """`start` raises what a wrong setting raises; nothing is started anew."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = run(f"""
publisher = Publisher(settings, {port}, whole)
try:
    publisher.start()
except SteadylineError as error:
    print(error.exit_code, error)
print(publisher.pid, publisher.wait_held())
publisher.close()
""")
    assert f"2 127.0.0.1:{port} is taken by another program; end it, or " in said
    assert "None nobody" in said
    assert "ERROR" not in said


def test_the_settings_name_the_port(run, free_port):
    """Without another one for this run the page is where the settings say."""
    port = free_port()
    said = run(f"""
settings = Settings(state_dir=Path("state"), ports=Ports(load={port}))
publisher = Publisher(settings, None, whole)
publisher.start()
print(publisher.url)
publisher.close()
""")
    assert f"http://127.0.0.1:{port}\n" in said


def test_a_dead_publisher_is_started_anew_once(run):
    """The new one has the same address, the run's facts and all that was counted; a second death is told."""
    said = run("""
publisher = Publisher(settings, 0, whole)
publisher.start()
url = publisher.url
begin(publisher)
for _ in range(3):
    count(publisher)
publisher.send({"kind": "steady", "at": 2.0})
publisher.send({"kind": "gauges", "target_users": 7})
until(lambda: started(publisher) == [3.0])
first = publisher.pid
os.kill(first, signal.SIGKILL)
until(lambda: publisher.pid != first)
count(publisher)


def answers():
    try:
        return started(publisher) == [4.0]
    except httpx.TransportError:
        return False


until(answers)
text = page(publisher)
print("whole", publisher.url == url, 'run="r1"' in text, "run_steady" in text, "load_target_users 7.0" in text)
os.kill(publisher.pid, signal.SIGKILL)
until(lambda: publisher.pid is None)
count(publisher)
publisher.send({"kind": "end", "at": 3.0})
print("held by", publisher.wait_held())
publisher.close()
""")
    assert "whole True True True True" in said
    assert "ERROR the publisher of /metrics died; a new one begins" in said
    assert "ERROR the publisher of /metrics: it died again; nothing is exported any more, and the run goes on without" in said
    assert "held by nobody" in said


def test_a_port_that_is_taken_meanwhile_is_told(run):
    """Where somebody else has the dead one's port by then, the run goes on without, and says why."""
    said = run("""
import socket
publisher = Publisher(settings, 0, whole)
publisher.start()
address = publisher.url.removeprefix("http://").split(":")
begin(publisher)
first = publisher.pid
popen = publishing.subprocess.Popen


def slow(*arguments, **options):
    held.append(socket.create_server((address[0], int(address[1]))))
    return popen(*arguments, **options)


held = []
publishing.subprocess.Popen = slow
os.kill(first, signal.SIGKILL)
until(lambda: publisher.pid is None)
print("held by", publisher.wait_held())
publisher.close()
""")
    assert " is taken by another program; end it, or choose" in said
    assert "; nothing is exported any more, and the run goes on without" in said
    assert "held by nobody" in said


def test_a_publisher_that_dies_while_it_holds_is_awaited_still(run):
    """The new one shows the run's end, and answers for it."""
    said = run("""
publisher = Publisher(settings, 0, whole)
publisher.start()
begin(publisher)
until(lambda: "r1" in page(publisher))
count(publisher)
publisher.send({"kind": "end", "at": 3.0})
first = publisher.pid
waiting = gevent.spawn(publisher.wait_held)
os.kill(first, signal.SIGKILL)
until(lambda: publisher.pid != first)
print("held by", waiting.get())
publisher.close()
""")
    assert "held by nobody" in said
    assert "INFO nobody scraped" in said


def test_a_publisher_that_reads_nothing_holds_up_nobody(run):
    """Frames to a stopped process wait, gauges replace each other; when it has stood still too long it is replaced."""
    said = run("""
publishing.MOST_PENDING = 50
publisher = Publisher(settings, 0, whole)
publisher.start()
begin(publisher)
first = publisher.pid
os.kill(first, signal.SIGSTOP)
big = {"kind": "gauges", "users": {f"User{number}": number for number in range(10_000)}}
for _ in range(100):
    publisher.send(big)
    gevent.sleep(0)
print("kept", len(publisher._process._outbox))
while publisher.pid == first:
    count(publisher)
    gevent.sleep(0.01)


def answers():
    try:
        return started(publisher) == [float(tally.series[Key("trace.a", "trace", "embedded")].started)]
    except httpx.TransportError:
        return False


until(answers)
print("nothing lost")
publisher.send({"kind": "end", "at": 3.0})
until(lambda: "run_end" in page(publisher))
publisher.close()
""")
    assert "kept 1\n" in said
    assert "ERROR the publisher of /metrics reads nothing any more, and is killed" in said
    assert "nothing lost" in said


def test_the_answer_for_an_earlier_run_is_not_the_next_ones(run):
    """A run that another one cut short is answered for; who waits for the other one waits on."""
    said = run("""
publisher = Publisher(settings, 0, whole)
publisher.start()
begin(publisher, "r1")
until(lambda: "r1" in page(publisher))
publisher.send({"kind": "end", "at": 3.0})
begin(publisher, "r2")
waiting = gevent.spawn(publisher.wait_held)
until(lambda: 'run="r2"' in page(publisher))
print("waits", not waiting.ready())
publisher.send({"kind": "end", "at": 4.0})
until(lambda: 'run_end_timestamp_seconds{driver="load",run="r2"}' in page(publisher))
print("held by", waiting.get())
publisher.close()
""")
    assert "waits True" in said
    assert "held by scrape" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_signals_to_the_load_run(tmp_path, number):
    """Ctrl-C in the terminal is not for the publisher; when the load run is killed it ends of itself."""
    script = """
publisher = Publisher(settings, 0, whole)
publisher.start()
begin(publisher)
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
print("pid", publisher.pid, flush=True)  # whoever reads this may send the signal
while True:
    gevent.sleep(0.01)
"""
    process = subprocess.Popen(_command(script), cwd=tmp_path, stdout=subprocess.PIPE, text=True, start_new_session=True)
    with process:
        line = next(line for line in process.stdout if line.startswith("pid"))
        publisher = psutil.Process(int(line.split()[1]))
        os.killpg(process.pid, number)
        if number == signal.SIGINT:
            assert "interrupted\n" in process.stdout
            assert publisher.is_running()
            process.kill()
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.05), reraise=True)
    for attempt in waiting:
        with attempt:
            assert not publisher.is_running()
