"""Every `steadyline` command of the handbook's pages: how it is executed in a test, or which test executes it in earnest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PASSED = (0,)
UNCERTAIN = 3
JUDGED = (0, 1, UNCERTAIN)
"""Of what is measured and judged here: whether a busy machine passes is no question of its page."""
ENDED_EARLY = (130,)
SERVED = (0,)
"""Of a server: it was ended before it took Ctrl-C for its end."""
ONE = ("--operation", "trace.item_read")
"""A page's command asks all operations, or those of a backend; here one."""
SHORT = ("--users", "2", "--duration", "2s", "--metrics-port", "{port}")
LONGER = ("--duration", "20s")


@dataclass(frozen=True, slots=True)
class Way:
    """How one command is executed.

    Attributes:
        place: the folder that it is executed in: of the stack, of a slow API for what is to be told from noise, of a checkout,
            of recorded load runs, or of the page's own system.
        instead: what stands for a part of it, which is of this machine or shorter; {name} is a fact of the desk.
        also: options behind it that make it short; a later one holds where an option is there twice. What stands after `--`
            goes to its very end.
        longer: options with which it is executed once more where it is to be certain and was not: nobody was answered in time.
        after: commands of the pages that come before it.
        beside: commands that run with it, and end with it.
        takes: files that are there before it, each with where it is copied from.
        codes: exit codes that are right.
        says: what its output has.
        leaves: a file that is there afterwards.
        ready: of what goes on, or for long, what it says before Ctrl-C ends it.
        waits: it is asked again until it says all that.
    """

    place: str = "stack"
    instead: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    longer: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    takes: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[int, ...] = PASSED
    says: tuple[str, ...] = ()
    leaves: str = ""
    ready: str = ""
    waits: bool = False


RECORD = "baseline record --rounds 10"
OUT = "baseline record --rounds 10 --out baselines.json"
PROMOTE = "baseline promote baselines.json"
RUN = "run --operation 'sql.item_*' --rounds 10 --json results.json"
FAST = "run --fast"
AB = "compare --ab '$BASE' HEAD --backend trace --json results.json"
MASTER = "load --host http://system:8000 --profile high --workers 2 -- --master-bind-host 10.0.0.1"
WORKER = "load --worker-of 10.0.0.1"
LOOK = "load --users 5 --duration 30s"
FROM_LOAD = "baseline record --driver load --profile low"
FROM_LOADS = "baseline record --result a.json --result b.json"
PUSH = "dashboards push --url https://grafana.example/ --token-file token --prometheus-url http://prometheus:9090"
SLOW_RECORD = "baseline record --rounds 6 --operation 'trace.item_[brc]*'"
SLOW_RUN = "run --rounds 5 --operation 'trace.item_[brc]*'"
SLOW_COMPARE = "compare --operation 'trace.item_[brc]*' --json results.json"
PICTURE_RECORD = "baseline record --rounds 12 --operation 'trace.*[!0]'"
PICTURE = {"trace.*[!0]": "trace.item_[br]*"}
"""The report's picture is of all that ends otherwise; here of two."""


def _load(*also: str, says: str = "The run passed (exit code 0)", codes: tuple[int, ...] = PASSED, **facts: Any) -> Way:
    """A load run of seconds; an option that is there twice is as it is here."""
    facts.setdefault("place", "loaded")
    return Way(also=SHORT + also, longer=LONGER, says=(says,), codes=codes, **facts)


def _begun(ready: str, *says: str, codes: tuple[int, ...] = PASSED, **facts: Any) -> Way:
    """What goes on until Ctrl-C, or would for minutes."""
    return Way(ready=ready, says=says, codes=codes, **facts)


def _between(*says: str, **facts: Any) -> Way:
    """Two revisions, until both answer."""
    return _begun("round 1", *says, codes=ENDED_EARLY, place="checkout", **facts)


