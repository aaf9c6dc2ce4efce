"""A load run, put into the history as the suite runner's are: its windows are its runs."""

from alerts.history.kept import KeptResult, KeptRun, Kind
from steadyline.baseline import ANY
from steadyline.cli import keeping
from steadyline.cli.load_result import Result
from steadyline.cli.load_rows import Judged, LoadRow
from steadyline.settings import Settings
from steadyline.vocabulary import Driver


def kept(settings: Settings, result: Result, judged: Judged, *, interrupted: bool) -> list[str]:
    """Keep it.

    Returns:
        Why it could not be, one sentence; empty where it was.
    """
    run = KeptRun(
        id=result.run,
        kind=Kind.LOAD,
        driver=Driver.LOAD,
        started=result.start,
        ended=result.end,
        host=result.host,
        revision=result.revision,
        results=tuple(_result(row, result) for row in judged.rows),
        profile=result.profile or ANY,
        load=result.load,
        versions=result.versions,
        interrupted=interrupted,
    )
    return keeping.keep(settings, run)


def _result(row: LoadRow, result: Result) -> KeptResult:
    """Where the shape holds several levels of load there are no windows that others could be held to."""
    windows = result.windows_of(row.operation, row.target) if result.has_one_level else ()
    return KeptResult(
        operation=row.operation,
        target=row.target,
        n=row.attempts - sum(row.failures.values()),
        run_means=tuple(mean for mean, _ in windows),
        operation_version=keeping.version(row.operation),
        p50=row.p50,
        p95=row.p95,
        p99=row.p99,
        failures=row.failures,
        verdict=row.verdict,
        ratio=row.ratio,
    )
