"""The exporter's pages as Prometheus, a person and a program ask for them."""

import asyncio
import contextlib
import gzip
import html
import re
import shutil
import subprocess
import threading

import httpx
import pytest
import tenacity
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from exporters.negotiation import wants_openmetrics
from exporters.server import server_of
from steadyline import vocabulary as names
from steadyline.addresses import listening
from steadyline.errors import ConfigurationError
from steadyline.web.held import Held

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)


@contextlib.contextmanager
def serving(exporter):
    """A real server over an open exporter, and who asks it."""
    listener = listening(0, "ports.exporter")
    server = server_of(exporter)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with httpx.Client(base_url=address, headers={"accept-encoding": "identity"}, trust_env=False, timeout=30) as asking:
        yield asking, server
    server.should_exit = True
    thread.join()


@pytest.fixture
def client(exporter):
    """Asks a real server over an open exporter."""
    with serving(exporter) as (asking, _):
        yield asking


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        pytest.param("", False, id="none"),
        pytest.param("*/*", False, id="curl"),
        pytest.param("text/html,*/*;q=0.8", False, id="browser"),
        pytest.param("text/plain;version=0.0.4", False, id="text"),
        pytest.param(PROMETHEUS_2, True, id="Prometheus 2"),
        pytest.param(PROMETHEUS_3, True, id="Prometheus 3"),
        pytest.param("application/openmetrics-text;q=0.1,text/plain", False, id="text preferred"),
        pytest.param("application/openmetrics-text;q=0", False, id="refused"),
        pytest.param("application/openmetrics-text;version=2.0.0", False, id="a version that is not spoken"),
        pytest.param("application/openmetrics-text;q=x;;,", False, id="nonsense"),
    ],
)
def test_negotiation(accept, wanted) -> None:
    """OpenMetrics goes to who prefers it and speaks its version, text to everybody else."""
    assert wants_openmetrics(accept) is wanted


def test_both_formats_parse(client) -> None:
    """The page is valid in either format, and says which it is."""
    text = client.get("/metrics")
    assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert list(text_string_to_metric_families(text.text))
    metrics = client.get("/metrics", headers={"accept": PROMETHEUS_2})
    assert metrics.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert list(openmetrics_families(metrics.text))


@pytest.mark.parametrize(
    ("encoding", "zipped"),
    [("gzip", True), ("deflate, GZIP;q=0.5", True), ("gzip;q=0", False), ("identity", False), ("br", False)],
)
def test_gzip_where_accepted(client, encoding, zipped) -> None:
    """The page is compressed exactly for who takes it."""
    with client.stream("GET", "/metrics", headers={"accept-encoding": encoding}) as answer:
        raw = b"".join(answer.iter_raw())
    assert (answer.headers.get("content-encoding") == "gzip") is zipped
    assert (gzip.decompress(raw) if zipped else raw).startswith(b"# HELP")


