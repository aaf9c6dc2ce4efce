"""The report as Markdown: the verdict before all else, the worst rows before the rest, and names that are no markup."""

import load_results
import pytest
import run_results
from run_results import GROWTH, row
from typer.testing import CliRunner

from steadyline.cli.columns import escaped
from steadyline.cli.main import build


@pytest.fixture
def shown(tmp_path):
    """`shown(file)` is the Markdown of a result's file, its lines that are not empty."""

    def show(file):
        environment = {"STEADYLINE_STATE_DIR": str(tmp_path / "state")}
        done = CliRunner().invoke(build(["report"]), ["report", str(file), "--markdown"], env=environment)
        assert done.exit_code == 0, done.output
        return [line for line in done.output.splitlines() if line]

    return show


@pytest.fixture
def run(tmp_path, shown):
    """`run(*rows, **facts)` is that of a run with these results."""

    def show(*rows, **facts):
        file = tmp_path / "run.json"
        file.write_text(run_results.text(*rows, **facts))
        return shown(file)

    return show


def operations(lines):
    """Those of the tables, in order."""
    return [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| sql.")]


def test_the_verdict_is_first(run):
    """In the page's words; then which run it was, what is wrong, and below it growth, failures and what was not judged."""
    lines = run(
        row(),
        row("sql.y", 1.6),
        row("sql.z", failures=2, detail="refused"),
        row("sql.few", means=(0.1,)),
        row("sql.bare", baseline=None),
        growth=[GROWTH],
        unreachable=["s3: refused"],
    )
    assert lines[0] == "### Steadyline: 1 operation fails, 1 got slower, 1 target did not answer"
    assert lines[1].startswith("Run of 2026-11-20T10:00:00+00:00, 5 rounds")
    assert lines[2].startswith("| operation | target |")
    assert operations(lines) == ["sql.z", "sql.y", "sql.few", "sql.x", "sql.bare"]
    below = lines[lines.index(next(line for line in lines if line.startswith("- "))) :]
    assert [line.partition(":")[0].partition(" ▁")[0] for line in below] == [
        "- sql.scale_made_up",
        "- sql.z on main",
        "- no answer",
        "- not judged",
        "- no baseline",
    ]


def test_what_is_fine_is_folded_where_it_is_long(run):
    """What alarms and what is open is above it; what is folded is counted."""
    many = [row(f"sql.x{number}") for number in range(12)]
    lines = run(*many, row("sql.bare", baseline=None), row("sql.y", 1.6), row("sql.few", means=(0.1,)))
    fold = lines.index("<details><summary>12 as the baseline, 1 without a baseline</summary>")
    assert operations(lines[:fold]) == ["sql.y", "sql.few"]
    assert operations(lines[fold:]) == [*(f"sql.x{number}" for number in range(12)), "sql.bare"]
    assert lines[fold + 1].startswith("| operation |")
    assert "</details>" in lines[fold:]
    assert "<details>" not in "".join(run(row(), row("sql.y", 1.6)))


def test_nothing_measured_is_a_verdict_too(run):
    """And no empty table."""
    assert run()[0] == "### Steadyline: Nothing was measured"
    assert not any(line.startswith("|") for line in run())


def test_a_load_run(tmp_path, shown):
    """Its verdict is the page's, and first; what the gate says in numbers stands with the run."""
    lines = shown(load_results.written(tmp_path / "run.json", exit_code=1, reasons=["broken: trace.item_read p95 < 15ms"]))
    assert lines[0] == "### Steadyline: It did not keep up"
    assert lines[1].startswith("Run run1: profile low")
    assert lines[1].endswith("exit code 1")
    assert lines[2].startswith("| operation |")
    assert lines[-1] == "- broken: trace.item_read p95 < 15ms"


EVIL = "a|b`c`<script>alert(1)</script>*d*[e](http://x) _f_ item_read &lt; < 5\n# g"


def test_names_are_no_markup(run):
    """Each cell stays a cell and each line a line, and nothing in them is a tag, code, a link or emphasis."""
    lines = run(
        row(EVIL, 1.6, alias=EVIL, failures=1, detail=EVIL),
        growth=[{**GROWTH, "family": EVIL}],
        unreachable=[EVIL],
        run={**run_results.MADE, "host": EVIL, "revision": EVIL},
    )
    header, rule, only = (line for line in lines if line.startswith("|"))
    told = escaped(EVIL)
    assert only.startswith(f"| {told} | {told} | ")
    assert only.replace(r"\|", "").count("|") == header.count("|") == rule.count("|")
    text = "\n".join(lines)
    assert text.count(told) == 9
    assert EVIL.split("\n", maxsplit=1)[0] not in text
    assert not any(line.startswith("# g") for line in lines)
    assert told == (r"a\|b\`c\`\<script>alert(1)\</script>\*d\*\[e\](http://x) \_f\_ item_read \&lt; < 5 # g")
