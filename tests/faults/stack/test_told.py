"""Each link of an alert's way breaks while it fires: whoever it is for is told of it, and of its end, once that is true."""

import time

import pytest
from fault_alerts import Told, until
from fault_programs import Programs
from fault_samples import SCRAPE_SECONDS, Between

from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.severity import Severity
from steadyline.vocabulary import AlertName

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.usefixtures("calm")]

DOWN = {"alertname": AlertName.EXPORTER_DOWN, "severity": Severity.CRITICAL}
AGAIN_SECONDS = 2 * LIVE.group_interval_critical_seconds
"""Within that time Alertmanager would have told of a recovery."""


def test_a_chain_that_breaks_tells_no_recovery_before_its_time(stack, figures) -> None:
    """The exporter hangs; Prometheus and Alertmanager are killed, the receiver hangs: one recovery is told, at the end."""
    programs, told = Programs(stack), Told(stack.settings)
    prometheus = Prometheus(stack.settings.prometheus)
    until("nothing is the matter", lambda: not _fires(prometheus))
    with programs.stopped("exporter"):
        told.wait("firing", **DOWN)
        with programs.stopped("receiver"):
            programs.kill("prometheus")
        until("the alert fires again", lambda: _fires(prometheus))
        time.sleep(AGAIN_SECONDS)
        programs.kill("alertmanager")
        assert told.all("resolved", **DOWN) == []
    mended = time.time()
    told.wait("resolved", **DOWN)
    stretch = Between(stack.settings.prometheus, mended, time.time())
    figures.say("exporter hung, every link broken", kept=stretch.kept(), told=f"{AlertName.EXPORTER_DOWN} fired and resolved")
    assert len(told.all("resolved", **DOWN)) == 1
    assert stretch.longest_gap() <= 3 * SCRAPE_SECONDS


def _fires(prometheus: Prometheus) -> bool:
    """Whether the alert does now: its series is found for minutes after a Prometheus that was killed."""
    return any(
        one["state"] == "firing" and one["labels"]["alertname"] == AlertName.EXPORTER_DOWN for one in prometheus.alerts()
    )
