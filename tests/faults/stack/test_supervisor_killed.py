"""The supervisor killed: what it started goes on and is called orphaned, and `up` takes everything over."""

import time

import pytest
from fault_alerts import Told, until
from fault_artefacts import leaked
from fault_programs import Programs
from fault_samples import SCRAPE_SECONDS, Between

from deploy.native import stack as native
from steadyline.errors import UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import OPERATION_DURATION

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.usefixtures("calm")]

AWAY_SECONDS = 3 * SCRAPE_SECONDS


def test_the_supervisor_is_killed(stack, figures) -> None:
    """Not a scrape is missed meanwhile; `status` says what is the matter; after `up` what was stored is there still."""
    programs, told, start = Programs(stack), Told(stack.settings), time.time()
    programs.supervisor().kill()
    try:
        until("it is gone", lambda: not native.supervised(stack.settings))
        status = stack.run("status", accepted=(1, UnreachableError.exit_code))
        until("the stretch is over", lambda: time.time() > start + AWAY_SECONDS)
        stretch = Between(stack.settings.prometheus, start, time.time())
        kept = stretch.kept()
        assert stretch.kept_as_before()
        assert stretch.longest_gap() <= 2 * SCRAPE_SECONDS
    finally:
        stack.run("up", "--native", "--detach")
    prometheus = Prometheus(stack.settings.prometheus)
    until("it scrapes on", lambda: prometheus.query(f"sum({OPERATION_DURATION.name}_count) > 0"))
    assert Between(stack.settings.prometheus, start, start + AWAY_SECONDS).longest_gap() <= 2 * SCRAPE_SECONDS
    artefacts = leaked(stack.settings)
    assert native.ORPHANED in status.stderr + status.stdout
    figures.say("supervisor killed", kept=kept, artefacts=sum(artefacts.values()), told=native.ORPHANED)
    assert {one.state for one in native.running(stack.settings)} == {"RUNNING"}
    assert artefacts == dict.fromkeys(artefacts, 0)
    assert told.of_health() == []
