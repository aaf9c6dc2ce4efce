"""pytest-benchmark's face of the one judgement: `pytest --steadyline-compare` holds benchmarks to recorded baselines.

A plugin of pytest: tests/performance loads it by itself, others by `pytest -p steadyline.cli.pytest_compare`. Judged is each
benchmark whose `extra_info` names an `operation` of the catalogue; pytest-benchmark's own comparison stays as it is.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from os import environ
from typing import Any

import pytest

from alerts.judgement.gate import Family
from runner.choice import Chosen, Key
from runner.measured import Measured, Run
from steadyline import catalogue, provenance
from steadyline import settings as settings_module
from steadyline.baseline import GATE_RUNS, Baseline, most_specific
from steadyline.cli import run_rows
from steadyline.cli.against import Against, resolve
from steadyline.cli.refusals import Cause, Forced, Now, Refusal, refusals, told
from steadyline.cli.run_rows import Row
from steadyline.cli.verdicts import words
from steadyline.errors import ConfigurationError, NoDataError, SteadylineError
from steadyline.operation import Operation
from steadyline.operation_version import version_of
from steadyline.settings import EMBEDDED, Settings
from steadyline.severity import Severity
from steadyline.vocabulary import Driver

COMPARE, FAIL_ON = "--steadyline-compare", "--steadyline-fail-on"
OTHER_HOST, OTHER_VERSION = "--steadyline-other-host", "--steadyline-other-version"
OTHER_LOAD = "--steadyline-other-load"
RECORDED = ""
"""In place of a file: the baselines of the state folder."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Its options."""
    ours = parser.getgroup("steadyline")
    ours.addoption(
        COMPARE,
        metavar="FILE|REVISION",
        nargs="?",
        const=RECORDED,
        help="Hold each operation's benchmark to its baseline of that file, or to those recorded by `steadyline baseline "
        "record --rounds`; judged as `steadyline compare` does.",
    )
    alarms = [one.value for one in Severity if one is not Severity.NONE]
    ours.addoption(FAIL_ON, choices=alarms, default=Severity.WARNING.value, help="Fail from this severity on.")
    ours.addoption(OTHER_HOST, action="store_true", help="Also where a baseline was recorded on another host.")
    ours.addoption(OTHER_VERSION, action="store_true", help="Also where the operation itself was changed since.")
    ours.addoption(OTHER_LOAD, action="store_true", help="Also where a baseline was recorded while load was running.")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is loaded nor asked where it was not asked for."""
    given = config.getoption(COMPARE)
    if given is None or config.pluginmanager.hasplugin("steadyline-comparison"):
        return
    if not config.pluginmanager.hasplugin("benchmark") or config.getoption("benchmark_disable"):
        raise pytest.UsageError(f"{COMPARE} judges what pytest-benchmark measures; leave out what switches it off")
    host, version, load = map(config.getoption, (OTHER_HOST, OTHER_VERSION, OTHER_LOAD))
    forced = Forced(host=host, version=version, load=load)
    try:
        settings = settings_module.load(environ)
        against = resolve(settings, given or None)
        _of_this_host(against, forced)
    except SteadylineError as error:
        raise pytest.UsageError(_named(str(error))) from None
    config.pluginmanager.register(Comparison(config, settings, against, forced), "steadyline-comparison")


def _of_this_host(against: Against, forced: Forced) -> None:
    """Nobody measures for minutes what could be held to nothing."""
    held = [one for one in against.baselines if one.driver == Driver.BENCH]
    if not held:
        raise NoDataError(f"{COMPARE}: {against.words} hold none of the suite runner's; {against.cure}")
    here = provenance.host()
    elsewhere = [
        (one.operation, why)
        for one in held
        for why in refusals(one, Now(here, version=""))
        if why.cause is Cause.HOST and not forced.host
    ]
    if len(elsewhere) == len(held):
        raise ConfigurationError(told(elsewhere, len(held)))


def _named(text: str) -> str:
    """The command's words, with the options as they are called here."""
    return text.replace("--against", COMPARE).replace("--other-", "--steadyline-other-")