def test_promtool_finds_nothing(client) -> None:
    """Prometheus' own linter takes the whole page."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not on PATH")
    page = client.get("/metrics").content
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("", "name an operation: /probe?operation=", id="nothing"),
        pytest.param("operation=", "name an operation", id="empty"),
        pytest.param("operation=sql.answer", "no operation 'sql.answer'; there are sql.answers", id="unknown operation"),
        pytest.param("operation=sql.answers&target=x", "no target 'x' in the settings; there are main", id="unknown target"),
        pytest.param("operation=sql.answers&target=http://169.254.169.254", "no target 'http", id="an address"),
        pytest.param("operation=sql.answers&target=127.0.0.1:22", "no target '127.0.0.1:22'", id="host and port"),
        pytest.param("operation=sql.answers&target=sqlite:////etc/passwd", "no target 'sqlite:", id="a database's URL"),
        pytest.param("operation=sql.answers&target=../main", "no target '../main'", id="a path"),
        pytest.param("operation=sql.answers&target=main%00", "no target 'main", id="a zero byte"),
        pytest.param("operation=http://169.254.169.254", "no operation 'http", id="an address as operation"),
        pytest.param("operation=sql.answers&url=http://x", "unknown parameter 'url'", id="a URL beside it"),
        pytest.param("operation=sql.answers&Target=main", "unknown parameter 'Target'", id="another case"),
        pytest.param("operation=sql.writes", "writes, and target 'main' is read-only", id="write guard"),
        pytest.param("operation=sql.answers&operation=sql.writes", "give operation once", id="twice"),
        pytest.param("operation=sql.answers&debug=1", "debug: true or false", id="debug"),
        pytest.param("operation=sql.answers&module=http", "unknown parameter 'module'", id="unknown parameter"),
        pytest.param("operation=sql.large", "holds 10 connections, and target 'main' is capped at 4", id="cap"),
    ],
)
def test_bad_probe(client, house, exporter, query, said) -> None:
    """A question that cannot be asked gets 400 and one line, and nothing runs."""
    house.retarget(allow_writes=False, concurrency=4)
    exporter.reload()
    answer = client.get(f"/probe?{query}")
    assert answer.status_code == 400
    assert said in answer.text
    assert answer.text.count("\n") == 1
    assert house.far["sql"].calls == []


@pytest.mark.parametrize("timeout", ["", "x", "-1", "0", "nan", "inf"])
@pytest.mark.parametrize("path", ["/metrics", "/probe?operation=sql.answers"])
def test_bad_timeout_header(client, path, timeout) -> None:
    """A scrape timeout that is no positive number is refused."""
    answer = client.get(path, headers={"X-Prometheus-Scrape-Timeout-Seconds": timeout})
    assert (answer.status_code, answer.text.count("\n")) == (400, 1)


def test_probe_by_another_name(client, house) -> None:
    """A page elsewhere whose name was made to point here cannot have anything asked."""
    assert client.get("/probe?operation=sql.answers", headers={"host": "evil.example"}).status_code == 400
    assert client.post("/-/reload", headers={"host": "evil.example"}).status_code == 400
    assert house.far["sql"].calls == []


def test_broken_web_config(client, exporter, tmp_path) -> None:
    """A web config file that is wrong shows in the reload's metric until it is mended."""
    file = tmp_path / "web.yml"
    file.write_text("rate_limit: {}")
    exporter.run.web = Held(file)

    def taken() -> bool:
        exporter.run.web.current()
        return f"{names.RELOAD_SUCCESS.name} 1.0" in client.get("/metrics").text

    assert taken()
    file.write_text("nonsense: {}")
    assert not taken()
    file.write_text("{}")
    assert taken()


def probed(client, query: str, **headers: str) -> dict[str, float]:
    """The probe's metrics by name."""
    answer = client.get(f"/probe?{query}", headers=headers)
    assert answer.status_code == 200
    return {s.name: s.value for family in text_string_to_metric_families(answer.text) for s in family.samples}


def test_probe_answers_one_attempt(client, exporter) -> None:
    """A success has no failure series, and the schedule's own counts do not move."""
    exporter.reload()
    found = probed(client, "operation=sql.answers")
    assert found[names.PROBE_SUCCESS.name] == 1
    assert names.PROBE_FAILURE.name not in found
    page = exporter.page.render().decode()
    assert 'duration_seconds_count{backend="sql",driver="probe",operation="sql.answers",target="main"} 0.0' in page


@pytest.mark.parametrize(
    ("operation", "reason"),
    [("sql.refuses", "server_error"), ("sql.has_a_bug", "other"), ("trace.hangs", "timeout")],
)
def test_probe_failure_has_its_reason(client, operation, reason) -> None:
    """A failed attempt is an answer of 200 with success 0 and the reason, as blackbox_exporter's is."""
    answer = client.get(f"/probe?operation={operation}")
    assert (answer.status_code, f'reason="{reason}"' in answer.text) == (200, True)
    assert probed(client, f"operation={operation}")[names.PROBE_SUCCESS.name] == 0


