"""What some results come to in a line, and why the command ends with its exit code."""

from collections.abc import Iterable

from steadyline.cli.report_page import tones
from steadyline.cli.report_page.tones import Tone
from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import REGRESSION, Row
from steadyline.errors import NoDataError, UnreachableError
from steadyline.severity import Severity

MOST_NAMES = 3
"""Operations that a sentence names."""


def row_tone(row: Row) -> Tone:
    """How a row stands."""
    return tones.tone(row.severity, row.verdict, measured=bool(row.n))


def outcome(results: Results) -> tuple[Tone, str]:
    """The worst there is; what is open is no pass."""
    rows = results.rows
    bad, silent = _bad(rows), counted(len(results.unreachable), "target did not answer", "targets did not answer")
    worst = min((row_tone(row) for row in rows), key=list(Tone).index, default=Tone.GREY)
    if bad or silent:
        return (Tone.CRITICAL if silent else worst), ", ".join([*bad, *([silent] if silent else [])])
    unsettled = sum(row_tone(row) is Tone.UNSURE for row in rows)
    if unsettled:
        return Tone.UNSURE, f"Not settled: {unsettled} of {len(rows)} operations"
    if not rows:
        return Tone.GREY, "Nothing was measured"
    slight = counted(sum(row.severity is Severity.INFO for row in rows), "is a little slower", "are a little slower")
    if slight:
        return Tone.INFO, f"{slight}, within what is tolerated"
    if all(row.verdict is None for row in rows):
        return Tone.GREY, "Measured; no baseline to hold it to yet"
    return Tone.QUIET, "As fast as it was"


def _bad(rows: Iterable[Row]) -> list[str]:
    failing = [row for row in rows if row.failures]
    broken = [row for row in rows if row.broken and not row.failures]
    slower = [
        row for row in rows if row.severity in (Severity.CRITICAL, Severity.WARNING) and not row.failures and not row.broken
    ]
    told = [
        counted(len(failing), "operation fails", "operations fail"),
        counted(len(broken), "breaks its limit", "break their limits"),
        counted(len(slower), "got slower", "got slower"),
    ]
    return [words for words in told if words]


def counted(count: int, one: str, more: str) -> str:
    """`1 operation fails`, `2 operations fail`; nothing of none."""
    return f"{count} {one if count == 1 else more}" if count else ""


def ending(results: Results) -> str:
    """The exit code and its reason in words; empty where an older file does not say them."""
    code, judging = results.exit_code, results.judging
    if code is None:
        return ""
    fail_on = judging.fail_on if judging else Severity.WARNING
    if code == 0:
        why = f"nothing is at {fail_on} or worse, and nothing is open" if results.rows else "nothing was measured"
    elif code == REGRESSION:
        why = f"{_names(row for row in results.rows if row.fails(fail_on))} at {fail_on} or worse (--fail-on)"
    elif code == NoDataError.exit_code:
        why = f"{_names(row for row in results.rows if row.is_open)} not settled or without data, which is no pass"
    elif code == UnreachableError.exit_code:
        why = counted(len(results.unreachable), "target did not answer", "targets did not answer")
    else:
        why = "a signal ended it early"
    return f"Exit code {code}: {why}."


def _names(rows: Iterable[Row]) -> str:
    names = [row.operation for row in rows]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more} {'is' if len(names) == 1 else 'are'}"
