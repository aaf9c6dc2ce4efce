"""The publisher as a process: its pages, its port, its end."""

import gzip
import json
import socket
import subprocess

import httpx
import pytest
import tenacity
from publisher_process import LATE, begin, counted

from load.publisher.kinds import KIND, Kind
from steadyline.errors import ConfigurationError
from steadyline.load_vocabulary import LOAD_STARTED, RUN_END, RUN_STEADY
from steadyline.vocabulary import OPERATION_DURATION, RUN_INFO

OPENMETRICS = {"accept": "application/openmetrics-text;version=1.0.0"}


def _until(true, what):
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.02), reraise=True):
        with attempt:
            assert true(), what


def test_pages(start):
    """Health, index and metrics answer before any run; the index links to pages that are there."""
    running = start()
    with httpx.Client(base_url=running.url, **LATE) as asking:
        assert asking.get("/-/healthy").text == "healthy\n"
        assert asking.get("/metrics").text == ""
        assert asking.get("/metrics", headers=OPENMETRICS).text == "# EOF\n"
        assert "no run under way" in asking.get("/").text
        running.send(begin("<r1>"))
        running.page_with(RUN_INFO.name)
        assert "run &lt;r1&gt;" in asking.get("/").text
        assert asking.get("/-/run").json() == {"run": "<r1>", "leaving": False}


def test_either_format_and_gzip(start):
    """The page goes out in the form that its reader asks for."""
    running = start()
    running.send(begin())
    running.delta(counted())
    text = running.page_with(LOAD_STARTED.name)
    with httpx.Client(base_url=running.url, **LATE) as asking:
        assert asking.get("/metrics", headers=OPENMETRICS).headers["content-type"].startswith("application/openmetrics-text")
        with asking.stream("GET", "/metrics", headers={"accept-encoding": "gzip"}) as answer:
            assert gzip.decompress(b"".join(answer.iter_raw())).decode() == text


def test_deltas_add_up(start):
    """What several workers sent is one sum."""
    running = start()
    running.send(begin())
    for _ in range(8):
        running.delta(counted())
    running.page_with(
        f'{LOAD_STARTED.name}{{backend="trace",driver="load",operation="trace.item_create",target="embedded"}} 40.0\n'
    )


def test_a_run_that_nobody_scrapes_is_not_waited_for(start):
    """Its series end at once, and one line says how to have them another time."""
    running = start(hold_seconds=1e6)
    running.send(begin())
    running.delta(counted())
    running.end()
    answers = running.answers()
    note, held = next(answers), next(answers)
    assert note[KIND] == Kind.NOTE
    assert "no Prometheus has this run" in note["text"]
    assert held == {KIND: Kind.HELD, "run": "r1", "by": "nobody"}
    assert running.page() == ""


def test_final_values_wait_for_a_scrape(start):
    """Who scraped before is waited for; with the page that shows the end the series end, and the next run begins at zero."""
    running = start(hold_seconds=1e6)
    running.send(begin())
    running.page_with(RUN_INFO.name)
    running.send({KIND: Kind.STEADY, "at": 1_700_000_010.0})
    running.delta(counted())
    running.end(1_700_000_060.0)
    page = running.page_with(RUN_END.name)
    assert LOAD_STARTED.name in page
    assert f'{RUN_STEADY.name}{{driver="load",run="r1"}} 1.70000001e+09\n' in page
    assert running.answer(Kind.HELD)["by"] == "scrape"
    assert running.page() == ""
    running.send(begin("r2"))
    assert OPERATION_DURATION.name not in running.page_with('run="r2"')


def test_the_wait_is_bounded(start):
    """Where the scrapes have stopped the run is held by nobody in the end."""
    running = start(hold_seconds=0.1)
    running.send(begin())
    running.page_with(RUN_INFO.name)
    running.end()
    assert "its last seconds may be missing" in running.answer(Kind.NOTE)["text"]
    assert running.answer(Kind.HELD)["by"] == "nobody"


def test_another_run_cuts_the_wait_short(start):
    """Whoever begins another run gets its page at once; the run before is answered for by its own name."""
    running = start(hold_seconds=1e6)
    running.page()
    running.send(begin("r1"))
    running.end()
    running.send(begin("r2"))
    assert running.answer(Kind.HELD) == {KIND: Kind.HELD, "run": "r1", "by": "nobody"}
    assert 'run="r1"' not in running.page_with('run="r2"')


