"""`regress` killed in the middle: the target is slow no longer than was asked, and what was noted is whole."""

import subprocess

import pytest
from fault_alerts import until
from native_stack import STEADYLINE

from alerts.record.slowed import noted
from alerts.regress.faults import FaultControl
from alerts.regress.plan import GUARD_SECONDS

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900)]

OPERATION = "trace.item_read"
FACTOR = "10"
"""A busy machine's baselines are coarse, and `regress` refuses a factor that the rules would not see."""
FOR_SECONDS = 20
BEGUN_SECONDS = 120
"""It waits for a run of the operation at its own speed first."""


def test_its_slowdown_ends(stack, figures) -> None:
    """Nobody is left to end it, and it ends; the span is noted, so that no such run becomes a baseline."""
    control = FaultControl(stack.settings.url_of("trace"))
    command = [str(STEADYLINE), "regress", OPERATION, "--factor", FACTOR, "--of", "current", "--for", f"{FOR_SECONDS}s"]
    process = subprocess.Popen(
        command, cwd=stack.folder, env=stack.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        until("it holds back", lambda: process.poll() is not None or OPERATION in control.slowed(), BEGUN_SECONDS)
        assert process.poll() is None, process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    left = control.slowed()[OPERATION]
    assert left <= FOR_SECONDS + GUARD_SECONDS
    until("it ends", lambda: OPERATION not in control.slowed(), left + GUARD_SECONDS)
    figures.say("regress killed", told=f"its slowdown ended by itself, {left:.0f} s later at most")
    assert [span.operation for span in noted(stack.settings.state.regressions)][-1] == OPERATION
