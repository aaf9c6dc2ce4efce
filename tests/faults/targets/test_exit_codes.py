"""`steadyline probe`, `run` and `compare` against a sick target: the exit code tells, and one message says what to mend."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from baseline_files import FACTS, READ, written
from command_line import beginning, ended
from scripted_server import CLOSE, HOLD, Script, ScriptedServer, answer, scripted

from steadyline import catalogue
from steadyline.errors import UnreachableError
from steadyline.operation_version import version_of
from steadyline.state import State

pytestmark = [pytest.mark.faults, pytest.mark.stack]

ALIAS = "sick"
SECRET = "s3cret/word"
SECONDS = 120
"""A silent target is given up after five; the rest is a busy machine's."""
KEYS = {"access_key": "a", "secret_key": SECRET, "bucket": "b"}
XML = {"Content-Type": "application/xml"}


def _refusal(status: str, code: str) -> bytes:
    return answer(f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode(), status, XML)


CUT = (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Type: application/xml\r\n\r\n<ListBucketResult>", CLOSE)


@dataclass(frozen=True, slots=True)
class Case:
    """A sick target.

    Attributes:
        operation: that is asked of it.
        url: where it is, `{port}` being the scripted server's, `{free}` a port on which nothing listens.
        said: what the message tells.
        script: what the server answers everything with.
    """

    operation: str
    url: str
    said: str
    script: Script = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Of the target, beside its URL."""
        backend = self.operation.partition(".")[0]
        return {"backend": backend, **(KEYS if backend in ("s3", "vast") else {})}


BROWSE, LIST = "trace.item_browse", "s3.bucket_list"
HTTP = "http://127.0.0.1:{port}"
CASES = {
    "PostgreSQL down": Case(
        "sql.item_browse",
        f"postgresql://me:{SECRET.replace('/', '%2F')}@127.0.0.1:{{free}}/db",
        "it does not answer; start it",
    ),
    "S3 403": Case(LIST, HTTP, "refuses access key 'a'", (_refusal("403 Forbidden", "AccessDenied"),)),
    "S3 503": Case(LIST, HTTP, "fails", (_refusal("503 Service Unavailable", "ServiceUnavailable"),)),
    "S3 nothing": Case(LIST, HTTP, "no answer within 5 s", (HOLD,)),
    "S3 cut": Case(LIST, HTTP, "its answer breaks off", CUT),
    "Trace 5xx": Case(BROWSE, HTTP, "fails", (answer(b"", "502 Bad Gateway"),)),
    "Trace hangs": Case(BROWSE, HTTP, "no answer within 5 s", (HOLD,)),
    "DNS gone": Case(BROWSE, "http://trace.invalid:{port}", "the host's name is not known"),
    "VAST DB down": Case("vast.schema_browse", "http://127.0.0.1:{free}", "nothing answers there"),
}


@pytest.fixture
def server():
    """A server that answers as the case says."""
    with scripted() as found:
        yield found


@pytest.fixture
def asked(tmp_path, server: ScriptedServer, free_port: Callable[[], int]):
    """`asked(case)` runs the three commands side by side; answers exit code and standard error of each."""

    def ask(case: Case) -> dict[str, tuple[int, str]]:
        server.otherwise = lambda _path: case.script
        facts = {**case.settings, "url": case.url.format(port=server.port, free=free_port())}
        lines = [f"[targets.{ALIAS}]", *(f"{key} = {json.dumps(value)}" for key, value in facts.items())]
        (tmp_path / "steadyline.toml").write_text("\n".join(lines))
        version = version_of(catalogue.operations()[case.operation])
        baseline = replace(READ, operation=case.operation, target=ALIAS, recorded=replace(FACTS, operation_version=version))
        state = State(tmp_path / ".steadyline")
        state.root.mkdir()
        written(state.baselines, baseline)
        commands = {
            "probe": ["probe", case.operation],
            "run": ["run", "--operation", case.operation, "--rounds", "5"],
            "compare": ["compare", "--operation", case.operation, "--other-load"],
        }
        with beginning(tmp_path) as begin:
            processes = {name: begin(*arguments) for name, arguments in commands.items()}
            done = {name: ended(process, SECONDS) for name, process in processes.items()}
        return {name: (code, error) for name, (code, _, error) in done.items()}

    return ask


@pytest.mark.parametrize("name", CASES)
def test_exit_code_and_message(asked, name) -> None:
    """Exit code 4, and one line for the sick target, which says where and why; neither a traceback nor a secret."""
    case = CASES[name]
    for command, (code, error) in asked(case).items():
        told = [line for line in error.splitlines() if line.startswith("steadyline:") and case.said in line]
        assert code == UnreachableError.exit_code, (command, error)
        assert len(told) == 1, (command, error)
        assert "Traceback" not in error
        assert SECRET not in error
