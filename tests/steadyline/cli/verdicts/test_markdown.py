import re

import compared
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadyline.cli.columns import escaped
from steadyline.cli.verdicts import markdown


def rows(text):
    """The operations of the tables in it, in their order."""
    return [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| sql.")]


def test_outcome_is_the_heading():
    """One heading says the outcome, the line below it the exit code and why."""
    found = markdown.write(compared.compared(*compared.EVERY))
    first, _, second, *_ = found.splitlines()
    assert first == "### Steadyline: 1 operation fails, 1 got slower"
    assert second == "Exit code 1: sql.failing, sql.critical are at warning or worse (--fail-on)."
    assert len(re.findall("^#", found, re.MULTILINE)) == 1


def test_worst_first_and_the_rest_folded():
    """What is not fine stands open, worst first; what is fine is folded."""
    shown, _, folded = markdown.write(compared.compared(*compared.EVERY)).partition("<details>")
    assert rows(shown) == ["sql.failing", "sql.critical", "sql.slight", "sql.suspect", "sql.bound", "sql.few"]
    assert rows(folded) == ["sql.improved", "sql.ok", "sql.bare"]
    assert "<summary>1 much faster, 1 as the baseline, 1 without a baseline</summary>" in folded


def test_says_how_it_was_judged():
    """The rate of false alarms and over what it holds, what was measured again, and what repeats it, are folded below."""
    found = markdown.write(compared.compared(compared.OK, judging={"again": 1}))
    assert "at most 1% of such comparisons alarm: over 1 operation, at each of which it looks up to 26 times." in found
    assert "1 operation was measured again" in found
    assert "Again: steadyline run --rounds 5 --seed 7" in found


@pytest.mark.parametrize("text", ["a|b", "<img src=x>", "a\nb", "`x`", "[x](y)", "**x**", "</details>"])
def test_markup_is_no_markup(text):
    """A name that is markup makes no column, no line, no tag."""
    found = compared.named(compared.compared(compared.CRITICAL), operation=text)
    line = next(line for line in markdown.write(found).splitlines() if "CRITICAL" in line)
    assert len(re.findall(r"(?<!\\)\|", line)) == len(markdown.COLUMNS) + 1
    assert escaped(text) in line


@given(text=st.text(st.sampled_from("|\\`<\n") | st.characters(), max_size=30))
def test_every_table_keeps_its_columns(text):
    """Whatever a cause holds."""
    found = compared.named(compared.compared(compared.FAILING), operation=f"sql.{text}", detail=text)
    (line,) = (line for line in markdown.write(found).splitlines() if line.startswith("| sql."))
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == len(markdown.COLUMNS) + 1
