"""A folder whose settings name a secret wherever they can, and far ends that refuse, say all back, or are gone."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psutil
from canaries import Aviary
from forked_command_line import Forked, forked
from free_ports import free_port
from scripted_server import ScriptedServer, answer, scripted
from trace_target import trace_api

from steadyline.environment import PREFIX
from steadyline.settings import Ports

WITHOUT_A_SECRET = {
    "secrets_dir": "a folder's path",
    "targets.*.access_key": "names who asks, as a user's name does; messages may say it",
    "remote_write.headers": "a secret there is refused",
    "remote_write.url": "a secret there is refused",
    "web_config_file": "a file's path; what it says of users are bcrypt's hashes",
    "web_client.ca_file": "a certificate's path",
    "web_client.cert_file": "a certificate's path",
    "web_client.key_file": "a key's path, which TLS alone reads; tests/steadyline/web has what is said of a wrong one",
}
"""Settings that look as if a secret stood in them, and why none does."""
ANSWERING = "answering.toml"
"""Settings of which only the target is left that answers: `up` refuses to start where one does not."""
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})
STEADYLINE = Path(sys.executable).with_name("steadyline")
BUG = '''
from steadyline.operation import operation


@operation("trace.bug", verify=lambda *_: None)
def bug(client, _prepared):
    """A mistake in an operation of the user's own, which tells all that it has."""
    secret = {secret!r}
    raise RuntimeError("http://ann:" + secret + "@h/ and " + secret + repr(vars(client)))


@operation("http.own_read", verify=lambda *_: None)
def own_read(client, _prepared):
    """A page of a system of the user's own."""
    return client.get("page")