def test_port_taken_by_another_program(start):
    """One sentence says who, and both ways to have another one; the exit code is that of a wrong setting."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        running = start(ready=False, port=port)
        running.send()
        answer = running.answer(Kind.ERROR)
    assert answer["text"] == (
        f"127.0.0.1:{port} is taken by another program; end it, or choose another port with STEADYLINE_PORTS_LOAD or "
        "--metrics-port"
    )
    assert answer["code"] == running.process.wait(60) == ConfigurationError.exit_code


@pytest.mark.parametrize(("run", "who"), [("r1", "the load run r1"), (None, "another load run that waits to begin")])
def test_port_taken_by_a_run(start, run, who):
    """Another run is named, which asks it nothing that it would take for a scrape."""
    first = start()
    if run:
        first.send(begin(run))
        first.page_with(RUN_INFO.name)
    second = start(ready=False, port=int(first.url.rpartition(":")[2]))
    assert f" is taken by {who}; " in second.answer(Kind.ERROR)["text"]


def test_a_publisher_that_leaves_is_waited_for(start):
    """Right after a run that died the next one has its port, as soon as the last values are fetched."""
    first = start(hold_seconds=1e6)
    first.send(begin("r1"))
    first.page_with(RUN_INFO.name)
    first.leave()
    _until(lambda: httpx.get(f"{first.url}/-/run", **LATE).json()["leaving"], "it leaves")
    second = start(ready=False, port=int(first.url.rpartition(":")[2]), hold_seconds=1e6)
    first.page_with(RUN_END.name)
    assert second.answer(Kind.READY)["url"] == first.url


def test_a_run_that_died_leaves_its_last_values(start):
    """Without an end from the load run the publisher says when it was, waits for one scrape, and goes."""
    running = start(hold_seconds=1e6)
    running.send(begin())
    running.page_with(RUN_INFO.name)
    running.delta(counted())
    running.leave()
    assert LOAD_STARTED.name in running.page_with(RUN_END.name)
    assert running.process.wait(60) == 0


def test_it_goes_with_a_run_that_ended(start):
    """Nothing keeps it once the values are held and the load run is gone; its file is gone, too."""
    running = start()
    running.send(begin())
    running.end()
    running.answer(Kind.HELD)
    assert [path.name for path in running.folder.iterdir()] == [f"{running.url.rpartition(':')[2]}.json"]
    running.leave()
    assert running.process.wait(60) == 0
    assert list(running.folder.iterdir()) == []


def test_sigterm_ends_it_at_once(start):
    """Told to end it holds nothing."""
    running = start(hold_seconds=1e6)
    running.page()
    running.send(begin())
    running.end()
    running.process.terminate()
    assert running.process.wait(60) == 0
    assert list(running.folder.iterdir()) == []


def test_where_prometheus_finds_it(start):
    """The file names the page's address alone, and the files of the dead go, whatever their names are."""
    dead = start()
    dead.process.kill()
    dead.process.wait()
    assert len(list(dead.folder.glob("*.json"))) == 1
    (dead.folder / "1.json").write_text("[]")
    living, other = start(), start()
    addresses = {running.url.removeprefix("http://") for running in (living, other)}
    found = [json.loads(path.read_text()) for path in living.folder.iterdir()]
    assert {target for (entry,) in found for target in entry["targets"]} == addresses


def test_a_folder_that_cannot_be_written(start, tmp_path):
    """The page is served all the same, and a line says that no Prometheus finds it by itself."""
    (tmp_path / "file").touch()
    running = start(ready=False, targets_folder=str(tmp_path / "file" / "targets"))
    assert "the stack's Prometheus does not find http://127.0.0.1:" in running.answer(Kind.NOTE)["text"]
    assert running.answer(Kind.READY)


def test_a_load_run_that_never_speaks(start):
    """Without a word it ends without one."""
    command = start().process.args
    done = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_foreign_stream_is_refused(start):
    """What is no frame is a bug, and loud; it is not waited for."""
    running = start()
    running.process.stdin.write(b"GET / HTTP/1.1\r\n")
    running.process.stdin.flush()
    assert running.process.wait(60) == 1
