"""Operations of the user's own in files that the settings name, and what is said of each mistake."""

import sys

import pytest
from own_files import GOOD, HEAD, LINE, family, one

from alerts.rules import generate as generation
from steadyline import catalogue, settings
from steadyline.errors import ConfigurationError
from steadyline.operation import FACTS
from steadyline.own_operations import NOTHING
from steadyline.target import BACKENDS

CANARY = "hunter2"


def test_a_file_of_the_settings_is_in_the_catalogue(load, tmp_path):
    """Its operations follow those of their backend, families too, and it is known where they are from."""
    load(GOOD)
    own = ["sql.own", "sql.grown_1", "sql.grown_10", "sql.grown_100"]
    assert list(catalogue.operations(["sql"])) == [*catalogue.shipped(["sql"]), *own]
    assert not set(own) & set(catalogue.operations(["trace"]))
    assert catalogue.defined_in(catalogue.named("sql.own")) == str(tmp_path / "own.py")
    assert catalogue.defined_in(catalogue.named("sql.item_read")) == "steadyline.operations.sql.items"


def test_a_family_may_be_kept_in_a_list(load):
    """As one that was sorted or added to is."""
    load(GOOD + "grown = list(grown)\n")
    assert catalogue.named("sql.grown_10").size == 10


def test_settings_without_files_take_them_away(load, tmp_path):
    """The catalogue is that of the settings that were loaded last; before any it is what ships."""
    assert catalogue.operations() == catalogue.shipped()
    load(GOOD)
    (tmp_path / "steadyline.toml").write_text("")
    settings.load({}, tmp_path / "steadyline.toml")
    assert catalogue.operations() == catalogue.shipped()


