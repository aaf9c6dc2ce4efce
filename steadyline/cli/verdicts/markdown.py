"""A comparison as the comment of a pull request: the outcome as heading, what is not fine worst first, the rest folded."""

from collections.abc import Iterator, Sequence

from steadyline.cli.columns import escaped
from steadyline.cli.columns import markdown as table
from steadyline.cli.report_page.tones import ALARMS, HEADINGS, Tone
from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import Row
from steadyline.cli.verdicts import about, slow_machine
from steadyline.cli.verdicts.outcome import ending, outcome, row_tone
from steadyline.cli.verdicts.table import COLUMNS

_TOLD = ALARMS | {Tone.UNSURE}


def write(results: Results) -> str:
    """All of it."""
    _, heading = outcome(results)
    told = [row for row in results.rows if row_tone(row) in _TOLD]
    fine = [row for row in results.rows if row_tone(row) not in _TOLD]
    parts = [f"### Steadyline: {escaped(heading)}", escaped(ending(results))]
    machine = slow_machine.told(results)
    parts += [f"**{escaped(machine)}.**"] if machine else []
    parts += ["\n".join(table(COLUMNS, told))] if told else []
    parts += [_folded(", ".join(_counts(fine)), table(COLUMNS, fine))] if fine else []
    parts += [_folded("How it was judged", [f"- {escaped(line)}" for line in _beside(results)])]
    return "\n\n".join(part for part in parts if part) + "\n"


def _counts(rows: Sequence[Row]) -> Iterator[str]:
    for heading in HEADINGS:
        count = sum(row_tone(row) in heading.tones for row in rows)
        if count:
            yield f"{count} {heading.words}"


def _folded(summary: str, lines: Sequence[str]) -> str:
    """What a reader opens; GitHub reads Markdown within it only after an empty line."""
    text = "\n".join(lines)
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _beside(results: Results) -> list[str]:
    again = [f"Again: {results.made.command}"] if results.made.command else []
    return [*about.lines(results), *again]
