"""Each program of the stack killed with SIGKILL: the supervisor has it back, and nothing that was measured is lost."""

import time

import pytest
from fault_alerts import Told, until
from fault_artefacts import leaked
from fault_programs import Programs
from fault_samples import ENOUGH, SCRAPE_SECONDS, Between

from alerts.regress.client_side import ExporterPage
from steadyline.addresses import local_url
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import EXPORTER_JOB, OPERATION_DURATION, AlertName

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.usefixtures("calm")]

BEFORE_SECONDS = 3 * SCRAPE_SECONDS
OPERATION, TARGET = "sql.item_read", "embedded"
COUNT = f'{OPERATION_DURATION.name}_count{{operation="{OPERATION}",target="{TARGET}"}}'


@pytest.fixture
def programs(stack):
    """The stack's programs."""
    return Programs(stack)


def _after(seconds=BEFORE_SECONDS):
    """Some scrapes before and after what happens are looked at too."""
    return time.time() + seconds


def _wait_until(moment):
    until("the stretch is over", lambda: time.time() >= moment)


@pytest.mark.parametrize("name", ["alertmanager", "receiver"])
def test_who_tells_is_killed(stack, programs, figures, name) -> None:
    """Not a scrape is missed, not an attempt is lost, and nobody is told anything false."""
    told, start = Told(stack.settings), time.time()
    away = programs.kill(name)
    _wait_until(_after())
    stretch = Between(stack.settings.prometheus, start, time.time())
    figures.say(f"{name} killed", kept=stretch.kept(), lost=0, told=f"back after {away:.1f} s")
    assert stretch.scrapes_kept() >= ENOUGH
    assert stretch.kept_as_before()
    assert stretch.silent() == []
    assert told.of_health() == []


def test_prometheus_is_killed(stack, programs, figures) -> None:
    """What it holds afterwards is what the exporter counted: operations that ended while it was away are not lost."""
    told, start = Told(stack.settings), time.time()
    away = programs.kill("prometheus")
    page = ExporterPage(local_url(stack.settings.ports.exporter))
    counted = page.totals(OPERATION, TARGET).count
    prometheus = Prometheus(stack.settings.prometheus)
    until("it holds what the exporter counted", lambda: prometheus.query(f"{COUNT} >= {counted}"))
    _wait_until(_after())
    stretch = Between(stack.settings.prometheus, start, time.time())
    figures.say("prometheus killed", kept=stretch.kept(), lost=0, told=f"back after {away:.1f} s")
    assert stretch.longest_gap() <= away + 2 * SCRAPE_SECONDS
    assert stretch.kept_as_before()
    assert stretch.silent() == []
    assert told.of_health() == []


def test_the_exporter_is_killed(stack, programs, figures) -> None:
    """What had ended is not lost, it leaves nothing in any target, and where nobody misses it in time nobody is told."""
    told, start = Told(stack.settings), time.time()
    page = ExporterPage(local_url(stack.settings.ports.exporter))
    counted = page.totals(OPERATION, TARGET).count
    away = programs.kill("exporter")
    _wait_until(_after(BEFORE_SECONDS + SCRAPE_SECONDS))
    stretch = Between(stack.settings.prometheus, start, time.time())
    held = Between(stretch.prometheus, start - 2 * SCRAPE_SECONDS, stretch.end).reached(COUNT)
    artefacts = leaked(stack.settings)
    lost = max(0.0, counted - held)
    figures.say("exporter killed", lost=lost, artefacts=sum(artefacts.values()), told=f"back after {away:.1f} s")
    assert lost == 0
    assert stretch.longest_gap(EXPORTER_JOB) <= away + 2 * SCRAPE_SECONDS
    assert artefacts == dict.fromkeys(artefacts, 0)
    assert {name for _, name, _ in told.of_health()} <= {AlertName.EXPORTER_DOWN}  # on a machine that is slow to have it back
