"""Targets of every backend that are sick on demand, beside healthy ones of the same kind: real servers, real faults."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import free_ports
import postgresql
import scripted_server
import toxiproxy
import vanishing_names
import vast_endpoint
import versitygw
from cutting_front import cutting
from rivals import Taker, Writer
from scripted_server import Script, answer
from target_process import target
from vast_system import vast_db

from steadyline.outcome import Reason
from targets.s3.server import ACCESS_KEY_VARIABLE, SECRET_KEY_VARIABLE
from targets.trace.model import database_url, make_engine, make_tables

SLOW_TIMES = 10
"""S3 slow by so many times."""
S3_BASELINE_SECONDS = 0.1
"""Of each operation on S3 that the slow target is held to: well above what a busy machine needs."""
NAMES_LISTED, NAMES_IN_ERROR = 100, 1000
"""New names in each answer of the target that tells nothing else: so many as it is asked for, and in an error's text."""
ANSWERED = ("s3.bucket_list", "s3.segment_download", "s3.range_read")
"""What is answered with a body, which can be cut."""
CONTESTED = ("vast.insert_1", "vast.insert_100", "vast.row_delete")
"""What another transaction's change of a table is in the way of."""
_CONNECTIONS = 40
"""Of the PostgreSQL that runs out of them; a target's own cap is 16."""
READ_ONLY = {"allow_writes": False}
"""Of targets where a fault is the same whoever asks: each operation costs the machine, and those that write are many."""
_KEY, _SECRET = "steady", "s3cret/key+with=signs"
_XML = {"Content-Type": "application/xml"}


def nothing() -> None:
    """Leave it as it is."""


@dataclass(frozen=True, slots=True)
class Sick:
    """One target and its fault.

    Attributes:
        alias: the label `target`; its backend is what the alias begins with.
        settings: the target as the settings file has it, without the backend.
        begin: lets the fault begin.
        end: lets it end.
        reason: under which its failures are counted; None where it only gets slow, or is healthy.
        operations: those that have to fail; all that are scheduled where none are named.
    """

    alias: str
    settings: dict[str, Any]
    begin: Callable[[], object] = nothing
    end: Callable[[], object] = nothing
    reason: Reason | None = None
    operations: tuple[str, ...] = ()

    @property
    def backend(self) -> str:
        """Its kind."""
        return self.alias.partition("-")[0]


@dataclass(slots=True)
class Ward:
    """All targets, and what is behind them, to be looked at from outside.

    Attributes:
        targets: the sick ones and the healthy ones.
        names: those that resolve.
        databases: psycopg's URLs of PostgreSQL by alias.
        trace: the SQLite file behind all Trace targets.
        gateway: the S3 behind those that are not embedded.
        embedded_s3: its URL and keys.
        buckets: in which S3 targets write, by alias, with the URL of their server.
        vast: endpoint, key, secret and bucket by alias.
        open_transactions: how many the VAST DB has whose transactions expire.
        talker: the far end of the target that tells nothing but new names.
    """

    targets: list[Sick] = field(default_factory=list)
    databases: dict[str, str] = field(default_factory=dict)
    trace: Path = Path()
    sqlite: Path = Path()
    buckets: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    vast: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    open_transactions: Callable[[], int] = int
    talker: scripted_server.ScriptedServer | None = None


def _new_names(_path: str) -> Script:
    names = "".join(
        f"<Contents><Key>{uuid.uuid4()}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f'<ETag>"{uuid.uuid4().hex}"</ETag><Size>1</Size></Contents>'
        for _ in range(NAMES_LISTED)
    )
    return (answer(f"<ListBucketResult><Name>b</Name>{names}</ListBucketResult>".encode(), headers=_XML),)


def _error(status: str, code: str, text: str = "no") -> Callable[[str], Script]:
    return lambda _path: (answer(f"<Error><Code>{code}</Code><Message>{text}</Message></Error>".encode(), status, _XML),)


def _named_error(_path: str) -> Script:
    text = " ".join(uuid.uuid4().hex for _ in range(NAMES_IN_ERROR))
    return _error("400 Bad Request", f"E{uuid.uuid4().hex}", text)(_path)


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
        _s3(found, stack, folder, proxies)
        _vast(found, stack, folder)
        yield found


def _answering(stack: ExitStack, otherwise: Callable[[str], Script]) -> scripted_server.ScriptedServer:
    server = stack.enter_context(scripted_server.scripted())
    server.otherwise = otherwise
    return server


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
    answers = _answering(stack, _storm())
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


def _s3(found: Ward, stack: ExitStack, folder: Path, proxies: toxiproxy.Toxiproxy) -> None:
    gateway = stack.enter_context(versitygw.running(free_ports.free_port()))
    buckets = ("s3-cut", "s3-embedded")
    keys = {ACCESS_KEY_VARIABLE: _KEY, SECRET_KEY_VARIABLE: _SECRET}
    wanted = [part for name in buckets for part in ("--bucket", name)]
    embedded = stack.enter_context(target("s3", folder, *wanted, environ=keys))
    talker = found.talker = _answering(stack, _new_names)
    refused = _answering(stack, _error("403 Forbidden", "AccessDenied"))
    unavailable = _answering(stack, _error("503 Service Unavailable", "ServiceUnavailable"))
    silent = _answering(stack, lambda _path: (scripted_server.HOLD,))  # a proxy passes on that the gateway ends connections
    cut = stack.enter_context(cutting(embedded))
    ways = {
        name: proxies.before(f"s3-{name}", embedded if name == "cut" else gateway.url)
        for name in ("403", "503", "nothing", "slow", "cut")
    }

    def place(alias: str, url: str) -> dict[str, Any]:
        if alias in buckets:
            found.buckets[alias] = (embedded, _KEY, _SECRET, alias)
        else:
            found.buckets[alias] = (gateway.url, gateway.access_key, gateway.secret_key, gateway.new_bucket())
        _, key, secret, bucket = found.buckets[alias]
        return {"url": url, "access_key": key, "secret_key": secret, "bucket": bucket}

    def led(name: str, server: str, reason: Reason, *operations: str) -> Sick:
        way = ways[name]
        facts = place(f"s3-{name}", way.url) | ({} if name == "cut" else READ_ONLY)
        return Sick(f"s3-{name}", facts, lambda: way.lead_to(server), way.mend, reason, operations)

    def talks() -> None:
        talker.otherwise = _named_error

    def listens() -> None:
        talker.otherwise = _new_names

    told = {"url": talker.url, "access_key": _KEY, "secret_key": _SECRET, "bucket": "b", **READ_ONLY}
    slow = ways["slow"]
    found.targets += [
        led("403", refused.url, Reason.AUTH),
        led("503", unavailable.url, Reason.SERVER_ERROR),
        led("cut", cut, Reason.INTEGRITY, *ANSWERED),
        led("nothing", silent.url, Reason.TIMEOUT),
        Sick(
            "s3-slow", place("s3-slow", slow.url) | READ_ONLY, lambda: slow.delay(SLOW_TIMES * S3_BASELINE_SECONDS), slow.mend
        ),
        Sick("s3-names", told, talks, listens, Reason.CLIENT_ERROR),
        Sick("s3-steady", place("s3-steady", gateway.url)),
        Sick("s3-embedded", place("s3-embedded", embedded) | READ_ONLY),
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
    found.vast["vast-expiring"] = (expiring.url, _KEY, _SECRET, "expiring")
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