def test_probe_over_a_closing_connection(client, exporter) -> None:
    """A probe whose connection a reload is closing gets 503 and a sentence."""
    exporter._held.connections["sql", "main"].workers.shut()
    answer = client.get("/probe?operation=sql.answers")
    assert (answer.status_code, answer.text) == (503, "sql target main: its connection is being closed; ask again\n")


def test_hanging_probe_does_not_hold_the_end(house, exporter) -> None:
    """The server ends without a probe that hangs, and tells its caller so."""
    house.change("trace.hangs", timeout_seconds=60.0)
    exporter.reload()
    answers: list[httpx.Response] = []
    with serving(exporter) as (asking, server):
        prober = threading.Thread(target=lambda: answers.append(asking.get("/probe?operation=trace.hangs")))
        prober.start()
        for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(20), wait=tenacity.wait_fixed(0.02), reraise=True):
            with attempt:
                assert house.far["trace"].calls
        server.should_exit = True
        prober.join()
    assert [(answer.status_code, answer.text) for answer in answers] == [(503, "the exporter is ending\n")]
    assert not house.far["trace"].hang.is_set()


def test_probe_keeps_the_scrapes_timeout(client, house) -> None:
    """Half a second before the scrape gives up the answer is there: a timeout, whatever the operation allows."""
    house.change("trace.hangs", timeout_seconds=60.0)
    client.post("/-/reload")
    found = probed(client, "operation=trace.hangs", **{"X-Prometheus-Scrape-Timeout-Seconds": "0.6"})
    assert found[names.PROBE_DURATION.name] == pytest.approx(0.1)


def test_debug_tells_the_steps(client, house) -> None:
    """The account names each step, the outcome and the cause, without the secret."""
    text = client.get("/probe?operation=sql.answers&debug=true").text
    assert text.startswith("sql.answers on target main: ok\n  body ")
    assert "  verify " in text
    text = client.get("/probe?operation=sql.refuses&debug=true").text
    assert "(failed)" in text
    assert "cause: RefusedError: no, says postgresql://me:***@far/db" in text
    assert house.secret not in text


def test_ready_after_the_first_attempts(client, house, exporter) -> None:
    """503 until each target had its first attempt."""
    assert client.get("/-/healthy").status_code == 200
    assert client.get("/-/ready").status_code == 503
    house.only("sql.answers")
    house.change("sql.answers", probe_every_seconds=0.05)
    assert client.post("/-/reload").text == "reloaded\n"
    assert client.get("/-/ready").status_code == 503
    exporter.start()
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(20), wait=tenacity.wait_fixed(0.02), reraise=True):
        with attempt:
            assert client.get("/-/ready").status_code == 200


@pytest.mark.parametrize("faults", [["steadyline.toml: targets.x: unknown key"], ["a.toml: one", "b.json: two"]])
def test_refused_reload_tells_all_faults(client, house, faults) -> None:
    """422 with each fault on a line; what held before holds."""
    house.raises = ConfigurationError(faults)
    answer = client.post("/-/reload")
    assert (answer.status_code, answer.text.splitlines()[1:]) == (422, faults)
    house.raises = None
    assert client.post("/-/reload").status_code == 200


def test_reload_is_a_post(client) -> None:
    """A link or a crawler does not reload."""
    assert client.get("/-/reload").status_code == 405


def test_index_links_work(client) -> None:
    """Each link of the first page names a page that is there."""
    links = [html.unescape(link) for link in re.findall('href="([^"]+)"', client.get("/").text)]
    assert "/probe?operation=sql.answers&target=main&debug=true" in links
    assert {client.get(link).status_code for link in links} == {200, 503}  # the schedule has not begun: not ready
