"""Targets of every backend that are sick on demand, beside healthy ones of the same kind: real servers, real faults."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import free_ports
import postgresql
import sick_s3
import toxiproxy
import vanishing_names
import vast_endpoint
from rivals import Taker, Writer
from scripted_server import Script, answer
from sick_ward import KEY, READ_ONLY, SECRET, Sick, Ward, answering
from target_process import target
from vast_system import vast_db

from steadyline.outcome import Reason
from targets.s3.server import ACCESS_KEY_VARIABLE, SECRET_KEY_VARIABLE
from targets.trace.model import database_url, make_engine, make_tables

CONTESTED = ("vast.insert_1", "vast.insert_100", "vast.row_delete")
"""What another transaction's change of a table is in the way of."""
_CONNECTIONS = 40
"""Of the PostgreSQL that runs out of them; a target's own cap is 16."""


def _storm() -> Callable[[str], Script]:
    statuses = itertools.cycle(
        ("500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout")
    )
    return lambda _path: (answer(b"storm", next(statuses)),)


@contextmanager
def ward(folder: Path) -> Iterator[Ward]:
    """Serve them all."""
    found = Ward()
    with ExitStack() as stack:
        proxies = stack.enter_context(toxiproxy.running(folder))
        names = vanishing_names.Names(folder)
        _databases(found, stack, folder)
        _trace(found, stack, folder, proxies, names)
        sick_s3.add(found, stack, folder, proxies)
        _vast(found, stack, folder)
        yield found


def _databases(found: Ward, stack: ExitStack, folder: Path) -> None:
    down = stack.enter_context(postgresql.running(free_ports.free_port()))
    full = stack.enter_context(postgresql.running(free_ports.free_port(), max_connections=_CONNECTIONS))
    for alias, server in {"sql-down": down, "sql-full": full}.items():
        server.run(f"CREATE ROLE app LOGIN PASSWORD '{server.password}'")
        server.run("CREATE DATABASE app OWNER app")
        found.databases[alias] = server.url("app", "app")
    rival = Taker(full, found.databases["sql-full"])
    found.sqlite = folder / "steady.db"
    for url in (found.databases["sql-full"], f"sqlite:///{found.sqlite}"):
        _make_tables(url)
    found.targets += [
        Sick("sql-down", {"url": found.databases["sql-down"]}, down.stop, down.start, Reason.CONNECT),
        Sick("sql-full", {"url": found.databases["sql-full"], **READ_ONLY}, rival.begin, rival.end, Reason.THROTTLED),
        Sick("sql-steady", {"url": f"sqlite:///{found.sqlite}", **READ_ONLY}),
    ]


def _make_tables(url: str) -> None:
    engine = make_engine(database_url(url))
    make_tables(engine)
    engine.dispose()


def _trace(found: Ward, stack: ExitStack, folder: Path, proxies: toxiproxy.Toxiproxy, names: vanishing_names.Names) -> None:
    found.trace = folder / "trace.db"
    url = stack.enter_context(target("trace", folder, "--url", f"sqlite:///{found.trace}"))
    hang, storm, dns = (proxies.before(f"trace-{name}", url) for name in ("hang", "storm", "dns"))
    answers = answering(stack, _storm())
    host = names.add("trace")

    def forget() -> None:
        names.forget()
        dns.break_connections()

    found.targets += [
        Sick("trace-hang", {"url": hang.url}, hang.hang, hang.mend, Reason.TIMEOUT),
        Sick(
            "trace-storm", {"url": storm.url, **READ_ONLY}, lambda: storm.lead_to(answers.url), storm.mend, Reason.SERVER_ERROR
        ),
        Sick(
            "trace-dns",
            {"url": f"http://{host}:{dns.port}", **READ_ONLY},
            forget,
            lambda: names.add("trace"),
            Reason.DNS,
        ),
        Sick("trace-steady", {"url": url}),
    ]


def _vast(found: Ward, stack: ExitStack, folder: Path) -> None:
    keys = {ACCESS_KEY_VARIABLE: vast_endpoint.ACCESS, SECRET_KEY_VARIABLE: vast_endpoint.SECRET}
    buckets = ("contested", "steady")
    wanted = [part for name in (*buckets, "expiring") for part in ("--bucket", name)]
    (folder / "behind").mkdir()
    store = stack.enter_context(target("s3", folder / "behind", *wanted, environ=keys))
    shared = stack.enter_context(vast_endpoint.serving(folder))(*wanted[:4], "--s3-url", store).url
    for name in buckets:
        found.vast[f"vast-{name}"] = (shared, vast_endpoint.ACCESS, vast_endpoint.SECRET, name)
    expiring = stack.enter_context(vast_db(store, "expiring"))
    found.vast["vast-expiring"] = (expiring.url, KEY, SECRET, "expiring")
    transactions = expiring.transactions
    found.open_transactions = lambda: transactions.open_count
    usual = transactions.expires_seconds
    rival = Writer(shared, "contested")

    def expire(seconds: float) -> None:
        transactions.expires_seconds = seconds

    def place(alias: str) -> dict[str, Any]:
        url, key, secret, bucket = found.vast[alias]
        return {"url": url, "access_key": key, "secret_key": secret, "bucket": bucket}

    found.targets += [
        Sick("vast-contested", place("vast-contested"), rival.begin, rival.end, Reason.CONFLICT, CONTESTED),
        Sick(
            "vast-expiring", place("vast-expiring") | READ_ONLY, lambda: expire(0), lambda: expire(usual), Reason.CLIENT_ERROR
        ),
        Sick("vast-steady", place("vast-steady") | READ_ONLY),
    ]
