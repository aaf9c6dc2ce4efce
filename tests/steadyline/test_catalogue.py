import subprocess
import sys
from types import ModuleType

import pytest

from steadyline import catalogue
from steadyline.backend import BackendModules
from steadyline.errors import ConfigurationError
from steadyline.operation import DEAR_SECONDS, SINGLE_SECONDS, Operation, Suite, growing, operation
from steadyline.target import BACKENDS

OPERATIONS = catalogue.operations()


def test_backends():
    """Settings and catalogue know the same backends, and each says its own name."""
    assert set(BACKENDS) == set(catalogue.MODULES)
    assert [catalogue.backend(name).name for name in BACKENDS] == list(BACKENDS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_is_whole(name):
    """Every operation belongs to its backend, tells what its number means, is verified, and fits its limits."""
    found = OPERATIONS[name]
    assert (found.name, found.backend in BACKENDS) == (name, True)
    assert found.tells.endswith(".")
    assert len(found.tells) > 40
    assert found.verify is not None
    assert found.probe_every_seconds in (None, SINGLE_SECONDS, DEAR_SECONDS)
    assert 0 < found.timeout_seconds <= found.budget_seconds
    assert found.cleanup is None or found.writes
    assert (found.suite is Suite.SCALABILITY) == (found.size > 0)
    assert found.suite is Suite.PERFORMANCE or found.probe_every_seconds is None


def test_chosen_backends():
    """Only the backends that are asked for are looked into."""
    assert {found.backend for found in catalogue.operations(["sql"]).values()} == {"sql"}
    assert catalogue.operations([]) == {}


def test_nothing_is_imported_unasked():
    """Importing the catalogue imports no backend and none of its libraries: an exporter without SQL stays small."""
    question = "import sys, steadyline.catalogue; print([m for m in ('sqlalchemy', 'psycopg', 'httpx') if m in sys.modules])"
    asked = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, timeout=60)
    assert asked.stdout.strip() == "[]"


def test_listing_imports_no_sdk():
    """Who only lists what there is waits for no SDK: neither the operations nor the backends import one."""
    question = (
        "import sys; from steadyline import catalogue as of; of.operations(); [*map(of.backend, of.backends())];"
        "print([m for m in ('vastdb', 'pyarrow', 'ibis', 'boto3', 'botocore', 'urllib3', 'requests') if m in sys.modules])"
    )
    asked = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, timeout=60)
    assert asked.stdout.strip() == "[]"


def test_named():
    """An operation is found by its full name."""
    assert catalogue.named("sql.item_create") is OPERATIONS["sql.item_create"]


@pytest.mark.parametrize("name", ["item_create", "sql.item_creat", "sql.itm_create", "sqlitem_create", "sql.create"])
def test_named_wrongly(name):
    """A wrong name is refused with the nearest ones, on one line."""
    with pytest.raises(ConfigurationError, match=r"sql\.item_create") as caught:
        catalogue.named(name)
    assert repr(name) in str(caught.value)
    assert len(caught.value.faults) == 1


def test_named_like_nothing():
    """A name that resembles nothing is refused with some that there are."""
    with pytest.raises(ConfigurationError, match=r"sql\."):
        catalogue.named("zzz[")


def test_same_name_twice(monkeypatch):
    """Two operations of one name are refused; one that a module imports from another is not twice."""
    one, same = (Operation("sql.twice", "One thing.", lambda *_: None) for _ in range(2))
    for name, found in {"first": one, "imports": one, "second": same}.items():
        module = ModuleType(name)
        module.__dict__["found"] = found
        monkeypatch.setitem(sys.modules, f"catalogue_{name}", module)
    monkeypatch.setitem(catalogue.MODULES, "sql", BackendModules("", ("catalogue_first", "catalogue_imports")))
    assert list(catalogue.operations(["sql"])) == ["sql.twice"]
    monkeypatch.setitem(catalogue.MODULES, "sql", BackendModules("", ("catalogue_first", "catalogue_second")))
    with pytest.raises(ConfigurationError, match=r"sql\.twice"):
        catalogue.operations(["sql"])


def test_family_in_a_tuple(monkeypatch):
    """A family's operations are found though their module holds them together."""
    module = ModuleType("grown")
    module.__dict__["insert"] = growing("sql.grown", (1, 10, 100), prepare=lambda _client, size: size)(one_thing)
    monkeypatch.setitem(sys.modules, "catalogue_grown", module)
    monkeypatch.setitem(catalogue.MODULES, "sql", BackendModules("", ("catalogue_grown",)))
    assert list(catalogue.operations(["sql"])) == ["sql.grown_1", "sql.grown_10", "sql.grown_100"]


def one_thing(_client, prepared):
    """What one thing tells."""
    return prepared


def test_growing():
    """A family has one operation for each size: never probed, of the suite scalability, and prepared at its size."""
    found = growing(
        "sql.grown", (1, 10, 100), prepare=lambda client, size: (client, size), items=lambda size: 2 * size, writes=True
    )(one_thing)
    assert [(one.size, one.items, one.writes, one.family) for one in found] == [
        (1, 2, True, "sql.grown"),
        (10, 20, True, "sql.grown"),
        (100, 200, True, "sql.grown"),
    ]
    assert {(one.suite, one.probe_every_seconds) for one in found} == {(Suite.SCALABILITY, None)}
    assert [one.prepare("client") for one in found] == [("client", 1), ("client", 10), ("client", 100)]


@pytest.mark.parametrize("sizes", [(), (1, 10), (1, 10, 10), (10, 1, 100), (0, 1, 2)])
def test_growing_wants_sizes(sizes):
    """Fewer than three sizes show no growth, and sizes are ascending."""
    with pytest.raises(ConfigurationError, match=r"sql\.grown.*at least 3 whole numbers"):
        growing("sql.grown", sizes, prepare=lambda _client, size: size)


@pytest.mark.parametrize("name", ["item_create", "sql.", ".item", "a.b.c", "sql.item-create", ""])
def test_operation_without_a_proper_name(name):
    """An operation is named backend.name; anything else is refused when it is declared."""
    with pytest.raises(ConfigurationError, match=r"backend\.name"):
        operation(name)(test_named)


def test_operation_without_a_docstring():
    """An operation says what its number tells, or is refused."""
    with pytest.raises(ConfigurationError, match="docstring"):
        operation("sql.silent")(lambda *_: None)


def test_docstring_becomes_what_it_tells():
    """The docstring becomes one line, and the facts are kept."""

    @operation("sql.spoken", items=3)
    def spoken(_client, _prepared):
        """What it tells,
        over two lines.
        """

    assert (spoken.tells, spoken.items, spoken.backend) == ("What it tells, over two lines.", 3, "sql")