def _regress(says: str, **facts: Any) -> Way:
    """Each of another operation that has a baseline: a second one of the same waits until the first is out of its mean."""
    return _begun("Expected:", says, "as quick as before", codes=ENDED_EARLY, **facts)


LOOKS = {
    "up --detach": Way(says=("Steadyline is running",)),
    "watch": _begun("blind below", "Alerts"),
    "watch --once": Way(says=("trace.item_create", "baseline", "ratio", "at least", "blind below"), waits=True),
    "status": Way(says=("trace.item_create", "Alerts"), waits=True),
    "doctor": Way(codes=(0, 1), says=("alerting", "rules")),
    "doctor --fix-hints": Way(codes=(0, 1)),
    "doctor --json": Way(codes=(0, 1), says=('"exit_code"', '"checks"')),
    "operations 'sql.*'": Way(says=("sql.item_read", "sql.query_count")),
    "operations sql.item_read": Way(says=("sql.item_read", "what it tells you")),
    "operations 'sql.open_*'": Way(says=("sql.open_tasks", "own_operations.py")),
    "operations 'http.*'": Way(place="orders", says=("http.orders_open", "own_operations.py")),
    "probe trace.task_close": Way(says=("took", "verified")),
    "probe sql.item_read --debug": Way(says=("prepare", "body", "verify")),
    "probe trace.item_read --debug": Way(says=("prepare", "body", "verify")),
    "probe http.orders_open": Way(place="orders", says=("verified",)),
    "baseline list": Way(says=("trace.item_create", "shows")),
    "baseline show trace.item_create": Way(says=("value", "source")),
    "targets trace": _begun("trace: http", codes=SERVED, also=("--port", "{port}")),
    "targets trace --port 18000 --allow-faults": _begun("trace: http", codes=SERVED, instead={"18000": "{port}"}),
    "targets trace --port 18123 --allow-faults": _begun("trace: http", codes=SERVED, instead={"18123": "{port}"}),
    "targets s3 --bucket media --bucket work": _begun("buckets: media, work", codes=SERVED, also=("--port", "{port}")),
    "targets vast --bucket work --bucket tams --s3-url http://127.0.0.1:9000 --directory ./vast-data": _begun(
        "vast: http", "in vast-data", codes=SERVED, also=("--port", "{port}"), leaves="vast-data"
    ),
    "targets tams": _begun("tams: http", codes=SERVED, also=("--port", "{port}")),
}
SUITE = {
    "baseline record": _begun("left", "20 runs of each", "nothing was recorded", codes=ENDED_EARLY),
    "baseline record --operation trace.task_close": _begun("left", "20 runs of each", codes=ENDED_EARLY),
    FAST: Way(also=("--operation", "sql.item_read"), codes=JUDGED, says=("items/s", "sql.item_read")),
    "report": Way(after=(FAST,), says=("sql.item_read",)),
    "report --markdown": Way(after=(FAST,), says=("### Steadyline", "| operation |")),
    "report --html report.html": Way(after=(FAST,), leaves="report.html"),
    RUN: Way(
        instead={"sql.item_*": "sql.item_[rc]*"},
        also=("--rounds", "5"),
        codes=JUDGED,
        says=("sql.item_read",),
        leaves="results.json",
    ),
    "report results.json --html report.html": Way(after=(RUN,), leaves="report.html"),
    "report results.json --html report.html --markdown": Way(after=(RUN,), says=("### Steadyline",), leaves="report.html"),
    "trend": Way(after=(RUN,), says=("sql.item_read", "bench", "change points")),
    "trend sql.item_read": Way(after=(RUN,), says=("change points",)),
    "trend sql.item_create": Way(after=(RUN,), says=("change points",)),
    OUT: Way(also=("--rounds", "5", "--operation", "sql.item_read"), says=("judging nothing yet",), leaves="baselines.json"),
    "baseline diff baselines.json": Way(after=(OUT,), says=("before", "after", "sql.item_read")),
    PROMOTE: Way(after=(OUT,), says=("judges from now on",)),
    "baseline show sql.item_read": Way(after=(PROMOTE,), says=("driver bench", "quantiles", "up to", "█")),
}
AGAINST = {
    RECORD: Way("slow", also=("--rounds", "5", *ONE), says=("shows",), leaves=".steadyline/baselines.json"),
    "compare": Way("slow", after=(RECORD,), codes=JUDGED, says=("Exit code",)),
    "compare --fail-on critical": Way("slow", after=(RECORD,), codes=JUDGED, says=("Exit code",)),
    "compare --against base.json --fail-on critical": Way(
        "slow", after=(RECORD,), takes={"base.json": ".steadyline/baselines.json"}, codes=JUDGED, says=("Held to base.json",)
    ),
    "compare --format markdown --out comment.md": Way("slow", after=(RECORD,), codes=JUDGED, leaves="comment.md"),
    "compare --against live": Way(codes=JUDGED, says=("Held to the baselines of the exporter's schedule",)),
    "compare --against main": Way("checkout", also=ONE, codes=JUDGED, says=("Held to the runs of revision", "(main)")),
    AB: Way("checkout", {"$BASE": "HEAD^1"}, also=ONE, codes=JUDGED, says=("Exit code",), leaves="results.json"),
    "report results.json --format markdown": Way("checkout", after=(AB,), says=("### Steadyline",)),
    "report results.json --format junit": Way("checkout", after=(AB,), says=("<testsuite",)),
    "compare --ab 'HEAD^1' HEAD --backend trace": _between("A: HEAD^1 (", "B: HEAD (", also=ONE),
    "compare --ab main HEAD --backend trace": _between("A: main (", "B: HEAD (", also=ONE),
    "compare --ab main . --backend trace": _between("A: main (", also=ONE),
    "compare --ab main . --operation 'tams.*'": _between("A: main (", instead={"tams.*": "tams.flow_browse"}),
    "compare --ab https://api-old.example https://api-new.example --backend trace --allow-writes": Way(
        instead={"https://api-old.example": "{trace}", "https://api-new.example": "{slow}"},
        also=ONE,
        codes=JUDGED,
        says=("A, {trace}", "Exit code"),
    ),
    "compare --ab postgresql://probe@db-a.example/trace postgresql://probe@db-b.example/trace": Way(
        instead={
            "postgresql://probe@db-a.example/trace": "sqlite:///{folder}/.steadyline/data/sql/trace.db",
            "postgresql://probe@db-b.example/trace": "sqlite:///{folder}/.steadyline/data/trace/trace.db",
        },
        also=("--operation", "sql.item_read"),
        codes=JUDGED,
        says=("Exit code",),
    ),
    SLOW_RECORD: Way("slow", says=("trace.item_browse", "trace.item_read", "trace.item_create")),
    SLOW_RUN: Way("slow", after=(SLOW_RECORD,), codes=JUDGED, says=("trace.item_browse", "ratio")),
    "report --html before.html": Way("slow", after=(SLOW_RUN,), leaves="before.html"),
    SLOW_COMPARE: Way("slow", after=(SLOW_RECORD,), codes=JUDGED, says=("trace.item_browse", "Exit code")),
    "report --html after.html": Way("slow", after=(SLOW_COMPARE,), leaves="after.html"),
    "baseline record --rounds 6 --operation trace.item_browse": Way("slow", says=("trace.item_browse",)),
    "trend trace.item_browse": Way("slow", after=(SLOW_RUN,), says=("change points",)),
    PICTURE_RECORD: Way("slow", PICTURE, also=("--rounds", "5"), says=("trace.item_read",)),
    "run --operation 'trace.*[!0]' --rounds 12 --seed 7": Way(
        "slow", PICTURE, also=("--rounds", "5"), after=(PICTURE_RECORD,), codes=JUDGED, says=("trace.item_read",)
    ),
}
LOADS = {
    LOOK: _load(),
    "load --host http://localhost:8000 --profile medium": _load(instead={"http://localhost:8000": "{trace}"}),
    "load --host '…' --users 50 --duration 1m --processes 1": _load(instead={"…": "{trace}"}, codes=JUDGED, says="requests/s"),
    "load SqlUser --users 20 --duration 2m --expect 'sql.item_read p95 < 80ms'": _load(
        codes=JUDGED, says="sql.item_read p95 < 80ms"
    ),
    "load --profile low --expect 'trace.item_read p95 < 80ms' --expect '* failures < 1%'": _load(
        codes=JUDGED, says="* failures < 1%"
    ),
    "load --profile low --record": _load(codes=JUDGED, says="a baseline needs 5"),
    "load --shape breakpoint --users 200 --duration 5m": _load(codes=JUDGED, says="knee"),
    "load --arrival-rate 50 --duration 1m --expect 'trace.item_read response p95 < 200ms' --expect '* failures < 1%'": _load(
        "--arrival-rate", "5", codes=JUDGED, says="trace.item_read response p95 < 200ms"
    ),
    "load --arrival-rate 50 --users 100 --duration 1m --expect 'trace.item_read response p95 < 200ms' "
    "--expect '* drops <= 0/s'": _load("--arrival-rate", "5", codes=JUDGED, says="* drops <= 0/s"),
    "load --users 5 --duration 10s -- --check-fail-ratio 0.01 --html report.html": _load(leaves="report.html"),
    "load -f shopper.py --host http://localhost:8000 --users 5 --duration 10s": _load(
        instead={"http://localhost:8000": "{trace}"}, takes={"shopper.py": "{shopper}"}
    ),
    MASTER: _load(
        "--",
        "--master-bind-port",
        "{master}",
        instead={"http://system:8000": "{trace}", "10.0.0.1": "127.0.0.1"},
        beside=(WORKER, WORKER),
    ),
    WORKER: Way("loaded", {"10.0.0.1": "127.0.0.1:{master}"}, after=(MASTER,)),
    "report .steadyline/load/RUN.json --html load.html": Way("loaded", {"RUN": "{run}"}, after=(LOOK,), leaves="load.html"),
    "report result.json --html report.html": Way(
        "loaded", after=(LOOK,), takes={"result.json": ".steadyline/load/{run}.json"}, leaves="report.html"
    ),
    FROM_LOAD: Way("loads", says=("trace.item_read",)),
    FROM_LOADS: Way("loads", says=("trace.item_read",)),
    "baseline list --driver load": Way("loads", after=(FROM_LOAD,), says=("trace.item_read", "shows")),
    "baseline remove trace.item_read --driver load --profile low": Way("loads", after=(FROM_LOAD,), says=("removed",)),
    "trend --driver load --since 30d --json": Way("loads", says=('"load"',)),
}
GRAFANA = {
    PUSH: Way(
        "grafana",
        {"https://grafana.example/": "{grafana}"},
        says=(
            "created    data source Steadyline: for http://prometheus:9090",
            "created    folder Steadyline",
            "steadyline-overview",
        ),
    ),
    "dashboards push": Way("grafana", after=(PUSH,), says=("unchanged", "steadyline-overview")),
}
LAST = {
    "load": _load(place="stack"),
    "regress trace.item_create --factor 1.6": _regress("1.60 times"),
    "regress trace.item_create": _regress("1.60 times", instead={"trace.item_create": "trace.item_read"}),
    "regress trace.task_close --factor 3": _regress("3.00 times", instead={"trace.task_close": "trace.item_update"}),
    "up": Way(says=("Ctrl-C stops everything",)),
    "down": Way(says=("Stopped.",)),
}
WAYS = LOOKS | SUITE | AGAINST | LOADS | GRAFANA | LAST
"""In the order in which they are executed; a command of a page is written as a shell would be given it."""
ELSEWHERE = {"baseline record --operation http.orders_open": "tests/docs/test_sessions.py"}
"""What takes more than this desk has, and the test that executes it in earnest."""
