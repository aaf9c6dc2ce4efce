"""Real programs that several tests share; each fixture starts what is asked for on a free port and ends it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apt_get
import free_ports
import httpx
import psycopg
import pytest
import tenacity
import versitygw as gateway
from by_file import ByFile

NO_SCRAPES = "global:\n  scrape_interval: 5s\n"

StartPrometheus = Callable[..., str]
StartAlertmanager = Callable[..., str]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """Ours for `--dist loadfile`."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A port of the loopback address that nothing listens on now, and that no test of this process was given lately."""
    return free_ports.free_port


@pytest.fixture(scope="session")
def start_prometheus(free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPrometheus]:
    """`start(config=..., history=..., folder=...)` starts a real Prometheus, ready, and answers its base URL.

    config is its configuration; history is OpenMetrics text with timestamps, backfilled before it starts; folder is where
    it finds its rules (a new one where not given); port is for a test that asks before it is there.
    """
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        pytest.skip("prometheus and promtool are not on PATH")
    started: list[subprocess.Popen[bytes]] = []

    def start(config: str = NO_SCRAPES, history: str = "", folder: Path | None = None, port: int | None = None) -> str:
        place = folder or tmp_path_factory.mktemp("prometheus")
        (place / "prometheus.yml").write_text(config)
        if history:
            _backfill(place, history)
        listens = port or free_port()
        started.append(_prometheus(place, listens))
        url = f"http://127.0.0.1:{listens}"
        _wait_until_ready(f"{url}/-/ready", place / "prometheus.log")
        return url

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=30)


def _backfill(place: Path, history: str) -> None:
    """Put series into Prometheus' storage as they would have been scraped."""
    text = place / "history.txt"
    text.write_text(history)
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(place / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def _prometheus(place: Path, port: int) -> "subprocess.Popen[bytes]":
    command = [
        "prometheus",
        f"--config.file={place / 'prometheus.yml'}",
        f"--storage.tsdb.path={place / 'data'}",
        "--storage.tsdb.retention.time=50y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-lifecycle",
        "--storage.remote.flush-deadline=1s",  # a storage that a test has ended already is waited for that long
    ]
    with (place / "prometheus.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


@pytest.fixture(scope="session")
def start_alertmanager(free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartAlertmanager]:
    """`start(config)` starts a real Alertmanager with this configuration, ready, and answers its base URL.

    place is where its configuration, its templates and its log are (a new one where not given).
    """
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not program:
        pytest.skip("Alertmanager is not on PATH")
    started: list[subprocess.Popen[bytes]] = []

    def start(config: str, place: Path | None = None) -> str:
        folder = place or tmp_path_factory.mktemp("alertmanager")
        (folder / "alertmanager.yml").write_text(config)
        port = free_port()
        command = [
            program,
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ]
        with (folder / "log").open("wb") as log:
            started.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(f"{url}/-/ready", folder / "log")
        return url

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=30)


def _wait_until_ready(url: str, log: Path) -> None:
    waiting = tenacity.Retrying(
        stop=tenacity.stop_after_delay(60),
        wait=tenacity.wait_fixed(0.1),
        retry=tenacity.retry_if_exception_type((httpx.HTTPError, AssertionError)),
        reraise=True,
    )
    for attempt in waiting:
        with attempt:
            assert httpx.get(url, trust_env=False).is_success, log.read_text()


@pytest.fixture(scope="session")
def versitygw(free_port: Callable[[], int]) -> Iterator[gateway.VersityGw]:
    """A real S3 on a free port; built first where Go is there and needed. Mark what asks for it with its MARKS."""
    with gateway.running(free_port()) as started:
        yield started


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL of the tests' own, with password authentication.

    Attributes:
        port: on 127.0.0.1.
        user: its superuser.
        password: the superuser's; it needs percent-encoding, as passwords of the world do.
    """

    port: int
    user: str
    password: str

    def url(self, database: str = "postgres") -> str:
        """The URL of one of its databases, the password in it."""
        return f"postgresql://{self.user}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the superuser."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self) -> str:
        """Make an empty database; answer its URL."""
        name = f"t{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)


@pytest.fixture(scope="session")
def postgres(free_port: Callable[[], int]) -> Iterator[Postgres]:
    """A real PostgreSQL on a free port, run by an unprivileged user; installed first where that is possible and needed."""
    programs = _postgres_programs() or _install_postgres()
    if programs is None:
        pytest.skip("PostgreSQL is not on PATH nor in /usr/lib/postgresql, and installing it takes root and apt-get")
    folder = Path(tempfile.mkdtemp(prefix="steadyline-postgres-"))
    server = Postgres(free_port(), "admin", "p@ss word/1")
    process = _start_postgres(programs, folder, server)
    try:
        _wait_for_postgres(process, server, folder / "log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: ends the connections
        process.wait(timeout=60)
        shutil.rmtree(folder)


def _postgres_programs() -> Path | None:
    """The folder of initdb and postgres: PATH's, else the newest of Debian's."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return Path(found).resolve().parent if found else (debian[-1].parent if debian else None)


def _install_postgres() -> Path | None:
    """Install Debian's packages so that no cluster is made and no service started; both switches are put back."""
    if not apt_get.possible():
        return None
    with apt_get.alone():
        if not _postgres_programs():
            with _replaced(Path("/usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", mode=0o755):
                apt_get.get("PostgreSQL", "update")
                apt_get.get("PostgreSQL", "install", "postgresql-common")
                with _replaced(Path("/etc/postgresql-common/createcluster.conf"), "create_main_cluster = false\n"):
                    apt_get.get("PostgreSQL", "install", "postgresql")
    return _postgres_programs()


@contextmanager
def _replaced(file: Path, text: str, mode: int = 0o644) -> Iterator[None]:
    """Let a file hold other text for a while; afterwards it is as it was, or gone if it was not there."""
    before = (file.read_bytes(), file.stat().st_mode) if file.exists() else None
    file.write_text(text)
    file.chmod(mode)
    try:
        yield
    finally:
        if before:
            file.write_bytes(before[0])
            file.chmod(before[1])
        else:
            file.unlink()


def _start_postgres(programs: Path, folder: Path, server: Postgres) -> "subprocess.Popen[bytes]":
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        known = {user.pw_name: user for user in pwd.getpwall()}
        user = known.get("postgres") or known["nobody"]
        os.chown(folder, user.pw_uid, user.pw_gid)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    secret = folder / "password"
    secret.write_text(server.password)
    data = ["-D", str(folder / "data")]
    account = ["-U", server.user, f"--pwfile={secret}", "--auth=scram-sha-256"]
    initdb = [programs / "initdb", *data, *account, "--no-sync", "--locale=C", "-E", "UTF8"]
    made = subprocess.run(initdb, capture_output=True, text=True, timeout=120, check=False, cwd=folder, **identity)
    assert made.returncode == 0, made.stderr
    # autovacuum off: a test may count transactions. fsync off: nothing outlives the test.
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": server.port,
        "unix_socket_directories": folder,
        "fsync": "off",
        "autovacuum": "off",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", *data, *options], stdout=log, stderr=subprocess.STDOUT, cwd=folder, **identity
        )


def _wait_for_postgres(process: "subprocess.Popen[bytes]", server: Postgres, log: Path) -> None:
    waiting = tenacity.Retrying(
        stop=tenacity.stop_after_delay(60),
        wait=tenacity.wait_fixed(0.1),
        retry=tenacity.retry_if_exception_type(psycopg.Error),
        reraise=True,
    )
    for attempt in waiting:
        with attempt:
            assert process.poll() is None, log.read_text()
            psycopg.connect(server.url()).close()
