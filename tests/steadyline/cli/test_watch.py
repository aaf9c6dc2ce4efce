"""`steadyline watch` as it is run: a process of its own, over a real Prometheus."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import tenacity

STEADYLINE = Path(sys.executable).with_name("steadyline")
pytestmark = pytest.mark.stack


def environment(prometheus: str, folder: Path, **more: str) -> dict[str, str]:
    """What the command is run with."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("STEADYLINE_", "COLUMNS", "NO_COLOR"))}
    return ours | {"STEADYLINE_PROMETHEUS_URL": prometheus, "STEADYLINE_STATE_DIR": str(folder), "TERM": "xterm"} | more


def run(*arguments: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """The command to its end."""
    command = [STEADYLINE, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_once_prints_one_table(held_prometheus: str, tmp_path: Path) -> None:
    """Worst first: the numbers, the baseline and where it is from, the alert and since when; no escape codes in a pipe."""
    found = run("watch", "--once", env=environment(held_prometheus, tmp_path))
    assert found.returncode == 0, found.stderr
    slow, unheld = (
        line for line in found.stdout.splitlines() if line.startswith(("trace.item_create ", "sql.item_count_made_up "))
    )
    assert re.search(
        r"trace.item_create +embedded .*0.50 +80 ms +90 ms +81 ms +50 ms ±10% sourced +1.62 +1.40 .*CRITICAL", slow
    )
    assert re.search(r"sql.item_count_made_up .*2.1 ms +budget 20 s .*no baseline", unheld)
    assert re.search(r"CRITICAL +since \S+ for .* trace.item_create on embedded: 81 ms is 1.62x its baseline", found.stdout)
    assert "\x1b" not in found.stdout


@pytest.mark.parametrize("width", [50, 72, 80, 100, 130, 160])
def test_it_fits_the_terminal(held_prometheus: str, tmp_path: Path, width: int) -> None:
    """However narrow: operation, mean, ratio and state are there, and no line is longer."""
    found = run("watch", "--once", env=environment(held_prometheus, tmp_path, COLUMNS=str(width)))
    assert max(len(line.rstrip()) for line in found.stdout.splitlines()) <= width
    slow = next(line for line in found.stdout.splitlines() if line.startswith("trace.item_create "))
    assert "81 ms" in slow
    assert "1.62" in slow
    assert "CRITICAL" in slow


def test_only_the_operations_asked_for(held_prometheus: str, tmp_path: Path) -> None:
    """A glob; one that fits nothing is said."""
    env = environment(held_prometheus, tmp_path)
    assert "trace.item_create " not in run("watch", "--once", "--operation", "sql.*", env=env).stdout.partition("Alerts")[0]
    assert "no operation is called s3.*" in run("watch", "--once", "--operation", "s3.*", env=env).stdout


def test_own_operations_that_are_gone(held_prometheus: str, tmp_path: Path) -> None:
    """The operations are shown all the same, the message above them, with its exit code."""
    found = run("watch", "--once", env=environment(held_prometheus, tmp_path, STEADYLINE_OPERATIONS="gone.py"))
    assert found.returncode == 2
    assert "gone.py: no such file; the setting operations names it" in found.stdout
    assert "trace.item_create " in found.stdout
    assert found.stderr == ""


def test_once_without_prometheus(free_port: Callable[[], int], tmp_path: Path) -> None:
    """Exit code 4 and one message that names the host."""
    url = f"http://127.0.0.1:{free_port()}"
    found = run("watch", "--once", env=environment(url, tmp_path))
    assert found.returncode == 4
    assert found.stderr.count("\n") == 1
    assert url in found.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_draws_until_it_is_interrupted(held_prometheus: str, tmp_path: Path, ending: signal.Signals) -> None:
    """In a terminal: the table is drawn, an interrupt ends it with 0, and the terminal is given back."""
    with in_a_terminal(environment(held_prometheus, tmp_path)) as (shown, process):
        until(shown, b"trace.item_create")
        process.send_signal(ending)
        until(shown, b"\x1b[?1049l")  # read meanwhile: a terminal that nobody reads fills up, and holds up who writes
        assert process.wait(20) == 0


def test_a_prometheus_that_is_away_is_shown_and_asked_again(
    start_prometheus: Callable[..., str], free_port: Callable[[], int], tmp_path: Path
) -> None:
    """It says so, and goes on when it comes."""
    port = free_port()
    with in_a_terminal(environment(f"http://127.0.0.1:{port}", tmp_path)) as (shown, _):
        until(shown, b"asked again until it answers")
        start_prometheus(port=port)
        until(shown, b"no operation has been scraped yet")


@contextmanager
def in_a_terminal(env: dict[str, str]) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Run `watch` with a terminal of its own; give the terminal's other end and the process."""
    shown, terminal = pty.openpty()
    os.set_blocking(shown, False)
    command = [STEADYLINE, "watch", "--interval", "0.5"]
    with subprocess.Popen(command, env=env | {"COLUMNS": "120", "LINES": "40"}, stdin=terminal, stdout=terminal) as process:
        os.close(terminal)
        try:
            yield shown, process
        finally:
            process.kill()
            os.close(shown)


def until(shown: int, text: bytes) -> None:
    """Read what is drawn until the text was."""
    drawn = bytearray()

    @tenacity.retry(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.1), reraise=True)
    def read() -> None:
        with suppress(OSError):  # nothing new, or the other end is closed
            drawn.extend(os.read(shown, 1_000_000))
        assert text in drawn, bytes(drawn[-2000:])

    read()
