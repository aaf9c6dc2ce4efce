"""Operations that an installed package offers, and what is said of each mistake."""

import sys

import pytest
from own_files import GOOD, LINE, one

from steadyline import catalogue, own_operations
from steadyline.errors import ConfigurationError


@pytest.fixture
def package(tmp_path, monkeypatch):
    """`package(text, value)` installs a package whose entry point is that value over a module of that text."""
    site = tmp_path / "site"

    def install(text, value="tiny_operations"):
        info = site / "tiny-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{own_operations.GROUP}]\nmine = {value}\n")
        (site / "tiny_operations.py").write_text(text)
        monkeypatch.syspath_prepend(site)
        monkeypatch.delitem(sys.modules, "tiny_operations", raising=False)
        return site

    yield install
    sys.modules.pop("tiny_operations", None)


def test_an_installed_package_offers_operations(package, load):
    """By its entry point alone, beside the files of the settings; only once settings were loaded."""
    package(GOOD)
    assert "sql.own" not in catalogue.operations()
    load(one(name="sql.mine"))
    assert {"sql.own", "sql.grown_10", "sql.mine"} < set(catalogue.operations())
    assert catalogue.defined_in(catalogue.named("sql.own")) == "tiny_operations"


ENTRY = "entry point mine of the package tiny: "
PACKAGE_MISTAKES = {
    "raises": ("1 / 0\n", "tiny_operations", ENTRY + "ZeroDivisionError: division by zero"),
    "not there": (
        GOOD,
        "tiny_operation",
        ENTRY + "ModuleNotFoundError: No module named 'tiny_operation'; only what is installed can be imported",
    ),
    "no module": (
        GOOD,
        "tiny_operations:own",
        ENTRY + "it names tiny_operations:own; name the module alone, tiny_operations",
    ),
    "fault of an operation": (
        one(", items=0"),
        "tiny_operations",
        f"tiny_operations:{LINE}: operation sql.own: items is 0; give a whole number, 1 or more",
    ),
    "shipped name": (
        one(name="sql.item_read"),
        "tiny_operations",
        f"tiny_operations:{LINE}: operation sql.item_read: Steadyline has one of this name; give yours another",
    ),
}


@pytest.mark.parametrize(("text", "value", "message"), PACKAGE_MISTAKES.values(), ids=PACKAGE_MISTAKES)
def test_a_mistake_in_a_package_is_one_sentence(package, load, text, value, message):
    """It names the package and the entry point, or the module and the line."""
    package(text, value)
    load(one(name="sql.mine"))
    with pytest.raises(ConfigurationError) as caught:
        catalogue.operations()
    assert caught.value.faults == [message]


def test_a_name_in_a_package_and_in_a_file(package, load, tmp_path):
    """The file is the one to change."""
    package(GOOD)
    load(one())
    with pytest.raises(ConfigurationError) as caught:
        catalogue.operations()
    assert caught.value.faults == [
        f"{tmp_path / 'own.py'}:2: operation sql.own: one of this name is in tiny_operations:4; rename one"
    ]
