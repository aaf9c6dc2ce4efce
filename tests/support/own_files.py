"""Files with operations of a user's own, good ones and such as have one mistake."""

GOOD = '''
from steadyline.operation import growing, in_run_scope, operation

@operation("sql.own", writes=True, cleanup=in_run_scope)
def own(client, prepared):
    """How long it takes."""

@growing("sql.grown", (1, 10, 100), prepare=lambda client, size: size)
def grown(client, size):
    """How it grows."""
'''
HEAD = "from steadyline.operation import Suite, growing, in_run_scope, operation\n"
LINE = 2
"""Where the decorator of what `one` declares stands."""


def one(facts="", name="sql.own", signature="client, prepared", kind="def"):
    """A file with one operation."""
    return f'{HEAD}@operation("{name}"{facts})\n{kind} own({signature}):\n    """How long it takes."""\n'


def family(sizes="(1, 2, 3)", prepare="lambda client, size: size", facts=""):
    """A file with one family."""
    return f'{HEAD}@growing("sql.own", {sizes}, prepare={prepare}{facts})\ndef own(client, size):\n    """How it grows."""\n'
