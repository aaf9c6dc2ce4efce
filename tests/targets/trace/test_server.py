"""The target as a process: what keeps it from starting is one message and an exit code; it stops cleanly."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

COMMANDS = {
    "module": [sys.executable, "-m", "targets.trace"],
    "command line": [sys.executable, "-c", "from steadyline.cli.main import main; main()", "targets", "trace"],
}
PASSWORD = "s3cret/word"


def environ(tmp_path, **more):
    """An environment that has no settings of the user's, and a state folder of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("STEADYLINE_", "TRACE_"))}
    return {**clean, "STEADYLINE_STATE_DIR": str(tmp_path / "state"), **more}


@pytest.fixture(params=COMMANDS.values(), ids=COMMANDS)
def command(request):
    """Either way to start it."""
    return request.param


@pytest.fixture
def run(command, tmp_path):
    """Run it to its end, which must come by itself."""

    def to_its_end(*arguments, **more):
        return subprocess.run(
            [*command, *arguments],
            env=environ(tmp_path, **more),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return to_its_end


def refused(done, exit_code, *words):
    """It ended with one message that has the words, and neither a traceback nor the password."""
    assert done.returncode == exit_code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    for word in words:
        assert word in done.stderr
    assert PASSWORD not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_and_stops(command, tmp_path, number):
    """It says where it listens, serves, and a signal ends it with exit code 0."""
    url = f"sqlite:///{tmp_path / 'new' / 'trace.db'}"
    process = subprocess.Popen(
        [*command, "--url", url, "--port", "0"],
        env=environ(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = process.stdout.readline()
        address = said.split()[1]
        assert said == f"trace: {address} on SQLite {tmp_path / 'new' / 'trace.db'}\n"
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(f"{address}/-/ready", trust_env=False).status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, out, err) == (0, "", "")


def test_busy_port(run, tmp_path):
    """A port that is taken is named, and the database is not touched."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--url", f"sqlite:///{tmp_path / 'trace.db'}", "--port", str(port))
    refused(done, 2, f"127.0.0.1:{port}", "in use", "another --port")
    assert not (tmp_path / "trace.db").exists()


UNUSABLE = {
    "another database": (f"mysql://u:{PASSWORD}@h/d", 2, "'mysql' is not known"),
    "no URL": (f"u:{PASSWORD}", 2, "not a database URL"),
    "SQLite in memory": ("sqlite://", 2, "in memory"),
    "nothing listens": (f"postgresql://u:{PASSWORD}@127.0.0.1:1/d", 4, "127.0.0.1:1/d: nothing listens there"),
    "unknown host": (f"postgresql://u:{PASSWORD}@nohost.invalid/d", 4, "nohost.invalid:5432/d: the host's name"),
    "unknown parameter": (f"postgresql://127.0.0.1:1/d?secret={PASSWORD}", 4, "127.0.0.1:1/d: a parameter"),
    "no database file": ("sqlite:////dev/null/trace.db", 4, "SQLite /dev/null/trace.db: "),
    "a folder": ("sqlite:////tmp", 4, "SQLite /tmp: the file cannot be opened"),
}


@pytest.mark.parametrize(("url", "exit_code", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_database_of_no_use(run, url, exit_code, words):
    """A database that cannot be used is named without its password: 2 for a wrong URL, 4 for one that does not answer."""
    refused(run("--port", "0", TRACE_DATABASE_URL=url), exit_code, words)


def test_not_a_database(run, tmp_path):
    """A file that is no SQLite database is refused and stays as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("no database at all\n" * 100)
    refused(run("--port", "0", "--url", f"sqlite:///{file}"), 4, str(file), "no SQLite database")
    assert file.read_text() == "no database at all\n" * 100


def test_password_file_of_no_use(run, tmp_path):
    """A password file that is not there is named."""
    missing = tmp_path / "password"
    done = run("--port", "0", "--url", "postgresql://u@127.0.0.1/d", "--password-file", str(missing))
    refused(done, 2, str(missing), "No such file")


def test_module_needs_a_database(tmp_path):
    """The bare module does not guess a database."""
    done = subprocess.run(COMMANDS["module"], env=environ(tmp_path), capture_output=True, text=True, timeout=60, check=False)
    refused(done, 2, "--url", "TRACE_DATABASE_URL")


@pytest.mark.stack
def test_wrong_password(run, postgres, tmp_path):
    """A refused password is told as one, with the host, without the password."""
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    url = f"postgresql://{postgres.user}@127.0.0.1:{postgres.port}/postgres"
    done = run("--port", "0", "--password-file", str(file), "--url", url)
    refused(done, 4, f"127.0.0.1:{postgres.port}/postgres", "wrong user or password")


@pytest.mark.stack
def test_missing_postgresql_database(run, postgres):
    """A database that PostgreSQL does not have is named."""
    done = run("--port", "0", TRACE_DATABASE_URL=postgres.url("nothing"))
    refused(done, 4, f"127.0.0.1:{postgres.port}/nothing", "no such database")
    assert postgres.password not in done.stderr
