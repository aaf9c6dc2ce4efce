from dataclasses import replace

import compared
import pytest
from rich.console import Console

from steadyline.cli.verdicts import junit, markdown, text, words


def drawn(found, width=200):
    """As a terminal of that width has it."""
    out = Console(width=width, color_system=None)
    with out.capture() as captured:
        text.draw(found, out)
    return captured.get()


def test_each_line_says_all():
    """Verdict, ratio, the limits, attempts, runs of both sides and the reason stand in each operation's line."""
    (line,) = (one for one in drawn(compared.compared(compared.CRITICAL)).splitlines() if one.startswith("sql.critical"))
    cells = [cell for cell in line.split("  ") if cell]
    assert [cell.strip() for cell in cells] == [
        *("sql.critical", "main", "CRITICAL", "1.61", "1.53", "1.57 to 1.64", "161 ms", "100 ms ±10%", "100", "5 / -"),
        "surely above 1.15 (from 1.53), and above 1.30 (from 1.57)",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_narrow(width):
    """A narrow terminal shows fewer columns and folds the reason, and no line is wider than it."""
    shown = drawn(compared.compared(*compared.EVERY), width)
    table = [line for line in shown.splitlines() if line.startswith("sql.")]
    assert len(table) == len(compared.EVERY)
    assert all(len(line) <= width for line in table)


def test_order():
    """By badness: what fails, what is slow, what is open, what is stale, what is fine, what has no baseline."""
    shown = [line.split()[0] for line in drawn(compared.compared(*compared.EVERY)).splitlines() if line.startswith("sql.")]
    assert shown == [
        *("sql.failing", "sql.critical", "sql.slight", "sql.suspect", "sql.bound", "sql.few"),
        *("sql.improved", "sql.ok", "sql.bare"),
    ]


def test_within_a_verdict_by_the_lower_limit():
    """Of two of one verdict the one that is surely slower comes first, though the other's ratio is higher."""
    noisy = compared.run_results.row("sql.noisy", 1.0, means=(0.2, 0.26, 0.3, 0.24, 0.32))
    sure = compared.run_results.row("sql.sure", 2.4)
    first, second = compared.compared(noisy, sure).rows
    assert (first.operation, second.operation) == ("sql.sure", "sql.noisy")
    assert first.verdict == second.verdict
    assert second.ratio > first.ratio


def test_what_stayed_open_and_why():
    """The bound that was reached is named for each: of runs, or of time."""
    shown = drawn(compared.compared(compared.SUSPECT, compared.OPEN_AT_THE_BOUND, judging={"again": 2}))
    assert "2 operations were measured again to settle the verdict.\n" in shown
    assert "Open after 30 runs, the most there are: sql.bound on main (30 runs).\n" in shown
    assert "Open when the 60 s for further runs were over: sql.suspect on main (5 runs).\n" in shown


def test_more_rounds_than_the_bound():
    """Where more were asked for than further ones are made, that is the bound."""
    found = compared.compared(compared.OPEN_AT_THE_BOUND)
    shown = drawn(replace(found, made=replace(found.made, rounds=42)))
    assert "Open after the 42 rounds that were asked for: sql.bound on main (30 runs)." in shown


def test_a_revision_is_named_once():
    """A revision that is what it was held to is not named twice."""
    against = {"against": "the runs of revision abcdefabcdef (HEAD) in the history", "against_revisions": ("abcdefabcdef",)}
    assert "Held to the runs of revision abcdefabcdef (HEAD) in the history. " in drawn(
        compared.compared(compared.OK, judging=against)
    )


def test_live_measures_nothing_again():
    """Where nothing could be measured again, none of it is said."""
    shown = drawn(compared.compared(compared.SUSPECT, judging={"seconds_more": None}))
    assert "measured again" not in shown
    assert "each looked at once" in shown


def test_forced():
    """What is otherwise refused stands before all else that is said."""
    shown = drawn(
        compared.compared(compared.OK, judging={"forced": ("--other-host: 1 of 1 …",), "against_hosts": ("PDP-11",)})
    )
    assert "\nForced: --other-host: 1 of 1 ….\n" in shown
    assert "on another host (PDP-11)" in shown


def test_notes():
    """What else is to be known of how it was judged stands beside what it was held to."""
    assert "\nNobody knows.\n" in drawn(compared.compared(compared.OK, judging={"notes": ("Nobody knows",)}))


def test_text_of_a_file():
    """No name, reason or host begins a line or holds what a terminal obeys; nor does it in Markdown or XML."""
    evil = "\x1b[31mx\n::error::y"
    found = compared.named(compared.compared(compared.OK, judging={"against_hosts": (evil,)}), reason=evil, target=evil)
    for shown in (drawn(found), markdown.write(found), junit.write(found)):
        assert "\x1b" not in shown
        assert "::error::y" in shown
        assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


def test_refused_row():
    """A line that was refused says why, and that nothing can be said."""
    row = compared.named(compared.compared(compared.FEW), n=0, run_means=(), reason="recorded on another host").rows[0]
    assert (words.verdict(row), words.reason(row)) == ("NO_DATA", "recorded on another host")
    assert row.is_open
