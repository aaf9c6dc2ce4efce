"""What a command measured, put into the history: the result is shown in any case, what went wrong here is a warning."""

import uuid
from datetime import datetime

from alerts.history.kept import KeptResult, KeptRun, Kind
from alerts.history.store import History
from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import Row
from steadyline.errors import SteadylineError
from steadyline.settings import Settings
from steadyline.vocabulary import Driver


def kept(settings: Settings, results: Results) -> list[str]:
    """Keep what the suite runner measured; what was read elsewhere is no run of ours, and would count twice.

    Returns:
        Why it could not be, one sentence; empty where it was.
    """
    if results.made.driver != Driver.BENCH or not results.rows:
        return []
    return keep(settings, _run(results))


def keep(settings: Settings, run: KeptRun) -> list[str]:
    """Keep a run.

    Returns:
        Why it could not be, one sentence; empty where it was.
    """
    try:
        History(settings).keep(run)
    except SteadylineError as error:
        return [f"not kept: {error}"]
    return []


def _run(results: Results) -> KeptRun:
    made = results.made
    is_compared = results.judging is not None and bool(results.judging.against)
    return KeptRun(
        id=made.id or str(uuid.uuid4()),
        kind=Kind.COMPARE if is_compared else Kind.RUN,
        driver=made.driver,
        started=datetime.fromisoformat(made.started).timestamp(),
        ended=datetime.fromisoformat(made.ended).timestamp(),
        host=made.host,
        revision=made.revision,
        results=tuple(_result(row) for row in results.rows),
        versions=made.versions,
        seed=made.seed,
        interrupted=made.interrupted,
    )


def _result(row: Row) -> KeptResult:
    return KeptResult(
        operation=row.operation,
        target=row.target,
        n=row.n,
        run_means=row.run_means,
        p50=row.p50,
        p95=row.p95,
        p99=row.p99,
        failures=row.failures,
        verdict=row.verdict,
        ratio=row.ratio,
    )
