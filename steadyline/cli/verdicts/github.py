"""The verdicts as GitHub's workflow commands: an annotation for each operation that is not fine, and one for the whole."""

from collections.abc import Iterator
from enum import StrEnum

from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import Row
from steadyline.cli.verdicts import words
from steadyline.cli.verdicts.outcome import ending, outcome
from steadyline.severity import Severity, Verdict

TITLE = "steadyline"
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


class Level(StrEnum):
    """GitHub's levels of an annotation."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


def write(results: Results) -> str:
    """One line an annotation, the whole first: GitHub shows ten of a level, so the worst come first."""
    return "".join(f"{line}\n" for line in _lines(results))


def _lines(results: Results) -> Iterator[str]:
    fail_on = results.judging.fail_on if results.judging else Severity.WARNING
    _, told = outcome(results)
    yield command(Level.ERROR if results.exit_code else Level.NOTICE, TITLE, f"{told}. {ending(results)}")
    for sentence in results.judging.forced if results.judging else ():
        yield command(Level.NOTICE, f"{TITLE}: forced", sentence)
    for sentence in results.unreachable:
        yield command(Level.ERROR, f"{TITLE}: no answer", sentence)
    for row in results.rows:
        level = _level(row, fail_on)
        if level is not None:
            yield command(level, f"{row.operation} on {row.target}: {words.verdict(row)}", words.sentence(row))


def _level(row: Row, fail_on: Severity) -> Level | None:
    """Which one a row has; none where there is nothing to say."""
    if row.fails(fail_on):
        return Level.ERROR
    if row.is_open or row.severity in (Severity.CRITICAL, Severity.WARNING):
        return Level.WARNING
    return Level.NOTICE if row.severity is Severity.INFO or row.verdict is Verdict.IMPROVED else None


def command(level: Level, title: str, text: str) -> str:
    """One workflow command; what would end it or begin another is escaped as GitHub's own toolkit does."""
    return f"::{level} title={_escaped(title, _PROPERTY)}::{_escaped(text, _DATA)}"


def _escaped(text: str, characters: dict[str, str]) -> str:
    return "".join(characters.get(one, one) for one in text)
