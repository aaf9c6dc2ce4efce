"""Users of a Trace API."""

import time

import pytest
from load_users import NOTHING

READ_ONLY = {"trace.item_browse"}


def _until(condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to it")


def test_what_users_do(load, trace):
    """Users read, query, change and link: all verified, on one project of each kind however many users there are."""
    started = load("TraceUser", "--host", trace.url, "-u", "20", seconds=4)
    ended = started.wait()
    assert not ended.failures
    assert {"trace.item_read", "trace.item_browse", "trace.item_update", "trace.item_create"} <= ended.series.keys()
    assert all(one["target"] == "host" for one in ended.series.values())
    assert trace.front.requests.count(("POST", "/api/v1/projects")) == 2
    assert trace.rows() == NOTHING


def test_every_attempt_is_accounted_for(load, trace):
    """What was begun has ended, as a success, a failure or cut short by the end."""
    ended = load("TraceUser", "--host", trace.url, "-u", "20").wait()
    for one in ended.series.values():
        assert one["started"] == one["successes"] + sum(one["failures"].values())


def test_killed_in_the_middle(load, trace):
    """Users that are killed while they write leave nothing."""
    started = load("TraceUser", "--host", trace.url, "-u", "30", "--operation", "trace.item_[cd]*", seconds=60)
    _until(lambda: trace.front.requests.count(("POST", "/api/v1/items")) > 40)
    ended = started.stop()
    assert not ended.failures
    assert trace.rows() == NOTHING


def test_cut_off_while_the_target_still_works(load, trace):
    """What the target makes of a request after its user was killed is deleted too."""
    trace.front.late_seconds = {"POST": 0.3}
    started = load("TraceUser", "--host", trace.url, "--operation", "trace.item_create", seconds=60)
    _until(lambda: ("POST", "/api/v1/projects") in trace.front.requests)
    started.stop()
    time.sleep(0.5)
    assert trace.rows() == NOTHING


def test_time_to_finish(load, trace):
    """With a stop timeout users finish what they began: nothing is cut short."""
    started = load("TraceUser", "--host", trace.url, "--stop-timeout", "20", "--operation", "trace.item_read", seconds=60)
    _until(trace.front.asked_for_an_item)
    trace.front.late_seconds = {"GET": 1.0}
    seen = trace.front.asked_for_an_item()
    _until(lambda: trace.front.asked_for_an_item() > seen)
    read = started.stop().series["trace.item_read"]
    assert read["started"] == read["successes"] == seen + 1
    assert trace.rows() == NOTHING


def test_flow(load, trace):
    """Create, read, update and delete are one flow, counted as a whole beside its steps."""
    ended = load("TraceUser", "--host", trace.url, "-u", "10", "--operation", "trace.item_[crud]*", seconds=4).wait()
    flow = ended.series["trace.crud_flow"]
    assert flow["successes"] > 0
    assert not ended.failures
    (row,) = [row for row in ended.told["transactions"] if row[1] == "trace.crud_flow"]
    assert int(row[2]) == flow["started"]


def test_one_operation(load, trace):
    """Users that are given operations ask no others."""
    ended = load("TraceUser", "--host", trace.url, "-u", "2", "--operation", "trace.item_create").wait()
    assert ended.series.keys() == {"trace.item_create"}
    assert not ended.failures


def test_iterations(load, trace):
    """An iteration limit ends the load."""
    options = ("--iterations", "7", "--operation", "trace.item_read")
    ended = load("TraceUser", "--host", trace.url, "-u", "2", *options, seconds=60).wait()
    assert ended.series["trace.item_read"]["successes"] == 7


@pytest.mark.parametrize(
    ("status", "reason"), [(503, "server_error"), (429, "throttled"), (401, "auth"), (422, "client_error"), (409, "conflict")]
)
def test_failing_answers(load, trace, status, reason):
    """Answers that are no success are counted by their reason, and the load goes on."""
    trace.front.status = status
    trace.front.fails = lambda method, path, number: method == "GET" and path.startswith("/api/v1/items/") and number % 2 == 0
    options = ("--operation", "trace.item_update", "--operation", "trace.item_browse")
    ended = load("TraceUser", "--host", trace.url, "-u", "5", *options, seconds=2).wait()
    assert ended.failures.keys() == {"trace.item_update"}
    assert ended.failures["trace.item_update"].keys() == {reason}
    assert trace.rows() == NOTHING


def test_storm(load, trace):
    """While everything fails the load goes on, and what was written is deleted in the end."""
    started = load("TraceUser", "--host", trace.url, "-u", "10", seconds=60)
    _until(lambda: len(trace.front.requests) > 100)
    trace.front.fails = lambda *_request: True
    failing = len(trace.front.requests)
    _until(lambda: len(trace.front.requests) > failing + 100)
    trace.front.fails = lambda *_request: False
    ended = started.stop()
    assert {reason for reasons in ended.failures.values() for reason in reasons} == {"server_error"}
    assert trace.rows() == NOTHING


def test_nobody_there(load, free_port):
    """Where nobody listens every attempt fails so, users wait ever longer, and the log says what to do once."""
    ended = load("TraceUser", "--host", f"http://127.0.0.1:{free_port()}", "-u", "10", seconds=4).wait()
    assert {reason for reasons in ended.failures.values() for reason in reasons} == {"connect"}
    assert sum(one["started"] for one in ended.series.values()) < 10 * 12
    assert ended.log.count("nothing answers there; start it or mend the URL") == 1


def test_no_such_name(load):
    """A host's name that is not known is told as that."""
    ended = load("TraceUser", "--host", "http://nowhere.invalid", "-u", "2", "--allow-writes", seconds=3).wait()
    assert {reason for reasons in ended.failures.values() for reason in reasons} <= {"dns", "timeout"}
    assert ended.failures


def test_no_trace_api(load, trace):
    """A target that is something else is told once, and is not asked as if it were."""
    ended = load("TraceUser", "--host", f"{trace.url}/elsewhere", "-u", "5").wait()
    assert ended.log.count("it answers, but not as the Trace API does; mend the URL") == 1
    assert {reason for reasons in ended.failures.values() for reason in reasons} == {"client_error"}
    assert len(trace.front.requests) < 5 * 10


def test_host_that_is_read_only(load):
    """Elsewhere only what reads runs, and what is left out is said."""
    ended = load("TraceUser", "--host", "http://nowhere.invalid", seconds=2).wait()
    assert ended.series.keys() <= READ_ONLY
    assert "target host is read-only" in ended.log
    assert "--allow-writes lets them run" in ended.log


def test_nothing_to_do(load):
    """Where nothing may run the load ends at once, and says why."""
    options = ("--host", "http://nowhere.invalid", "--operation", "trace.item_create")
    ended = load("TraceUser", *options, seconds=60).wait()
    assert not ended.series
    assert "--allow-writes lets them run" in ended.log


def test_target_of_the_settings(load, trace):
    """Without a host, and where it names the same place, the settings' target is asked under its alias."""
    settings = {"STEADYLINE_TRACE_URL": trace.url, "STEADYLINE_TRACE_TARGET": "mine"}
    options = ("--operation", "trace.item_browse")
    for host in ((), ("--host", trace.url.replace("127.0.0.1", "localhost"))):
        ended = load("TraceUser", *host, *options, seconds=1, **settings).wait()
        assert {one["target"] for one in ended.series.values()} == {"mine"}


def test_look_ups(load, trace, tmp_path):
    """Rows of a file are looked up in turn, under their own name or their route, and judged by what they are to contain."""
    file = tmp_path / "rows.csv"
    file.write_text(
        "path,name,contains\n"
        '/api/v1/items?limit=1,first items,"""items"""\n'
        "/api/v1/items/0f8fad5b-d9cb-469f-a165-70867728950e,,\n"
        "/api/v1/projects?limit=1,wrong text,nowhere to be found\n"
    )
    ended = load("TraceUser", "--host", trace.url, "-u", "4", "--data", str(file)).wait()
    assert ended.series["GET first items"]["successes"] > 0
    assert ended.failures == {
        "GET /api/v1/items/{id}": {"client_error": ended.series["GET /api/v1/items/{id}"]["started"]},
        "GET wrong text": {"integrity": ended.series["GET wrong text"]["started"]},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file or directory; name a CSV file in UTF-8"),
        ("", "its columns are none; there are path, name, contains, the first is needed"),
        ("url\n/a\n", "its columns are 'url'; there are path, name, contains, the first is needed"),
        ("path\n", "it has no rows"),
        ("path,name\n/a,b\nb,c\n", "line 3: begin the path with / and quote what holds a comma"),
        ("path\n/a,b\n", "line 2: begin the path with / and quote what holds a comma"),
    ],
)
def test_files_that_cannot_be_used(load, tmp_path, text, message):
    """What is wrong with the file is said before anything is asked."""
    file = tmp_path / "rows.csv"
    if text is not None:
        file.write_text(text)
    ended = load("TraceUser", "--host", "http://127.0.0.1:9", "--data", str(file), seconds=60).wait()
    assert f"--data {file}: {message}" in ended.log
    assert not ended.series


def test_wrong_settings(load):
    """Settings that cannot be used end the load with their own message."""
    ended = load("TraceUser", seconds=60, STEADYLINE_TRACE_URL="nonsense").wait()
    assert "write http://host:port or https://host:port" in ended.log
    assert not ended.series
