"""One native stack for all faults, which breaks and mends; and what each fault came to, as a line."""

import contextlib
import shutil
import time
from collections.abc import Iterator

import fault_disk
import fault_figures
import native_stack
import pytest
from fault_alerts import until
from fault_samples import BEFORE_SECONDS, BUSY, Between

from steadyline.prometheus import Prometheus
from steadyline.vocabulary import OPERATION_DURATION, SCHEDULE_INTERVAL

START_SECONDS = 300
CALM_SECONDS = 90


@pytest.fixture(scope="session")
def stack() -> Iterator[native_stack.Stack]:
    """A stack of its own on a disk of its own, where that can be mounted; up, with a success of every scheduled operation."""
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not on PATH: make test-faults installs it")
    with native_stack.empty() as found, fault_disk.disk(found.settings.state.root), _up(found):
        prometheus = Prometheus(found.settings.prometheus)
        unmeasured = f"{SCHEDULE_INTERVAL.name} unless on (operation, target) {OPERATION_DURATION.name}_count > 0"
        until("operations are scheduled", lambda: prometheus.query(SCHEDULE_INTERVAL.name), START_SECONDS)
        until("all of them are measured", lambda: not prometheus.query(unmeasured), START_SECONDS)
        yield found


@pytest.fixture
def calm(stack: native_stack.Stack) -> None:
    """The stack measures as it should before anything happens: else nothing can be said of what a fault changed."""
    try:
        until("the stack is calm", lambda: _is_calm(stack), CALM_SECONDS)
    except AssertionError:
        pytest.skip("the machine is so busy that without any fault scrapes or starts are left out")


def _is_calm(stack: native_stack.Stack) -> bool:
    lately = Between(stack.settings.prometheus, time.time() - BEFORE_SECONDS, time.time())
    return lately.scrapes_kept() >= BUSY and lately.kept() >= BUSY


@contextlib.contextmanager
def _up(stack: native_stack.Stack) -> Iterator[None]:
    """It is down before its disk goes."""
    stack.run("up", "--native", "--detach")
    try:
        yield
    finally:
        stack.run("down")


@pytest.fixture
def figures(record_property: fault_figures.Keep) -> fault_figures.Figures:
    """Takes what a fault came to."""
    return fault_figures.Figures(record_property)


class _Shown:
    """Writes the figures under each test's line."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None or report.when != "call":
            return
        for name, text in report.user_properties:
            if name == fault_figures.NAME:
                terminal.write_line(f"  {text} ({report.duration:.0f} s)")


def pytest_configure(config: pytest.Config) -> None:
    """Show the figures."""
    config.pluginmanager.register(_Shown(config), "faults shown")