class Comparison:
    """Judges when all is measured, so that the rate of false alarms holds over all of it.

    Args:
        config: pytest's.
        settings: whose rate of false alarms it keeps.
        against: what benchmarks are held to.
        forced: what is compared though it differs.
    """

    def __init__(self, config: pytest.Config, settings: Settings, against: Against, forced: Forced) -> None:
        """Keep them; nothing is judged yet."""
        self._config = config
        self._settings = settings
        self._against = against
        self._forced = forced
        self._lines: list[str] = []

    def pytest_report_header(self) -> str:
        """What it will be held to, before the tests."""
        return f"steadyline: held to {self._against.words}, {GATE_RUNS} runs of each, one after the other"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Judge before the summary is written; an alarm fails the run, and so does what may not be compared."""
        fail_on = Severity(self._config.getoption(FAIL_ON))
        rows, refused = self.rows(found(self._settings, _benchmarks(self._config)))
        names = {name for name, _ in refused}
        self._lines = [*summary(rows, fail_on), *map(_named, told(refused, len(rows) + len(names)))]
        is_judged = any(row.verdict is not None for row in rows)
        if session.exitstatus == pytest.ExitCode.OK and (refused or not is_judged or any(row.fails(fail_on) for row in rows)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
        """After pytest-benchmark's tables, and also where its own comparison ends the run."""
        try:
            return (yield)
        finally:
            for line in self._lines:
                terminalreporter.write_line(f"steadyline: {line}")

    def rows(self, measured: Sequence[Measured]) -> tuple[tuple[Row, ...], list[tuple[str, Refusal]]]:
        """Each benchmark held to its baseline, worst first; and what was not compared, and why."""
        held = {one.chosen.key: self._baseline(one.chosen.key) for one in measured}
        refused = {one.chosen.key: self._refused(one.chosen.operation, held[one.chosen.key]) for one in measured}
        judged = [one for one in measured if not refused[one.chosen.key]]
        of = Family(sum(held[one.chosen.key] is not None for one in judged), self._settings.gate_false_alarm_rate)
        rows = run_rows.worst_first(run_rows.row(one, held[one.chosen.key], of) for one in judged)
        return rows, [(key[0], why) for key, whys in refused.items() for why in whys]

    def _baseline(self, key: Key) -> Baseline | None:
        return most_specific(self._against.baselines, *key, Driver.BENCH)

    def _refused(self, operation: Operation, baseline: Baseline | None) -> list[Refusal]:
        if baseline is None:
            return []
        differs = refusals(baseline, Now(provenance.host(), version_of(operation)))
        return [one for one in differs if not self._forced.allows(one.cause)]


def _benchmarks(config: pytest.Config) -> list[Any]:
    """What pytest-benchmark measured, but for what failed."""
    session: Any = config._benchmarksession  # type: ignore[attr-defined]  # noqa: SLF001 - it tells of them nowhere else
    return [one for one in session.benchmarks if one and not one.has_error]


def found(settings: Settings, benchmarks: Iterable[Any], runs: int = GATE_RUNS) -> list[Measured]:
    """The benchmarks of operations, each as so many runs; what names no operation or no target of the settings is none."""
    known = catalogue.operations()
    chosen = []
    for one in benchmarks:
        operation = known.get(one.extra_info.get("operation", ""))
        alias = one.extra_info.get("target", EMBEDDED)
        target = settings.targets_of(operation.backend).get(alias) if operation else None
        if operation and target:
            chosen.append(measured(Chosen(operation, alias, target), one.stats.data, runs))
    return chosen


def measured(chosen: Chosen, seconds: Sequence[float], runs: int = GATE_RUNS) -> Measured:
    """A benchmark's attempts, in their order, as runs of as many attempts each as there are.

    They follow one another within seconds, where the runner's lie a round of all operations apart: what slows the machine
    for so long is in all of them.
    """
    count = min(runs, len(seconds))
    ends = [len(seconds) * i // count for i in range(count + 1)] if count else []
    shares = [tuple(seconds[start:end]) for start, end in itertools.pairwise(ends)]
    return Measured(chosen, [Run(share) for share in shares], slowest_seconds=max(seconds, default=0.0))


def summary(rows: Sequence[Row], fail_on: Severity) -> Iterator[str]:
    """Every operation with its verdict's reason, worst first, and what it all comes to."""
    judged = [row for row in rows if row.verdict is not None]
    yield from (f"{row.operation} on {row.target}: {words.sentence(row)}" for row in judged)
    failed, still_open = sum(row.fails(fail_on) for row in rows), sum(row.is_open for row in judged)
    told_open = f", {still_open} not settled (steadyline compare measures such again)" if still_open else ""
    bare = len(rows) - len(judged)
    told_bare = f", {bare} without a baseline" if bare else ""
    outcome = f"{failed} at {fail_on} or worse: the run has failed" if failed else f"none at {fail_on} or worse"
    yield f"{len(judged)} judged, {outcome}{told_open}{told_bare}"