def test_the_environment_names_files_from_here(tmp_path, monkeypatch):
    """STEADYLINE_OPERATIONS is a search path, relative to the folder one is in, and takes the file's place."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "a.py").write_text(one(name="sql.a"))
    (tmp_path / "b.py").write_text(one(name="sql.b"))
    (tmp_path / "steadyline.toml").write_text('operations = ["nowhere.py"]\n')
    monkeypatch.chdir(here)
    found = settings.load({"STEADYLINE_OPERATIONS": f"a.py:{tmp_path / 'b.py'}:"}, tmp_path / "steadyline.toml")
    assert found.operations == (here / "a.py", tmp_path / "b.py")
    assert catalogue.defined_in(catalogue.named("sql.a")) == "a.py"
    assert catalogue.named("sql.b").name == "sql.b"
    assert settings.load({"STEADYLINE_OPERATIONS": ""}, tmp_path / "steadyline.toml").operations == ()


def test_a_changed_file_is_taken_by_loading_anew(load):
    """Not only when its second or its size changed; and what a broken one refused is taken once it is mended."""
    load(GOOD.replace("it takes", "it was"))
    assert catalogue.named("sql.own").tells == "How long it was."
    load(GOOD.replace("it takes", "it is."))
    assert catalogue.named("sql.own").tells == "How long it is.."
    load("import")
    with pytest.raises(ConfigurationError):
        catalogue.operations()
    load(GOOD)
    assert catalogue.named("sql.own").tells == "How long it takes."


def test_running_a_file_leaves_no_trace(load, tmp_path, capsys):
    """No search path, no compiled file, nothing on standard output, where programs read."""
    before = list(sys.path)
    load(GOOD + "print('noise')")
    catalogue.operations()
    assert sys.path == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.py", "steadyline.toml"]
    assert capsys.readouterr().out == ""


def test_a_file_may_declare_dataclasses_and_use_what_ships(load):
    """Its module can be looked up, as dataclasses want; an operation that it imports is not its own, nor twice."""
    load(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "from steadyline.operations.sql.items import item_read\n" + GOOD + "@dataclass(slots=True)\nclass Row:\n    id: str\n"
    )
    assert catalogue.named("sql.own").tells
    assert catalogue.defined_in(catalogue.named("sql.item_read")) == "steadyline.operations.sql.items"


def test_a_file_named_twice_is_one(load, tmp_path):
    """By two ways to write its path."""
    load(GOOD)
    settings.load({"STEADYLINE_OPERATIONS": f"{tmp_path}/own.py:{tmp_path}/../{tmp_path.name}/own.py"})
    assert catalogue.named("sql.own").tells


def test_generated_files_do_not_know_them(load):
    """What is committed is the same whoever generates it."""
    before = generation.committed_files()
    load(GOOD.replace("sql.own", "sql.mine"))
    assert generation.committed_files() == before


AT = f"{{own}}:{LINE}: operation sql.own: "
SIZES = "{own}:2: operation 'sql.own': give at least 3 whole numbers above 0, ascending, as sizes; got "
CADENCE = "give whole seconds, 2 to 3600, or None"
MISTAKES = {
    "syntax error": ("def own(:\n", "{own}:1: syntax error: invalid syntax"),
    "no Python at all": (b"a = 1\nb = '\xff\xfe'\n", None),
    "raises": ("\nx = {}['missing']\n", "{own}:2: KeyError: 'missing'"),
    "raises below": ("def f():\n    import json\n    json.loads('')\nf()", None),
    "raises what is no error": (
        "class Odd(BaseException): ...\nraise Odd('so')\n",
        "{own}:2: Odd: so",
    ),
    "ends the process": ("import sys\nsys.exit(3)\n", "{own}:2: SystemExit: 3"),
    "raises with a secret": (
        f"raise ValueError('cannot reach postgresql://me:{CANARY}@db/x')",
        "{own}:1: ValueError: cannot reach postgresql://me:***@db/x",
    ),
    "imports what is not there": (
        "import a_neighbour\n",
        "{own}:1: ModuleNotFoundError: No module named 'a_neighbour'; only what is installed can be imported",
    ),
    "raises what cannot be told": (
        "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute\n",
        "{own}:3: Mute",
    ),
    "name twice": (
        one() + one().removeprefix(HEAD).replace("def own", "def other"),
        "{own}:5: operation sql.own: one of this name is in {own}:2; rename one",
    ),
    "name that is no text": (
        one().replace('"sql.own"', "5"),
        '{own}:2: operation: its name is int; give text, as in @operation("sql.item_create")',
    ),
    "parentheses forgotten": (
        one().replace('("sql.own")', ""),
        '{own}:2: operation: its name is function; give text, as in @operation("sql.item_create")',
    ),
    "no operation": ("x = 1\n", "{own}: " + NOTHING),
    "operations of others alone": ("from steadyline.operations.sql.items import item_read\n", "{own}: " + NOTHING),
    "shipped name": (
        one(name="sql.item_read"),
        "{own}:2: operation sql.item_read: Steadyline has one of this name; give yours another",
    ),
    "name without backend": (one(name="own"), "{own}:2: operation 'own': name it backend.name, as in sql.item_create"),
    "unknown backend": (
        one(name="oracle.own"),
        "{own}:2: operation oracle.own: there is no backend oracle; the name's first part is one of " + ", ".join(BACKENDS),
    ),
    "no docstring": (
        HEAD + '@operation("sql.own")\ndef own(client, prepared): ...\n',
        "{own}:2: operation 'sql.own': give the function a docstring that says what its number tells",
    ),
    "missing cleanup": (
        one(", writes=True"),
        AT + "it writes and has no cleanup; give one, or say cleanup=in_run_scope (of steadyline.operation) where all that "
        "it writes lies in the client's run-scoped project",
    ),
    "cleanup without writing": (
        one(", cleanup=lambda client, prepared, result: None"),
        AT + "it has a cleanup, so it writes; say writes=True, or leave the cleanup out",
    ),
    "unknown fact": (
        one(", write=True"),
        "{own}:2: operation 'sql.own': write is no fact of an operation; did you mean writes?",
    ),
    "unknown fact like no other": (
        one(", zzz=True"),
        "{own}:2: operation 'sql.own': zzz is no fact of an operation; there are " + ", ".join(FACTS),
    ),
    "suite as text": (
        one(", suite='stress'"),
        AT + "suite is 'stress'; give Suite.PERFORMANCE, Suite.STRESS, Suite.SCALABILITY",
    ),
    "stress that is probed": (
        one(", suite=Suite.STRESS"),
        AT + "stress operations are not probed; say probe_every_seconds=None",
    ),
    "cadence too short": (one(", probe_every_seconds=1"), AT + "probe_every_seconds is 1; " + CADENCE),
    "cadence between seconds": (one(", probe_every_seconds=7.5"), AT + "probe_every_seconds is 7.5; " + CADENCE),
    "cadence as text": (one(", probe_every_seconds='2'"), AT + "probe_every_seconds is '2'; " + CADENCE),
    "no items": (one(", items=0"), AT + "items is 0; give a whole number, 1 or more"),
    "no budget": (one(", budget_seconds=float('nan')"), AT + "budget_seconds is nan; give seconds, more than 0"),
    "writes as text": (
        one(", writes='no', cleanup=in_run_scope"),
        AT + "writes is 'no'; say True or False",
    ),
    "function of the client alone": (
        one(signature="client"),
        AT + "the function is called with (client, prepared) and does not take that; give it these parameters",
    ),
    "verify of two": (
        one(", verify=lambda client, result: None"),
        AT + "verify is called with (client, prepared, result) and does not take that; give it these parameters",
    ),
    "verify that is none": (one(", verify=True"), AT + "verify is bool; give a function of (client, prepared, result)"),
    "async": (one(kind="async def"), AT + "the function is async, and nothing would await it; write a plain function"),
    "size as text": (one(", size='many'"), AT + "size is 'many'; give a whole number, 0 or more"),
    "prepare that yields": (
        f"{HEAD}def made(client):\n    yield 1\n" + one(", prepare=made").removeprefix(HEAD),
        "{own}:4: operation sql.own: prepare yields, and nothing would run it; write a plain function",
    ),
    "too few sizes": (family("(1, 2)"), SIZES + "(1, 2)"),
    "sizes that are no numbers": (family("'abc'"), SIZES + "abc"),
    "sizes between numbers": (family("(1.5, 2, 3)"), SIZES + "(1.5, 2, 3)"),
    "one size alone": (family("5"), SIZES + "5"),
    "family without cleanup": (
        family(facts=", writes=True, cleanup=None"),
        AT + "it writes and has no cleanup; give one, or say cleanup=in_run_scope (of steadyline.operation) where all that "
        "it writes lies in the client's run-scoped project",
    ),
    "family that is probed": (
        family(facts=", probe_every_seconds=10"),
        AT + "scalability operations are not probed; say probe_every_seconds=None",
    ),
    "prepare of a family without the size": (
        family(prepare="lambda client: 1"),
        AT + "prepare is called with (client, size) and does not take that; give it these parameters",
    ),
    "prepare of a family that is none": (
        family(prepare="None"),
        AT + "prepare is NoneType; give a function of (client, size)",
    ),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_file_is_one_sentence(load, tmp_path, text, message):
    """It names file, line and cure; no secret, no traceback."""
    load(text)
    with pytest.raises(ConfigurationError) as caught:
        catalogue.operations()
    (fault,) = caught.value.faults
    assert CANARY not in fault
    assert fault.startswith(str(tmp_path / "own.py"))
    if message is not None:  # the rest of it is Python's own, which words it differently in each version
        assert fault == message.format(own=tmp_path / "own.py")


def test_a_file_that_is_not_there(tmp_path):
    """Nor one that is a folder."""
    settings.load({"STEADYLINE_OPERATIONS": f"{tmp_path / 'nowhere.py'}:{tmp_path}"})
    with pytest.raises(ConfigurationError) as caught:
        catalogue.operations()
    assert caught.value.faults == [
        f"{tmp_path / 'nowhere.py'}: no such file; the setting operations names it",
        f"{tmp_path}: cannot be read: Is a directory; the setting operations names it",
    ]


def test_one_name_in_two_files(load, tmp_path):
    """Each is named by its file and line."""
    load(one(), one())
    with pytest.raises(ConfigurationError) as caught:
        catalogue.operations()
    own, other = tmp_path / "own.py", tmp_path / "own1.py"
    assert caught.value.faults == [f"{other}:2: operation sql.own: one of this name is in {own}:2; rename one"]


def test_all_mistakes_are_told_at_once(load):
    """Of all files and of all operations in them."""
    load("import", one(", writes=True, items=0"), one(name="sql.other", facts=", bogus=1"))
    with pytest.raises(ConfigurationError) as caught:
        catalogue.operations()
    assert len(caught.value.faults) == 4


def test_who_asks_for_no_operation_runs_no_file(load):
    """The embedded targets and the receiver load the settings too: a broken file does not keep them from starting."""
    load("raise SystemExit")


@pytest.mark.parametrize("said", ["3", "[3]", "{a = 1}"])
def test_a_setting_that_is_no_list(tmp_path, said):
    """The key is named, with an example."""
    file = tmp_path / "steadyline.toml"
    file.write_text(f"operations = {said}\n")
    with pytest.raises(ConfigurationError) as caught:
        settings.load({}, file)
    assert caught.value.faults == [f'{file}: operations: write a list of files, such as ["my_operations.py"]']
