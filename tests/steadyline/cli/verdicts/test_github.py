import re

import compared
from hypothesis import example, given
from hypothesis import strategies as st

from steadyline.cli.verdicts import github
from steadyline.severity import Severity

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)")

ANY_CHARACTER = st.sampled_from(",:%\r\n;]") | st.characters()
"""Those that mean something to GitHub more often than the others."""


def levels(found):
    """Each line's level and title, without the first, which is of the whole."""
    lines = [COMMAND.fullmatch(line) for line in github.write(found).splitlines()]
    return [(line[1], unescaped(line[2])) for line in lines]


def unescaped(text):
    """As GitHub reads it."""
    for code, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_levels():
    """What fails the command is an error, what is open a warning, what is to be known a notice, and what is fine is silent."""
    whole, *rest = levels(compared.compared(*compared.EVERY))
    assert whole == ("error", "steadyline")
    assert rest == [
        ("error", "sql.failing on main: FAILED"),
        ("error", "sql.critical on main: CRITICAL"),
        ("notice", "sql.slight on main: INFO"),
        ("warning", "sql.suspect on main: SUSPECT"),
        ("warning", "sql.bound on main: INCONCLUSIVE"),
        ("warning", "sql.few on main: NO_DATA"),
        ("notice", "sql.improved on main: IMPROVED"),
    ]


def test_pass():
    """A pass is one notice."""
    assert levels(compared.compared(compared.OK)) == [("notice", "steadyline")]


def test_forced():
    """What is otherwise refused and was forced is a notice."""
    found = compared.compared(compared.OK, judging={"forced": ("--other-host: 1 of 1",)})
    assert levels(found) == [("notice", "steadyline"), ("notice", "steadyline: forced")]


def test_fail_on():
    """What --fail-on lets pass is a warning still."""
    found = compared.compared(compared.run_results.row("sql.x", 1.25), fail_on=Severity.CRITICAL)
    assert levels(found)[1:] == [("warning", "sql.x on main: WARNING")]


@example(title="a,b:c%d\r\ne", text="x::error::y%\r\nz")
@given(title=st.text(ANY_CHARACTER, max_size=30), text=st.text(ANY_CHARACTER, max_size=30))
def test_no_text_is_a_command(title, text):
    """Whatever a text holds it stays one command of one line, and GitHub reads what was written."""
    line = github.command(github.Level.ERROR, title, text)
    found = COMMAND.fullmatch(line)
    assert found
    assert (unescaped(found[2]), unescaped(found[3])) == (title, text)
