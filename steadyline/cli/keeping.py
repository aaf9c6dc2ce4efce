"""What a command measured, put into the history: the result is shown in any case, what went wrong here is a warning."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.history.kept import KeptResult, KeptRun, Kind
from alerts.history.store import History
from runner.measured import Measured
from steadyline import catalogue, provenance
from steadyline.cli.measuring import Ran
from steadyline.cli.run_result import Made, Results
from steadyline.cli.run_rows import Row, row
from steadyline.errors import SteadylineError
from steadyline.operation_version import version_of
from steadyline.settings import Settings
from steadyline.vocabulary import Driver


def kept(settings: Settings, results: Results) -> list[str]:
    """Keep what the suite runner measured; what was read elsewhere is no run of ours, and would count twice.

    Returns:
        Why it could not be, one sentence; empty where it was.
    """
    run = run_of(results)
    return keep(settings, run) if run else []


def run_of(results: Results) -> KeptRun | None:
    """What is kept of them; None where they are no run of ours."""
    if results.made.driver != Driver.BENCH or not results.rows:
        return None
    return _run(results.made, results.rows, Kind.COMPARE if results.is_comparison else Kind.RUN)


def kept_record(settings: Settings, ran: Ran, backends: Iterable[str]) -> list[str]:
    """Keep what was measured for a baseline; likewise."""
    versions = {name: version for backend in backends for name, version in provenance.versions(backend).items()}
    return keep(settings, _run(ran.made(versions, ""), [row(measured, None) for measured in ran.measured], Kind.RECORD))


def kept_pair(settings: Settings, made: Made, sides: Mapping[str, tuple[str, Iterable[Measured]]]) -> list[str]:
    """Keep both sides of a comparison in turn, each as a run with the same id; likewise.

    Args:
        settings: whose history.
        made: how.
        sides: `a` and `b`, each with its revision and what was measured of it.
    """
    runs = [
        replace(_run(made, [row(one, None) for one in measured], Kind.AB), side=side, revision=revision)
        for side, (revision, measured) in sides.items()
    ]
    return list(dict.fromkeys(fault for run in runs for fault in keep(settings, run)))


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


def _run(made: Made, rows: Iterable[Row], kind: Kind) -> KeptRun:
    return KeptRun(
        id=made.id or str(uuid.uuid4()),
        kind=kind,
        driver=made.driver,
        started=datetime.fromisoformat(made.started).timestamp(),
        ended=datetime.fromisoformat(made.ended).timestamp(),
        host=made.host,
        revision=made.revision,
        results=tuple(_result(row) for row in rows),
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
        operation_version=version(row.operation),
        p50=row.p50,
        p95=row.p95,
        p99=row.p99,
        failures=row.failures,
        verdict=row.verdict,
        ratio=row.ratio,
    )


def version(name: str) -> str | None:
    """Of an operation; None for the flows and names of a load, which are no operations."""
    found = catalogue.operations().get(name)
    return version_of(found) if found else None
