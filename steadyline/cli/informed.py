"""INFO says: watch the trend. Here the trend answers, in the reason of each verdict that asks for it."""

from collections.abc import Iterator
from dataclasses import replace

from alerts.history.changes import FEWEST, changes_of
from alerts.history.series import Series, series_of
from alerts.history.store import History
from steadyline.cli.keeping import run_of
from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import Row
from steadyline.errors import SteadylineError
from steadyline.settings import Settings
from steadyline.severity import Verdict
from steadyline.vocabulary import Driver

_OF_OURS = (Driver.BENCH, Driver.PROBE)
"""A system that was measured in turn with another one has no trend."""


def informed(settings: Settings, results: Results) -> Results:
    """The results, with what the trend says in each INFO's reason; this run is its last point."""
    if results.made.driver not in _OF_OURS or not any(row.verdict is Verdict.INFO for row in results.rows):
        return results
    rows = (
        replace(row, reason=_reason(settings, results, row)) if row.verdict is Verdict.INFO else row for row in results.rows
    )
    return replace(results, rows=tuple(rows))


def told(results: Results) -> Iterator[str]:
    """A line for each INFO, for a table that shows no reasons."""
    if not results.is_comparison:
        for row in results.rows:
            if row.verdict is Verdict.INFO:
                yield f"{row.operation} on {row.target}: INFO, {row.reason}"


def _reason(settings: Settings, results: Results, row: Row) -> str:
    """A history that cannot be read is told of where the run could not be kept in it."""
    command = f"{row.reason}; the trend: steadyline trend {row.operation}"
    try:
        found = _series(settings, results, row)
        return f"{command}: {_words(found)}" if found else command
    except SteadylineError:
        return command


def _series(settings: Settings, results: Results, row: Row) -> Series | None:
    """The one with the last run of the suite runner's on this host."""
    kept = list(
        History(settings).runs(operation=row.operation, target=row.target, driver=Driver.BENCH, host=results.made.host)
    )
    run = run_of(results)
    if run:
        own = tuple(one for one in run.results if (one.operation, one.target) == (row.operation, row.target))
        kept.append(replace(run, results=own))
    return next(reversed(series_of(kept)), None)


def _words(series: Series) -> str:
    runs, changes = len(series.points), changes_of(series)
    if changes:
        return f"{changes[-1].words}, the last change in {runs} runs"
    return f"no change point in {runs} runs" if runs >= FEWEST else f"{runs} of at least {FEWEST} runs"
