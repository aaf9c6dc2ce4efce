"""`steadyline baseline import`: pytest-benchmark's files as baselines of the runner's driver."""

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from alerts.record import bench, pytest_benchmark
from alerts.record.baseline import Circumstances, tolerance
from alerts.record.pytest_benchmark import Benched, Key, Session
from runner.measured import quantile
from steadyline import catalogue, provenance
from steadyline import settings as settings_module
from steadyline.baseline import Baseline
from steadyline.baselines import default_tolerance, load_sourced
from steadyline.cli.baseline_bench import QUANTILES, counted, print_new
from steadyline.cli.baseline_place import place
from steadyline.cli.baseline_screen import tell
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.operation_version import version_of
from steadyline.settings import EMBEDDED
from steadyline.vocabulary import Driver


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="pytest --benchmark-json=FILE; each is one run.")],
    name: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="TEST=OPERATION", help="What a benchmark measures that does not say it; several."),
    ] = None,
    target: Annotated[str, typer.Option("--target", help="Of what does not say it.")] = EMBEDDED,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a file to be reviewed, which judges nothing until it is promoted."),
    ] = None,
) -> None:
    """Take baselines from pytest-benchmark's JSON: each file is one run of the judgement, so give five or more.

    An operation is known by `extra_info["operation"]`, as the tests of tests/performance have it, else by --map or by a
    benchmark that is named as the operation. The calls of one file are not cut into several runs: they come from one process
    and spread less than runs do, which would make a gate that cries wolf.
    """
    settings = settings_module.load(os.environ)
    kept = place(settings, out)
    sessions = [pytest_benchmark.read(path, _operation_of(_mapped(name or ())), target) for path in files]
    if faults := list(_twice(sessions)):
        raise ConfigurationError(faults)
    facts = _circumstances(sessions)
    new, refused = [], [f"{one}: no operation is known for it; say --map {one}=OPERATION" for one in _unmapped(sessions)]
    for key, runs in pytest_benchmark.runs_of(sessions).items():
        means = [one.mean_seconds for one in runs]
        why = bench.refusal(*key, means, {})
        if why:
            refused.append(f"not imported: {why}; a file is one run")
        else:
            new.append(_baseline(key, runs, facts))
    if new:
        print_new(settings, kept, new)
    if not new:
        raise NoDataError("\n".join(refused) or "the files hold no benchmark")
    tell(refused)


def _mapped(given: Sequence[str]) -> Mapping[str, str]:
    found = {}
    for one in given:
        test, equals, operation = one.rpartition("=")
        if not equals or not test:
            raise ConfigurationError(f"--map {one}: write it as TEST=OPERATION")
        found[test] = catalogue.named(operation).name
    return found


def _operation_of(mapped: Mapping[str, str]) -> Callable[[str, Mapping[str, Any]], str | None]:
    known = catalogue.operations()

    def operation_of(name: str, extra: Mapping[str, Any]) -> str | None:
        told = (mapped.get(name), extra.get("operation"), name.partition("[")[2].removesuffix("]"), name)
        return next((one for one in told if isinstance(one, str) and one in known), None)

    return operation_of


def _twice(sessions: Sequence[Session]) -> Iterator[str]:
    """A sentence for each file that is a run already given: it would make the spread smaller than it is."""
    first: list[Session] = []
    for one in sessions:
        given = next((other for other in first if one.measured and replace(other, path=one.path) == one), None)
        if given is None:
            first.append(one)
        elif given.path == one.path:
            yield f"{one.path}: given twice, and a file is one run; give each once"
        else:
            yield f"{one.path}: the same run as {given.path}; run pytest again for another"


def _unmapped(sessions: Sequence[Session]) -> list[str]:
    return sorted({name for session in sessions for name in session.unmapped})


def _circumstances(sessions: Sequence[Session]) -> Circumstances:
    """What all files have in common.

    Raises:
        ConfigurationError: they are of several machines or revisions.
    """
    for what, seen in (
        ("machines", sorted({one.host or f"{one.machine} ({one.node})" for one in sessions})),
        ("revisions", sorted({one.revision for one in sessions})),
    ):
        if len(seen) > 1:
            raise ConfigurationError(f"the files are of several {what} ({'; '.join(seen)}); a baseline is of one")
    last = max(sessions, key=lambda one: one.at)
    return Circumstances(
        at=last.at or datetime.now(UTC).isoformat(timespec="seconds"),
        host=last.host or (provenance.host() if last.node == platform.node() else last.machine),
        revision=last.revision,
        quantiles={},
        edges=(),
        versions={},
    )


def _baseline(key: Key, runs: Sequence[Benched], facts: Circumstances) -> Baseline:
    operation = catalogue.operations()[key[0]]
    tolerated = tolerance(key, load_sourced(), default_tolerance(), Driver.BENCH)
    means, seconds = [one.mean_seconds for one in runs], pytest_benchmark.samples_of(runs)
    histogram = counted(operation, seconds, means, tolerated[0])
    whole = Circumstances(
        at=facts.at,
        host=facts.host,
        revision=facts.revision,
        quantiles={f"{one:g}": value for one in QUANTILES if (value := quantile(seconds, one)) is not None},
        edges=histogram.edges,
        versions=provenance.versions(operation.backend, "pytest-benchmark"),
        operation_version=version_of(operation) if facts.revision == provenance.revision(Path.cwd()) else None,
        histogram=tuple(histogram.counts) if seconds else (),
    )
    return bench.baseline(*key, means, sum(one.samples for one in runs), tolerated, whole)
