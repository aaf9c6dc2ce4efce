"""The folders in which the handbook's commands are executed, with what its pages have there."""

import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import handbook
import httpx
import load_results
import tenacity
from free_ports import free_port
from going_command import Going
from grafana_server import grafana
from handbook import ROOT
from kept_runs import result as kept_result
from kept_runs import run as kept_run
from native_stack import STEADYLINE, Stack

from alerts.history.kept import Kind
from alerts.history.store import History
from steadyline import settings as settings_module

SLOW_SECONDS = 0.1
"""What the slow API takes, so that noise is small beside it and few rounds settle a verdict."""
BESIDE = {"slow": "{slow}", "checkout": "{slow}", "loaded": "{trace}"}
"""Places that ask nothing but a Trace API, and which."""
SLOW = ("item_browse", "item_read", "item_create")
SOURCES = ("steadyline", "targets")
"""What a revision's embedded target is made of."""
GIT = ("git", "-c", "user.name=reader", "-c", "user.email=reader@example.com")
TOKEN = "glsa_reader"
SHOPPER = "class Shopper"
ORDERS = "docs/your-own-system.md"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is executed.

    Attributes:
        folder: the one that the reader is in.
        environ: what is exported there.
    """

    folder: Path
    environ: dict[str, str]


class Places:
    """Each is made when it is first asked for.

    Args:
        stack: of the desk.
        folder: for the other ones.
        until_end: stops what serves them.
    """

    def __init__(self, stack: Stack, folder: Path, until_end: contextlib.ExitStack) -> None:
        """Put the example of own operations where the stack will be."""
        self._stack, self._folder, self._until_end = stack, folder, until_end
        shutil.copytree(ROOT / "examples/own_operations", stack.folder, dirs_exist_ok=True)
        self._made: dict[str, Place] = {"stack": Place(stack.folder, stack.environ)}
        self._makers: Mapping[str, Callable[[Place], None]] = {
            "slow": lambda _place: None,
            "loaded": lambda _place: None,
            "checkout": _check_out,
            "loads": _keep_loads,
            "orders": self._serve_orders,
            "grafana": _keep_token,
        }

    def of(self, name: str) -> Place:
        """One of them."""
        if name not in self._made:
            folder = self._folder / name
            folder.mkdir()
            place = Place(folder, self._stack.environ | {"STEADYLINE_STATE_DIR": str(folder / ".steadyline")})
            place.environ.update(self._own_target(name))
            self._made[name] = place
            self._makers[name](place)
        return self._made[name]

    def _own_target(self, name: str) -> Mapping[str, str]:
        """What a place asks that is not the stack."""
        facts: dict[str, str] = {}
        if name in BESIDE:  # without a Prometheus, whose next scrape each load run would wait for
            facts = {"TRACE_URL": BESIDE[name], "TRACE_ALLOW_WRITES": "true", "PORTS_PROMETHEUS": "{port}"}
        if name == "loaded":
            facts |= {"SQL_URL": "sqlite:///{folder}/.steadyline/data/sql/trace.db", "SQL_ALLOW_WRITES": "true"}
        if name == "grafana":
            facts = {"GRAFANA_URL": "{grafana}", "GRAFANA_TOKEN_FILE": "token"}
        return {f"STEADYLINE_{fact}": self.filled(text) for fact, text in facts.items()}

    def filled(self, text: str) -> str:
        """A text with this machine's facts in place of their names."""
        return re.sub(r"{(\w+)}", lambda found: str(self._fact(found[1])), text)

    def _fact(self, name: str) -> object:
        facts: Mapping[str, Callable[[], object]] = {
            "trace": lambda: f"http://127.0.0.1:{self._stack.settings.ports.trace}",
            "slow": lambda: self._slow,
            "folder": lambda: self._stack.folder,
            "port": free_port,
            "exporter": lambda: self._stack.settings.ports.exporter,
            "alertmanager": lambda: self._stack.settings.ports.alertmanager,
            "orders": lambda: self._orders,
            "master": lambda: self._master,
            "grafana": lambda: f"{self._grafana}/",
            "shopper": self._shopper,
            "run": lambda: max((self.of("loaded").folder / ".steadyline/load").glob("*.json")).stem,
        }
        return facts[name]()

    @cached_property
    def _slow(self) -> str:
        """A Trace API of which some operations take long, as the pages make one."""
        folder, port = self._folder / "api", free_port()
        folder.mkdir()
        environ = self._stack.environ | {"STEADYLINE_STATE_DIR": str(folder)}
        going = Going(["targets", "trace", "--port", str(port), "--allow-faults"], folder, environ)
        self._until_end.callback(going.stop)
        going.until("trace: http")
        url = f"http://127.0.0.1:{port}"
        for name in SLOW:
            fault = {"header": "X-Steadyline-Operation", "value": f"trace.{name}", "takes_seconds": SLOW_SECONDS}
            httpx.put(f"{url}/-/faults/{name}", json=fault | {"expires_seconds": 900}, trust_env=False).raise_for_status()
        return url

    @cached_property
    def _grafana(self) -> str:
        """One that answers as a real one does."""
        return str(self._until_end.enter_context(grafana(login=f"Bearer {TOKEN}")).url)

    @cached_property
    def _master(self) -> int:
        return free_port()

    @cached_property
    def _orders(self) -> int:
        return free_port()

    def _shopper(self) -> Path:
        """The page's own locustfile."""
        (text,) = (block.text for block in handbook.blocks() if block.language == "python" and SHOPPER in block.text)
        path = self._folder / "shopper.py"
        path.write_text(text)
        return path

    def _serve_orders(self, place: Place) -> None:
        """The page's own files, and its system."""
        for block in handbook.blocks():
            if block.page == ORDERS and block.title:
                (place.folder / block.title).write_text(block.text.replace("7070", str(self._orders)))
        served = subprocess.Popen(["python3", "orders.py"], cwd=place.folder)
        self._until_end.callback(served.wait)
        self._until_end.callback(served.terminate)
        _until_served(self._orders)


@tenacity.retry(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.1), reraise=True)
def _until_served(port: int) -> None:
    httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).raise_for_status()


def _check_out(place: Place) -> None:
    """A repository of two commits, and a run of the second in the history."""
    unmade = shutil.ignore_patterns("__pycache__")
    for name in SOURCES:
        shutil.copytree(ROOT / name, place.folder / name, ignore=unmade)
    commit = ("commit", "--quiet", "--allow-empty", "--message", "a change")
    for words in (("init", "--quiet", "--initial-branch", "main"), ("add", "."), commit, commit):
        subprocess.run([*GIT, *words], cwd=place.folder, check=True)
    command = [str(STEADYLINE), "run", "--operation", "trace.item_read"]  # slow as it is, and so no pass
    subprocess.run(command, cwd=place.folder, env=place.environ, check=False, capture_output=True)


def _keep_token(place: Place) -> None:
    """A service account's, as its page has it."""
    (place.folder / "token").write_text(f"{TOKEN}\n")


def _keep_loads(place: Place) -> None:
    """Results of load runs of a profile that lasted long enough, and one in the history."""
    for path in ("a.json", "b.json", ".steadyline/load/20260101T000000-1.json"):
        load_results.written(place.folder / path)
    now = time.time()
    run = kept_run(kept_result(load_results.READ), driver="load", kind=Kind.LOAD, profile="low", started=now - 60, ended=now)
    History(settings_module.load(place.environ)).keep(run)
