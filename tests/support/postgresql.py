"""A real PostgreSQL for the tests: from PATH or Debian's packages, run by an unprivileged user, ended and begun again."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apt_get
import psycopg
import pytest
import tenacity

USER, PASSWORD = "admin", "p@ss word/1"
"""Its superuser; the password needs percent-encoding, as passwords of the world do."""
SETTINGS: Mapping[str, object] = {"listen_addresses": "127.0.0.1", "fsync": "off", "autovacuum": "off"}
"""autovacuum off: a test may count transactions. fsync off: nothing outlives the test."""


@dataclass(slots=True)
class PostgreSql:
    """A server of the tests' own, with password authentication.

    Attributes:
        port: on 127.0.0.1.
        folder: of its data, its socket and its log.
        programs: the folder of initdb and postgres.
        settings: beside SETTINGS.
    """

    port: int
    folder: Path
    programs: Path
    settings: Mapping[str, object]
    user: str = USER
    password: str = PASSWORD
    _process: "subprocess.Popen[bytes] | None" = field(init=False, default=None)

    def url(self, database: str = "postgres", user: str = USER) -> str:
        """The URL of one of its databases, the password in it; every user's is the same."""
        return f"postgresql://{user}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the superuser."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self) -> str:
        """Make an empty database; answer its URL."""
        name = f"t{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def start(self) -> None:
        """Begin, with the data that is there; answers connections when this returns."""
        settings = {**SETTINGS, "port": self.port, "unix_socket_directories": self.folder, **self.settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *options]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder, **_identity())
        self._process = process
        waiting = tenacity.Retrying(
            stop=tenacity.stop_after_delay(60),
            wait=tenacity.wait_fixed(0.1),
            retry=tenacity.retry_if_exception_type(psycopg.Error),
            reraise=True,
        )
        for attempt in waiting:
            with attempt:
                assert process.poll() is None, (self.folder / "log").read_text()
                psycopg.connect(self.url()).close()

    def stop(self) -> None:
        """PostgreSQL's fast shutdown: ends the connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)
            self._process = None


@contextmanager
def running(port: int, **settings: object) -> Iterator[PostgreSql]:
    """Run one on the port; installed first where that is possible and needed, skips where it cannot be had.

    Args:
        port: where.
        settings: of the server, such as `max_connections`.
    """
    programs = _programs() or _install()
    if programs is None:
        pytest.skip("PostgreSQL is not on PATH nor in /usr/lib/postgresql, and installing it takes root and apt-get")
    server = PostgreSql(port, Path(tempfile.mkdtemp(prefix="steadyline-postgres-")), programs, settings)
    try:
        _make_cluster(server)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder)


def _programs() -> Path | None:
    """The folder of initdb and postgres: PATH's, else the newest of Debian's."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return Path(found).resolve().parent if found else (debian[-1].parent if debian else None)


def _install() -> Path | None:
    """Install Debian's packages so that no cluster is made and no service started; both switches are put back."""
    if not apt_get.possible():
        return None
    with apt_get.alone():
        if not _programs():
            with _replaced(Path("/usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", mode=0o755):
                apt_get.get("PostgreSQL", "update")
                apt_get.get("PostgreSQL", "install", "postgresql-common")
                with _replaced(Path("/etc/postgresql-common/createcluster.conf"), "create_main_cluster = false\n"):
                    apt_get.get("PostgreSQL", "install", "postgresql")
    return _programs()


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


def _identity() -> dict[str, Any]:
    """Who runs it: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _make_cluster(server: PostgreSql) -> None:
    identity = _identity()
    if identity:
        os.chown(server.folder, identity["user"], identity["group"])
    secret = server.folder / "password"
    secret.write_text(server.password)
    account = ["-U", server.user, f"--pwfile={secret}", "--auth=scram-sha-256"]
    place = ["-D", str(server.folder / "data"), "--no-sync", "--locale=C", "-E", "UTF8"]
    command = [str(server.programs / "initdb"), *place, *account]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=server.folder, **identity)
    assert made.returncode == 0, made.stderr
