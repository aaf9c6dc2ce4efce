"""A small system to measure that lives in the tests: its operations wait, raise or answer as a test asks."""

import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from exporters import plan as plan_module
from exporters.exporter import Exporter
from exporters.plan import Plan
from steadyline.baseline import Baseline
from steadyline.operation import Operation
from steadyline.outcome import Reason
from steadyline.settings import Settings
from steadyline.target import Target

SECRET = "s3cret"


class RefusedError(Exception):
    """The far end says no: the one error that this backend knows."""


@dataclass
class Far:
    """The far end, as the test sees it."""

    calls: list[str] = field(default_factory=list)
    hang: threading.Event = field(default_factory=threading.Event)
    """What hangs returns when this is set."""
    rows: int = 0
    """Artefacts that lie there now."""
    left_by_a_crash: int = 0
    check_raises: Exception | None = None
    sweep_raises: Exception | None = None
    closed: int = 0
    connected: int = 0


@dataclass
class FarClient:
    """The client of one far end."""

    far: Far

    def check(self) -> None:
        """Answer, or raise what the test wants."""
        if self.far.check_raises:
            raise self.far.check_raises

    def sweep(self) -> int:
        """Delete what a crash left."""
        if self.far.sweep_raises:
            raise self.far.sweep_raises
        swept, self.far.left_by_a_crash = self.far.left_by_a_crash, 0
        return swept

    def leaked(self) -> int:
        """Count what a crash left."""
        return self.far.left_by_a_crash

    def close(self) -> None:
        """Delete all rows."""
        self.far.rows = 0
        self.far.closed += 1


@dataclass
class FarBackend:
    """Makes clients of one far end."""

    name: str
    far: Far

    def connect(self, _target: Target) -> FarClient:
        """Count it."""
        self.far.connected += 1
        return FarClient(self.far)

    def classify(self, error: Exception) -> Reason | None:
        """Know the refusal alone."""
        return Reason.SERVER_ERROR if isinstance(error, RefusedError) else None

    def redact(self, text: str, _target: Target) -> str:
        """Hide the secret."""
        return text.replace(SECRET, "***")


@dataclass
class Catalogue:
    """The operations of one test, over backends whose far ends the test holds."""

    far: dict[str, Far]
    known: list[Operation]

    def backends(self) -> Iterable[str]:
        """Answer as the real one does."""
        return list(self.far)

    def operations(self, backends: Iterable[str]) -> dict[str, Operation]:
        """Answer as the real one does."""
        return {operation.name: operation for operation in self.known if operation.backend in backends}

    def backend(self, name: str) -> FarBackend:
        """Answer as the real one does."""
        return FarBackend(name, self.far[name])


def _answers(client: FarClient, _prepared: Any) -> str:
    client.far.calls.append("answers")
    return "answer"


def _writes(client: FarClient, _prepared: Any) -> str:
    client.far.calls.append("writes")
    client.far.rows += 1
    return "written"


def _hangs(client: FarClient, _prepared: Any) -> str:
    client.far.calls.append("hangs")
    client.far.hang.wait(60)
    return "late"


def _refuses(_client: FarClient, _prepared: Any) -> str:
    raise RefusedError(f"no, says postgresql://me:{SECRET}@far/db")


def _has_a_bug(_client: FarClient, _prepared: Any) -> str:
    raise ZeroDivisionError("ours")


def operation(name: str, body: Callable[..., Any] = _answers, **facts: Any) -> Operation:
    """An operation with a short cadence; everything else as in the product."""
    return Operation(
        **{"name": name, "tells": name, "body": body, "probe_every_seconds": 2.0, "timeout_seconds": 5.0, **facts}
    )


ANSWERS = operation("sql.answers", verify=lambda *_: None)
WRITES = operation("sql.writes", _writes, writes=True)
HANGS = operation("trace.hangs", _hangs, timeout_seconds=0.05)
REFUSES = operation("sql.refuses", _refuses)
HAS_A_BUG = operation("sql.has_a_bug", _has_a_bug)
LARGE = operation("sql.large", concurrency=10, probe_every_seconds=None)
EVERY = (ANSWERS, WRITES, HANGS, REFUSES, HAS_A_BUG, LARGE)


@dataclass
class House:
    """One exporter's surroundings, which a test may change between reloads."""

    settings: Settings
    catalogue: Catalogue
    baselines: tuple[Baseline, ...] = ()
    raises: Exception | None = None

    @property
    def far(self) -> dict[str, Far]:
        """The far ends by backend."""
        return self.catalogue.far

    @property
    def secret(self) -> str:
        """Stands in the target's URL and must stand nowhere else."""
        return SECRET

    def retarget(self, **sql: Any) -> None:
        """Change the settings of the target `main`."""
        self.settings = settings(self.settings.state_dir, **sql)

    def retarget_api(self, **trace: Any) -> None:
        """Change the settings of the target `api`."""
        changed = self.settings.targets["api"].model_copy(update=trace)
        self.settings = self.settings.model_copy(update={"targets": {**self.settings.targets, "api": changed}})

    def known(self, name: str) -> Operation:
        """One of the operations."""
        return next(operation for operation in self.catalogue.known if operation.name == name)

    def only(self, *names: str) -> None:
        """Leave the catalogue these operations alone."""
        self.catalogue.known = [self.known(name) for name in names]

    def change(self, name: str, **facts: Any) -> None:
        """Change facts of one operation."""
        changed = dataclasses.replace(self.known(name), **facts)
        self.catalogue.known = [changed if each.name == name else each for each in self.catalogue.known]

    def plan(self) -> Plan:
        """Read everything anew, as the exporter's main does."""
        if self.raises:
            raise self.raises
        return plan_module.make(self.settings, self.baselines, self.catalogue)


def settings(state: Path, **sql: Any) -> Settings:
    """One target of each backend; `sql` changes the target of that backend."""
    return Settings(
        state_dir=state,
        targets={
            "main": Target(**{"backend": "sql", "url": f"postgresql://me:{SECRET}@far/db", "allow_writes": True, **sql}),
            "api": Target(backend="trace", url="http://far", allow_writes=True),
        },
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Settings and far ends of one exporter; what hangs is let go at the end."""
    made = House(settings(tmp_path), Catalogue({"sql": Far(), "trace": Far()}, list(EVERY)))
    yield made
    for far in made.far.values():
        far.hang.set()


@pytest.fixture
def exporter(house: House) -> Iterator[Exporter]:
    """An exporter that is open, and whose schedule a test starts or steps."""
    made = Exporter(house.plan)
    made.open()
    yield made
    for far in house.far.values():
        far.hang.set()
    made.close()
