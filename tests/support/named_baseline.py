"""Lets pytest-benchmark compare with a name: `--benchmark-compare=NAME` is the newest run that `--benchmark-save=NAME` stored.

By itself it takes a number or the beginning of a file's name. Where no run of that name is stored, this one is stored under
it and compared with nothing, so that one command makes the baseline the first time and judges every time after.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.logger import Logger
from pytest_benchmark.session import BenchmarkSession, PerformanceRegression
from pytest_benchmark.utils import get_machine_id, load_storage

from steadyline import provenance

_NUMBERED = re.compile(r"\d+(_.*)?")
_NO_NAME = re.compile(r"[\\/:*?<>|\[\]]")
"""What --benchmark-save refuses in a name, and what makes a glob."""


class NamedBaseline:
    """A plugin that is registered before pytest-benchmark reads its options.

    Args:
        config: pytest's; its options are changed.

    Raises:
        pytest.UsageError: the newest run of that name cannot be read, or this one could not be stored.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._header: list[str] = []
        self._end: list[str] = []
        self._made: str | None = None
        """The name under which this run will be stored, where none was."""
        if _measures_to_files(config):
            self._compare_with_name(config)
            _storable(config)

    def _compare_with_name(self, config: pytest.Config) -> None:
        """Put the newest run of the name in its place, or this one where there is none."""
        name = _named(config)
        if name is None:
            return
        stored = _stored(config, name)
        if stored:
            _readable(stored[-1])
            config.option.benchmark_compare = str(stored[-1])
            self._header.append(f"baseline: compared with {_shown(stored[-1])}")
            return
        self._made = config.option.benchmark_save = config.option.benchmark_save or name
        config.option.benchmark_compare = []
        config.option.benchmark_compare_fail = None
        place = config.option.benchmark_storage.removeprefix("file://")
        self._header.append(f"baseline: no baseline was stored in {place}: this run becomes it, as {self._made}")

    def pytest_report_header(self) -> list[str]:
        """What becomes of the name, before the tests."""
        return self._header

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Iterator[None]:
        """Half a baseline would leave operations unjudged from then on: a run that failed becomes none."""
        benchmarks: BenchmarkSession = session.config._benchmarksession
        if not benchmarks.benchmarks:  # of nothing to store it warns, which is an error here
            benchmarks.save = benchmarks.autosave = benchmarks.json = None
        if self._made and exitstatus != pytest.ExitCode.OK:
            benchmarks.save = None
            self._end.append(f"baseline: not all of this run passed, so it is not stored as {self._made}")
        elif self._made and benchmarks.benchmarks:
            left_out = len(session.config.pluginmanager.get_plugin("terminalreporter").stats.get("deselected", ()))
            partly = f"; {left_out} deselected tests are not in it" if left_out else ""
            self._end.append(
                f"baseline: no baseline was stored: this run became it, as {self._made}; the next is compared with it{partly}"
            )
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
        """After the tables: what was not judged; and a regression as a failed run, where it would be a traceback."""
        session = terminalreporter._session
        benchmarks: BenchmarkSession = session.config._benchmarksession
        try:
            yield
        except PerformanceRegression:  # which ones is written by then
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            self._end.append(f"baseline: {len(benchmarks.performance_regressions)} have regressed: the run has failed")
        for line in [*self._end, *_unjudged(benchmarks)]:
            terminalreporter.write_line(line)

    def pytest_benchmark_generate_machine_info(self) -> dict[str, Any]:
        """The machine as baselines name it, by what makes it fast; a host name or a clock rate differs from run to run."""
        python = provenance.versions("")["python"]
        return {"host": provenance.host(), "python": python}

    @pytest.hookimpl(tryfirst=True)
    def pytest_benchmark_compare_machine_info(
        self, machine_info: Mapping[str, Any], compared_benchmark: dict[str, Any]
    ) -> None:
        """Say where the other run was measured elsewhere; pytest-benchmark's own words are both dumps, or a ValueError."""
        stored = compared_benchmark["machine_info"]
        differing = [key for key in machine_info if stored.get(key) != machine_info[key]]
        self._end += [
            f"baseline: measured on another machine: {key} {stored.get(key, 'unknown')}, here {machine_info[key]}"
            for key in differing
        ]
        compared_benchmark["machine_info"] = machine_info


def _measures_to_files(config: pytest.Config) -> bool:
    """Whether there is anything to compare or to store, and in files."""
    is_measured = not (config.getoption("benchmark_disable") or config.getoption("dist", "no") != "no")
    return is_measured and not config.getoption("benchmark_storage").startswith("elasticsearch+")


def _named(config: pytest.Config) -> str | None:
    """The name that is to be compared with, where it is one."""
    said = config.getoption("benchmark_compare")
    is_name = isinstance(said, str) and not _NUMBERED.fullmatch(said) and not _NO_NAME.search(said)
    return said if is_name and not Path(said).is_file() else None


def _storable(config: pytest.Config) -> None:
    """Where this run is to be stored and cannot be, it would end in a traceback after minutes of measuring."""
    if not (config.option.benchmark_save or config.option.benchmark_autosave):
        return
    place = Path(config.option.benchmark_storage.removeprefix("file://")).absolute() / get_machine_id()
    there = next(folder for folder in (place, *place.parents) if os.access(folder, os.F_OK))
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise pytest.UsageError(
            f"{_shown(there)}: no folder that runs can be stored in; name another: --benchmark-storage=FOLDER"
        )


def _stored(config: pytest.Config, name: str) -> list[Path]:
    """The runs of that name, as pytest-benchmark finds them: of this kind of machine and Python; the oldest first."""
    storage = load_storage(
        config.getoption("benchmark_storage"), logger=Logger(Logger.QUIET), default_machine_id=get_machine_id(), netrc=""
    )
    numbered = re.compile(rf"\d+_{re.escape(name)}")
    return [file for file in storage.query("[0-9][0-9][0-9][0-9]_*") if numbered.fullmatch(file.stem)]


def _readable(file: Path) -> None:
    """A baseline that is broken off would be warned of before the tests, and end in a traceback after them."""
    try:
        json.loads(file.read_text(encoding="utf-8"))["benchmarks"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise pytest.UsageError(
            f"{_shown(file)}: not a stored run; delete it, and the next run makes it anew: {error}"
        ) from None


def _unjudged(benchmarks: BenchmarkSession) -> Iterator[str]:
    """What the baseline does not hold, such as operations that are newer than it."""
    compared = benchmarks.compared_mapping
    if not compared:
        return
    known = {fullname for stored in compared.values() for fullname in stored}
    new = [one.name for one in benchmarks.benchmarks if one and one.fullname not in known]
    if new:
        yield f"baseline: {len(new)} are not in it and are not judged; --benchmark-save=NAME makes a new one: {', '.join(new)}"


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