'''


@dataclass
class Planted:
    """Where commands run, and all that they have said.

    Attributes:
        folder: with steadyline.toml.
        birds: what was planted.
        environ: with secrets of its own.
        forked: what runs commands.
        said: what each command printed, by the command.
        command_lines: of every process that it started.
    """

    folder: Path
    birds: Aviary
    environ: dict[str, str]
    forked: Forked
    said: dict[str, bytes] = field(default_factory=dict)
    command_lines: set[str] = field(default_factory=set)

    def run(self, *arguments: str, seconds: float = 120, environ: Mapping[str, str] = NOTHING_MORE) -> int:
        """Run `steadyline` to its end and keep what it said; its exit code."""
        with self._watched(self.forked.process.pid):
            said = self.forked.run(list(arguments), self.folder, {**self.environ, **environ}, seconds)
        self.said[f"{' '.join(arguments)} {' '.join(environ)}"] = said.text.encode()
        return said.code

    @contextlib.contextmanager
    def started(self, *arguments: str, **environ: str) -> Iterator["subprocess.Popen[bytes]"]:
        """`steadyline` while it runs; its command line and its children's are noted, and what it said is kept."""
        name = " ".join(arguments)
        log = self.folder.parent / f"said-{len(self.said)}"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [STEADYLINE, *arguments],
                cwd=self.folder,
                env=self.environ | environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        with self._watched(process.pid):
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait(60)
                self.said[name] = log.read_bytes()

    @contextlib.contextmanager
    def _watched(self, pid: int) -> Iterator[None]:
        """Note the command lines of a process and all below it."""
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(pid, ended))
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def _watch(self, pid: int, ended: threading.Event) -> None:
        while not ended.wait(0.05):
            with contextlib.suppress(psutil.Error):
                one = psutil.Process(pid)
                for each in (one, *one.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        self.command_lines.add(" ".join(each.cmdline()))

    def leaks(self) -> list[str]:
        """Each canary that is where none was planted: in what was said, in a file's bytes, in a command line."""
        found = [f"{name}: {place}" for name, text in self.said.items() for place in self.birds.found_in(text)]
        found += [f"command line {line}: {place}" for line in self.command_lines for place in self.birds.found_in(line)]
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.suffix not in (".toml", ".py"):
                found += [f"{path.relative_to(self.folder)}: {place}" for place in self.birds.found_in(path.read_bytes())]
        return found


def settings_text(birds: Aviary, ok: str, echo: str, gone: int) -> str:
    """steadyline.toml with a canary in each place; the targets answer, refuse, or are gone."""
    url, file, plain = birds.in_url, birds.in_file, birds.plain
    gone_url = f"127.0.0.1:{gone}"
    targets = f"""
[targets.ok]
backend = "trace"
url = "{ok.replace("//", f"//ann:{url('targets.*.url trace')}@")}"
allow_writes = true
[targets.refusing]
backend = "trace"
url = "{echo.replace("//", f"//ann:{url('targets.*.url refusing')}@")}"
[targets.gone]
backend = "trace"
url = "http://ann@{gone_url}"
password_file = "{file("targets.*.password_file trace")}"
[targets.database]
backend = "sql"
url = "postgresql+psycopg://ann:{url("targets.*.url sql")}@{gone_url}/db?password={url("targets.*.url query")}"
[targets.database-by-file]
backend = "sql"
url = "postgresql://ann@{gone_url}/db"
password_file = "{file("targets.*.password_file sql")}"
[targets.bucket]
backend = "s3"
url = "{echo}"
access_key = "ann"
secret_key = "{plain("targets.*.secret_key")}"
bucket = "b"
[targets.bucket-by-file]
backend = "s3"
url = "http://{gone_url}"
access_key = "ann"
secret_key_file = "{file("targets.*.secret_key_file s3")}"
bucket = "b"
[targets.bucket-by-chain]
backend = "s3"
url = "{echo}"
bucket = "b"
[targets.table]
backend = "vast"
url = "{echo}"
allow_writes = true
access_key = "ann"
secret_key = "{plain("targets.*.secret_key vast")}"
bucket = "b"
[targets.table-gone]
backend = "vast"
url = "http://{gone_url}"
allow_writes = true
access_key = "ann"
secret_key_file = "{file("targets.*.secret_key_file vast")}"
bucket = "b"
[targets.media]
backend = "tams"
url = "{echo.replace("//", f"//ann:{url('targets.*.url tams')}@")}"
[targets.own]
backend = "http"
url = "{echo.replace("//", f"//ann:{url('targets.*.url http')}@")}"
"""
    return _stack_text(birds, echo) + targets


def _stack_text(birds: Aviary, echo: str) -> str:
    """What belongs to no target."""
    url, file, plain = birds.in_url, birds.in_file, birds.plain

    def named(place: str) -> str:
        return echo.replace("//", f"//ann:{url(place)}@")

    return f"""
operations = ["own.py"]
prometheus_url = "{named("prometheus_url")}"
alertmanager_url = "{named("alertmanager_url")}"
grafana_url = "{named("grafana_url")}"
grafana_token_file = "{file("grafana_token_file")}"
runbook_url = "{named("runbook_url")}/wiki"
[web_client]
username = "ann"
password_file = "{file("web_client.password_file")}"
[remote_write]
url = "http://long.example/push"
username = "ann"
password_file = "{file("remote_write.password_file")}"
[notify]
webhook_url = "{named("notify.webhook_url")}/{plain("notify.webhook_url path")}"
webhook_credentials_file = "{file("notify.webhook_credentials_file")}"
heartbeat_url = "{echo}/{plain("notify.heartbeat_url")}"
[notify.email]
to = ["a@b.example"]
from = "c@d.example"
smarthost = "127.0.0.1:1"
username = "ann"
password_file = "{file("notify.email.password_file")}"
[notify.slack]
url_file = "{file("notify.slack.url_file", lambda secret: f"{echo}/{secret}")}"
[notify.pagerduty]
routing_key_file = "{file("notify.pagerduty.routing_key_file")}"
url = "{named("notify.pagerduty.url")}"
"""


def echo(server: ScriptedServer) -> None:
    """Refuse everything, and say in the refusal all that one was told, in each way in which a careless server may."""

    def said(path: str) -> tuple[bytes]:
        told = server.asked[-1].headers.get("authorization", "")
        kind, _, sent = told.partition(" ")
        words = b64decode(sent).decode() if kind == "Basic" else sent
        text = json.dumps({"error": f"bad password {words} {told} {quote(words)} at {path}"})
        return (answer(text.encode(), "401 Unauthorized", {"Content-Type": "application/json"}),)

    server.otherwise = said


@contextlib.contextmanager
def planted(folder: Path) -> Iterator[Planted]:
    """The folder with everything in it, and the far ends while it is used."""
    work = folder / "work"
    work.mkdir(parents=True)
    birds = Aviary(folder / "secrets")
    with trace_api(f"sqlite:///{folder / 'trace.db'}") as ok, scripted() as server, forked(folder) as commands:
        echo(server)
        (work / "steadyline.toml").write_text(settings_text(birds, ok, server.url, free_port()))
        (work / ANSWERING).write_text(
            "embedded = false\n" + settings_text(birds, ok, server.url, free_port()).split("[targets.refusing]")[0]
        )
        (work / "own.py").write_text(BUG.format(secret=birds.plant("targets.*.url trace")))
        for further in (team_history, bearer, webhooks):
            further(birds)
        yield Planted(work, birds, _environment(birds), commands)


def _environment(birds: Aviary) -> dict[str, str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith((PREFIX, "AWS_"))}
    ports = {f"{PREFIX}PORTS_{name.upper()}": str(free_port()) for name in Ports.model_fields}
    keys = {"AWS_ACCESS_KEY_ID": "ann", "AWS_SECRET_ACCESS_KEY": birds.plain("AWS_SECRET_ACCESS_KEY")}
    return inherited | ports | keys | {"AWS_SESSION_TOKEN": birds.plain("AWS_SESSION_TOKEN"), "COLUMNS": "400"}


def team_history(birds: Aviary) -> dict[str, str]:
    """Variables for a history that is gone: its password in the URL, and in a file."""
    url = f"postgresql+psycopg://ann:{birds.in_url('history_url')}@127.0.0.1:1/h?password={birds.in_url('history_url query')}"
    return {f"{PREFIX}HISTORY_URL": url, f"{PREFIX}HISTORY_PASSWORD_FILE": birds.in_file("history_password_file")}


def bearer(birds: Aviary) -> dict[str, str]:
    """Variables for a long term that takes a token instead of a password."""
    said = {"URL": "http://long.example/push", "CREDENTIALS_FILE": birds.in_file("remote_write.credentials_file")}
    return {f"{PREFIX}REMOTE_WRITE_{name}": text for name, text in said.items()}


def webhooks(birds: Aviary) -> dict[str, str]:
    """Variables for webhooks whose URLs stand in files."""
    names = {"WEBHOOK_URL_FILE": "notify.webhook_url_file", "HEARTBEAT_URL_FILE": "notify.heartbeat_url_file"}
    return {
        f"{PREFIX}NOTIFY_{variable}": birds.in_file(name, lambda secret: f"https://hooks.example/{secret}")
        for variable, name in names.items()
    }
