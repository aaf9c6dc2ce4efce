"""Operation files of the user's own: what cannot be run, what is no operation, what an operation cannot be."""

import pytest
from bad_input import Case, Place, check
from own_files import HEAD, family, one

AT = "own.py:2: operation sql.own: "
EMPTY = "own.py: there is no operation in it; decorate a function with @operation(...), of steadyline.operation"
CADENCE = "give whole seconds, 2 to 3600, or None"
NAMED = "name it backend.name, as in sql.item_create"
DOC = "own.py:2: operation 'sql.own': give the function a docstring that says what its number tells"
IMPORT = "only what is installed can be imported"


def own(text, says, name="own.py"):
    """A file that the settings name, and what is said of it."""
    return Case(says, files={"own.py": text, "steadyline.toml": f'operations = ["{name}"]\n'})


RUNNING = {
    "missing": own("", "nowhere.py: no such file; the setting operations names it", "nowhere.py"),
    "a folder": own("", ".: cannot be read: Is a directory; the setting operations names it", "."),
    "without end": own("", "/dev/zero: is larger than 64 MiB; name another file", "/dev/zero"),
    "empty": own("", EMPTY),
    "no operation": own("x = 1\n", EMPTY),
    "syntax": own("def own(:\n", "own.py:1: syntax error: invalid syntax"),
    "tabs and blanks": own(
        "if 1:\n\tx = 1\n        y = 2\n", "own.py:3: syntax error: inconsistent use of tabs and spaces in indentation"
    ),
    "parentheses too deep": own("(" * 5000 + ")" * 5000, "own.py:1: syntax error: too many nested parentheses"),
    "sum too long": own("x = " + " + ".join(["1"] * 50_000), "own.py: not Python: nested too deeply"),
    "import of nothing": own("import nowhere\n", f"own.py:1: ModuleNotFoundError: No module named 'nowhere'; {IMPORT}"),
    "import of a neighbour": own("import own\n", f"own.py:1: ModuleNotFoundError: No module named 'own'; {IMPORT}"),
    "import of no such name": own(
        "from sys import Nothing\n",
        "own.py:1: ImportError: cannot import name 'Nothing' from 'sys' (unknown location)",
    ),
    "exception": own("\n1 / 0\n", "own.py:2: ZeroDivisionError: division by zero"),
    "exception below": own("def f():\n    g()\n\ndef g():\n    {}['x']\n\nf()\n", "own.py:5: KeyError: 'x'"),
    "exception of many": own(
        "raise ExceptionGroup('two', [ValueError(), ValueError()])\n", "own.py:1: ExceptionGroup: two (2 sub-exceptions)"
    ),
    "exception of lines": own(r"raise ValueError('a\nb\x1b[31m')", "own.py:1: ValueError: a b\N{REPLACEMENT CHARACTER}[31m"),
    "exception of a book": own("raise ValueError('word ' * 200_000)\n", f"own.py:1: ValueError: {'word ' * 99}word…"),
    "exception with a secret": own("raise ValueError('sqlite://me:hush@h')\n", "own.py:1: ValueError: sqlite://me:***@h"),
    "exception that says nothing": own("raise GeneratorExit\n", "own.py:1: GeneratorExit"),
    "end of the process": own("import sys\nsys.exit(0)\n", "own.py:2: SystemExit: 0"),
    "recursion without end": own("def f(): f()\nf()\n", "own.py:1: RecursionError: maximum recursion depth exceeded"),
    "more than there is memory": own("x = 'a' * (1 << 60)\n", "own.py:1: MemoryError"),
}
DECLARED = {
    "shipped name": own(
        one(name="sql.item_read"), "own.py:2: operation sql.item_read: Steadyline has one of this name; give yours another"
    ),
    "name twice": own(
        one() + one().removeprefix(HEAD).replace("def own", "def other"),
        "own.py:5: operation sql.own: one of this name is in own.py:2; rename one",
    ),
    "name without backend": own(one(name="own"), f"own.py:2: operation 'own': {NAMED}"),
    "name of three parts": own(one(name="sql.a.b"), f"own.py:2: operation 'sql.a.b': {NAMED}"),
    "name of two words": own(one(name="sql.a b"), f"own.py:2: operation 'sql.a b': {NAMED}"),
    "name empty": own(one(name=""), f"own.py:2: operation '': {NAMED}"),
    "name that a terminal obeys": own(one(name="sql.a\\x1b"), f"own.py:2: operation 'sql.a\\x1b': {NAMED}"),
    "name too long": own(
        one(name="sql." + "x" * 200), f"own.py:2: operation 'sql.{'x' * 96}'…: name it with 100 characters at most"
    ),
    "name no text": own(
        one().replace('"sql.own"', "5"), 'own.py:2: operation: its name is int; give text, as in @operation("sql.item_create")'
    ),
    "parentheses forgotten": own(
        one().replace('("sql.own")', ""),
        'own.py:2: operation: its name is function; give text, as in @operation("sql.item_create")',
    ),
    "unknown fact": own(
        one(", write=True"), "own.py:2: operation 'sql.own': write is no fact of an operation; did you mean writes?"
    ),
    "no docstring": own(f'{HEAD}@operation("sql.own")\ndef own(client, prepared): ...\n', DOC),
    "docstring of blanks": own(f'{HEAD}@operation("sql.own")\ndef own(client, prepared):\n    """  """\n', DOC),
    "lambda": own(f'{HEAD}own = operation("sql.own")(lambda client, prepared: 1)\n', DOC),
    "class": own(
        f'{HEAD}@operation("sql.own")\nclass Own:\n    """How long."""\n',
        "own.py: operation sql.own: the function is called with (client, prepared) and does not take that; "
        "give it these parameters",
    ),
}
FACTS = {
    "signature": own(
        one(signature="client"),
        f"{AT}the function is called with (client, prepared) and does not take that; give it these parameters",
    ),
    "signature of three": own(
        one(signature="client, prepared, more"),
        f"{AT}the function is called with (client, prepared) and does not take that; give it these parameters",
    ),
    "generator": own(
        one().replace('"""How long it takes."""', '"""How long."""\n    yield'),
        f"{AT}the function yields, and nothing would run it; write a plain function",
    ),
    "async": own(one(kind="async def"), f"{AT}the function is async, and nothing would await it; write a plain function"),
    "prepare no function": own(one(", prepare=5"), f"{AT}prepare is int; give a function of (client)"),
    "verify of one": own(
        one(", verify=lambda client: None"),
        f"{AT}verify is called with (client, prepared, result) and does not take that; give it these parameters",
    ),
    "cadence too short": own(one(", probe_every_seconds=1"), f"{AT}probe_every_seconds is 1; {CADENCE}"),
    "cadence of a day": own(one(", probe_every_seconds=86400"), f"{AT}probe_every_seconds is 86400; {CADENCE}"),
    "cadence negative": own(one(", probe_every_seconds=-2"), f"{AT}probe_every_seconds is -2; {CADENCE}"),
    "cadence no number": own(one(", probe_every_seconds=float('nan')"), f"{AT}probe_every_seconds is nan; {CADENCE}"),
    "cadence infinite": own(one(", probe_every_seconds=float('inf')"), f"{AT}probe_every_seconds is inf; {CADENCE}"),
    "cadence a text": own(one(", probe_every_seconds='2'"), f"{AT}probe_every_seconds is '2'; {CADENCE}"),
    "items a truth": own(one(", items=True"), f"{AT}items is True; give a whole number, 1 or more"),
    "budget zero": own(one(", budget_seconds=0"), f"{AT}budget_seconds is 0; give seconds, more than 0"),
    "time limit a text": own(one(", timeout_seconds='5s'"), f"{AT}timeout_seconds is '5s'; give seconds, more than 0"),
    "suite a text": own(
        one(", suite='stress'"), f"{AT}suite is 'stress'; give Suite.PERFORMANCE, Suite.STRESS, Suite.SCALABILITY"
    ),
    "cleanup of a reader": own(
        one(", cleanup=in_run_scope"), f"{AT}it has a cleanup, so it writes; say writes=True, or leave the cleanup out"
    ),
    "sizes too few": own(
        family("(1, 2)"),
        "own.py:2: operation 'sql.own': give at least 3 whole numbers above 0, ascending, as sizes; got (1, 2)",
    ),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{subject}: {name}")
        for subject, cases in {"running": RUNNING, "declared": DECLARED, "facts": FACTS}.items()
        for name, case in cases.items()
    ],
)
def test_refused(place: Place, case: Case) -> None:
    """File and line are named, and what to do."""
    check(place, case, "operations")


@pytest.mark.parametrize("command", [("probe", "sql.own"), ("run",), ("baseline", "list"), ("compare",)], ids=" ".join)
def test_every_command_tells_it(place: Place, command: tuple[str, ...]) -> None:
    """Whoever needs the operations says what is wrong with their file."""
    check(place, own("1 / 0\n", "own.py:1: ZeroDivisionError: division by zero"), *command)


def test_a_stand_in_is_no_operation_and_no_harm(place: Place) -> None:
    """As Flask's `request`, which raises where it is asked for its class outside of a request."""
    stand_in = "class StandIn:\n    @property\n    def __class__(self): raise RuntimeError\n\nrequest = StandIn()\n"
    place.lay({"own.py": stand_in + one(), "steadyline.toml": 'operations = ["own.py"]\n'})
    assert "sql.own" in place.run("operations", "sql.own", "--json").out
