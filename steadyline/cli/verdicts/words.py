"""What each format says of one row, in the same words."""

from steadyline.cli import cells
from steadyline.cli.run_rows import Row
from steadyline.printable import printable


def verdict(row: Row) -> str:
    """One word: of the table of verdicts, or FAILED."""
    if row.failures:
        return "FAILED"
    if row.broken:
        return "CRITICAL"
    return row.verdict.value if row.verdict else row.unjudged


def reason(row: Row) -> str:
    """Why it is that: failures and broken limits first, then what the limits of R say."""
    failed = sum(row.failures.values())
    told = [f"{failed} of {row.n + failed} failed: {row.detail or row.state}"] if failed else []
    return printable("; ".join([*told, *row.broken, *([row.reason] if row.reason else [])]))


def runs(row: Row) -> str:
    """M of now beside k of the baseline: `6 / 10`; a sourced number has no runs of its own."""
    return f"{len(row.run_means)} / {row.baseline_runs or cells.NOTHING}"


def limits(row: Row) -> str:
    """`1.21 to 1.44`: between these it lies, each of them at the level that grades."""
    if row.lower90 is None or row.upper90 is None:
        return cells.NOTHING
    return f"{row.lower90:.2f} to {row.upper90:.2f}"


def sentence(row: Row) -> str:
    """All of a row in a line, for a format that has no columns."""
    times = f"{cells.seconds(row.mean)} instead of {cells.toleranced(row.baseline, row.tolerance)}" if row.baseline else ""
    ratio = f"ratio {row.ratio:.2f}, surely above {cells.factor(row.lower99)}, 90 % limits {limits(row)}" if row.ratio else ""
    counts = f"{row.n} attempts, runs {runs(row)}"
    return "; ".join(part for part in (f"{verdict(row)}: {reason(row)}", times, ratio, counts) if part)
