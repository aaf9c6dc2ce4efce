"""Who judges and who tells hang for a while: what was measured meanwhile is there afterwards, nothing false is told."""

import time

import pytest
from fault_alerts import Told, until
from fault_programs import Programs
from fault_samples import SCRAPE_SECONDS, Between

from alerts.regress.client_side import ExporterPage
from steadyline.addresses import local_url
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import OPERATION_DURATION

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.usefixtures("calm")]

OPERATION, TARGET = "sql.item_read", "embedded"
COUNT = f'{OPERATION_DURATION.name}_count{{operation="{OPERATION}",target="{TARGET}"}}'
HUNG_SECONDS = 4 * SCRAPE_SECONDS
TOLD_SECONDS = 2 * LIVE.group_interval_critical_seconds
"""Within that time a false alert, or a false recovery, would have been told."""


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_it_hangs_and_goes_on(stack, figures, name) -> None:
    """It is not restarted, needs nobody, and the exporter has counted all of it."""
    programs, told, start = Programs(stack), Told(stack.settings), time.time()
    before = programs.pid(name)
    with programs.stopped(name):
        time.sleep(HUNG_SECONDS)
        counted = ExporterPage(local_url(stack.settings.ports.exporter)).totals(OPERATION, TARGET).count
    prometheus = Prometheus(stack.settings.prometheus)
    until("it holds what the exporter counted", lambda: prometheus.query(f"{COUNT} >= {counted}"))
    time.sleep(TOLD_SECONDS)
    stretch = Between(stack.settings.prometheus, start, time.time())
    figures.say(f"{name} hung", kept=stretch.kept(), lost=0)
    assert programs.pid(name) == before
    assert stretch.kept_as_before()
    assert stretch.silent() == []
    assert told.of_health() == []
