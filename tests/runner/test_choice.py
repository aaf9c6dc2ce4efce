import pytest

from runner.choice import Wanted, choose
from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation, Suite

ALL = frozenset(Suite)


def made(name, **facts):
    """An operation that is never asked."""
    return Operation(name=name, tells="x", body=lambda *_: None, **facts)


OPERATIONS = {
    one.name: one
    for one in (
        made("sql.item_read"),
        made("sql.item_create", writes=True),
        made("sql.bulk_create_500", writes=True, probe_every_seconds=None),
        made("sql.stress_many", writes=True, suite=Suite.STRESS, probe_every_seconds=None, concurrency=16),
        made("sql.scale_10", suite=Suite.SCALABILITY, size=10, probe_every_seconds=None),
        made("trace.item_read"),
    )
}


def names(wanted=None, **environ):
    """What is chosen, by name and target."""
    settings = settings_module.load(environ)
    return [one.key for one in choose(OPERATIONS, settings, wanted or Wanted()).chosen]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(
            Wanted(),
            ["sql.item_read", "sql.item_create", "sql.bulk_create_500", "trace.item_read"],
            id="performance by default",
        ),
        pytest.param(Wanted(fast=True), ["sql.item_read", "sql.item_create", "trace.item_read"], id="fast: what is probed"),
        pytest.param(Wanted(frozenset({Suite.STRESS})), ["sql.stress_many"], id="stress"),
        pytest.param(Wanted(frozenset({Suite.SCALABILITY})), ["sql.scale_10"], id="scalability"),
        pytest.param(Wanted(ALL), list(OPERATIONS), id="all"),
        pytest.param(
            Wanted(ALL, fast=True),
            ["sql.item_read", "sql.item_create", "sql.stress_many", "sql.scale_10", "trace.item_read"],
            id="fast narrows the performance suite alone",
        ),
        pytest.param(Wanted(pattern="*.item_read"), ["sql.item_read", "trace.item_read"], id="a glob"),
        pytest.param(Wanted(backend="trace"), ["trace.item_read"], id="one backend"),
    ],
)
def test_chosen(wanted, expected):
    """Suites, a glob and a backend narrow the catalogue, whose order stays."""
    assert names(wanted) == [(name, "embedded") for name in expected]


def test_every_target():
    """An operation is measured on each of its backend's targets, or on the one that is named."""
    environ = {"STEADYLINE_TRACE_URL": "http://trace.example"}
    assert names(Wanted(pattern="*.item_read"), **environ) == [
        ("sql.item_read", "embedded"),
        ("trace.item_read", "trace-main"),
    ]
    assert names(Wanted(pattern="*.item_read", target="trace-main"), **environ) == [("trace.item_read", "trace-main")]


def test_left_out():
    """What writes is left out where the target is read-only, with the reason."""
    settings = settings_module.load({"STEADYLINE_SQL_URL": "sqlite:////tmp/x.db"})
    choice = choose(OPERATIONS, settings, Wanted(ALL))
    assert [one.key for one in choice.chosen] == [
        ("sql.item_read", "sql-main"),
        ("sql.scale_10", "sql-main"),
        ("trace.item_read", "embedded"),
    ]
    assert {one.operation for one in choice.left_out} == {"sql.item_create", "sql.bulk_create_500", "sql.stress_many"}
    assert all("allow_writes" in one.why for one in choice.left_out)
    assert choice.reasons == [
        "3 operations (sql.item_create …) on sql-main: the target is read-only; set allow_writes for what writes to run"
    ]
    assert choice.backends == ("sql", "trace")


def test_capped(tmp_path):
    """An operation that needs more connections than the target is capped at says so."""
    file = tmp_path / "steadyline.toml"
    file.write_text('[targets.db]\nbackend = "sql"\nurl = "sqlite:////tmp/x.db"\nallow_writes = true\nconcurrency = 8\n')
    choice = choose(OPERATIONS, settings_module.load({}, file), Wanted(ALL, backend="sql"))
    (left,) = choice.left_out
    assert left.why == "16 connections are needed and the target is capped at 8; raise its concurrency"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param(
            Wanted(pattern="sql.item_craete"),
            "--operation sql.item_craete: no operation fits; there are sql.item_create,",
            id="a misspelt name",
        ),
        pytest.param(Wanted(pattern="zz*"), "--operation zz*: no operation fits; there are sql.item_read,", id="a glob"),
        pytest.param(
            Wanted(pattern="sql.*", backend="trace"),
            "--operation sql.*: no operation of trace fits; there are trace.item_read …",
            id="a glob of another backend",
        ),
        pytest.param(Wanted(backend="mongo"), "--backend mongo: no such backend; there are sql, trace", id="a backend"),
        pytest.param(Wanted(target="prod"), "--target prod: no such target here; there are embedded", id="a target"),
        pytest.param(
            Wanted(frozenset({Suite.STRESS}), pattern="sql.item_*"),
            "--operation sql.item_*: what fits belongs to performance, and asked for is stress; give --all, or no kind at all",
            id="a glob of another suite",
        ),
    ],
)
def test_nothing_fits(wanted, message):
    """What fits nothing is one message that says what there is."""
    with pytest.raises(ConfigurationError) as caught:
        names(wanted)
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(message)


def test_nothing_may_run():
    """Where all that fits is left out, the reasons are the message."""
    with pytest.raises(ConfigurationError, match=r"sql\.item_create on sql-main: the target is read-only"):
        names(Wanted(pattern="sql.item_create"), STEADYLINE_SQL_URL="sqlite:////tmp/x.db")
