"""A native stack to which things happen: load runs, targets that are gone, an operation that gets slow, a drift.

All of it is real but the hour before (`living_history`); what can happen at once does, so that it takes two to three minutes.
The stack stays up afterwards, quiet, to be asked about the moments that were noted.
"""

import contextlib
import math
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import native_stack
import tenacity
from grafana_asking import Asking, Line
from living_history import ARRIVAL_RATE, PROFILE, SLOWED, UNDER_LOAD, USERS, backfill, baselines, drifted

from alerts.regress.client_side import ExporterPage
from deploy.native import record
from deploy.native.supervisor_client import ProgramState, connected
from steadyline.addresses import local_url
from steadyline.baselines import save_recorded
from steadyline.load_vocabulary import LOAD_CRITERION_MET, LOAD_DROPPED, LOAD_PHASE, RUN_END, Phase
from steadyline.severity import Severity
from steadyline.vocabulary import (
    LOWER99_FAST,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_STREAK,
    RATIO_FAST,
    RUNS_SKIPPED,
    SCHEDULE_INTERVAL,
    AlertName,
    Driver,
)

FACTOR = 1.6
"""So many times its baseline takes what gets slow."""
GONE = "vast"
"""The target that is gone for a while, under load."""
GONE_SECONDS = 12
FAILED = "vast.row_select"
"""One of its operations."""
GONE_AT_END = "s3"
"""The target that is gone at the end."""
ON_BOTH = "tams"
"""What stands on both of them."""
NOBODY = "http://127.0.0.1:9/"
"""Where notifications go too, and nobody listens."""
HELD = "trace.item_read p95 < 10s for 10s"
BROKEN = "trace.item_read p95 < 1ms for 10s"
DROPS = "* drops <= 0/s for 10s"
SHARE = "trace.item_read failures < 50% for 10s"
CLOSED = ("TraceUser", "VastUser", "--users", "4", "--duration", "40s", "--expect", HELD, "--expect", BROKEN, "--silence")
OPEN = (
    *("--arrival-rate", f"{ARRIVAL_RATE}", "--users", f"{USERS}", "--profile", PROFILE, "--duration", "10m"),
    *("--expect", HELD, "--expect", DROPS, "--expect", SHARE, "--silence"),
)
"""One user for more starts than it can make: some are dropped, and others begin late."""
ALERTED = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
PATIENCE_SECONDS = 240
ENDING_SECONDS = 120
STEP_SECONDS = 20
"""Of a graph over some hours."""
SETTLING_SECONDS = 10
SCRAPES = 3
"""So many make a rate."""


@dataclass(slots=True)
class Living:
    """The stack and the moments at which to ask, Unix seconds.

    Attributes:
        stack: it.
        asking: its Prometheus.
        quiet: everything was probed, and nothing had happened.
        steady: what will get slow was as quick as ever, and its ratio known.
        end: it is slow and its alert fires; the first load run is over, the second one under way; a target is gone.
    """

    stack: native_stack.Stack
    asking: Asking
    quiet: float = 0.0
    steady: float = 0.0
    end: float = 0.0


@contextlib.contextmanager
def living() -> Iterator[Living]:
    """Let it all happen."""
    with native_stack.empty() as stack:
        stack.environ["STEADYLINE_NOTIFY_WEBHOOK_URL"] = NOBODY
        save_recorded(stack.settings.state.baselines, baselines())
        backfill(stack, time.time())
        stack.run("up", "--native", "--detach")
        alive = Living(stack, Asking(stack.settings.prometheus))
        _until("every scheduled operation is measured", lambda: _all_measured(alive))
        alive.quiet = _now()
        _happen(alive)
        yield alive


def _happen(alive: Living) -> None:
    stack = alive.stack
    with contextlib.ExitStack() as until_end:
        first = until_end.enter_context(_beside(stack, "load", *CLOSED))
        save_recorded(stack.settings.state.baselines, [*baselines(), drifted()])
        ExporterPage(local_url(stack.settings.ports.exporter)).reload()
        _until("the first load run is steady", lambda: _is_steady(alive))
        with _gone(stack, GONE), _gone(stack, "alertmanager"):
            time.sleep(GONE_SECONDS)
        _until("the ratio of what will be slow is known, and good", lambda: _is_quick(alive))
        alive.steady = _now()
        until_end.enter_context(_beside(stack, "regress", SLOWED, "--factor", f"{FACTOR}", "--for", "10m"))
        first.wait(PATIENCE_SECONDS)
        until_end.enter_context(_beside(stack, "load", *OPEN))
        until_end.enter_context(_gone(stack, GONE_AT_END))
        with contextlib.suppress(AssertionError):
            _until("everything shows at once", lambda: not _missing(alive))
        assert not _missing(alive), f"not within {PATIENCE_SECONDS} s: {_missing(alive)}"
        alive.end = _now(SETTLING_SECONDS)


def _now(settling_seconds: float = 0) -> float:
    """A moment that a graph's last point can have, a while after what was waited for."""
    at = math.ceil((time.time() + settling_seconds) / STEP_SECONDS) * STEP_SECONDS
    time.sleep(at + 1 - time.time())
    return float(at)


def _found(alive: Living, expression: str) -> list[Line]:
    return alive.asking.now(expression, time.time())


def _all_measured(alive: Living) -> bool:
    unmeasured = f"{SCHEDULE_INTERVAL.name} unless on (operation, target) {OPERATION_DURATION.name}_count > 0"
    return bool(_found(alive, f"count_over_time({SCHEDULE_INTERVAL.name}[1m]) >= {SCRAPES}")) and not _found(alive, unmeasured)


def _is_quick(alive: Living) -> bool:
    """Nor is it on the way to an alert of any kind."""
    good = f'{RATIO_FAST.name}{{operation="{SLOWED}"}} < 1'
    return bool(_found(alive, good)) and not _found(alive, f'ALERTS{{operation="{SLOWED}"}}')


def _is_steady(alive: Living) -> bool:
    return bool(_found(alive, f'{LOAD_PHASE.name}{{phase="{Phase.STEADY}"}} == 1'))


def _missing(alive: Living) -> list[str]:
    """What is still to be seen: alerts of each severity, failures that are told of, an open run that drops and is judged."""
    firing = 'ALERTS{{alertstate="firing",alertname="{}"{}}}'
    wanted = (
        *(firing.format(AlertName.REGRESSION, f',operation="{SLOWED}",severity="{one}"') for one in ALERTED),
        *(firing.format(name, "") for name in (AlertName.FAILING, AlertName.BASELINE_DRIFT)),
        f'max_over_time({OPERATION_FAILURES.name}{{driver="{Driver.LOAD}"}}[10m]) > 0',
        f"{OPERATION_STREAK.name} > 0",
        f'increase({RUNS_SKIPPED.name}{{operation="{SLOWED}"}}[5m]) > 0',
        f"{LOAD_DROPPED.name} > 0",
        f"{LOAD_CRITERION_MET.name} == 0",
        f"{LOAD_CRITERION_MET.name} == 1",
        f'{LOWER99_FAST.name}{{operation="{UNDER_LOAD}",driver="{Driver.LOAD}"}}',
        f"last_over_time({RUN_END.name}[10m])",
        "max_over_time(prometheus_notifications_errors_total[10m]) > 0",
        "alertmanager_notifications_failed_total > 0",
    )
    return [expression for expression in wanted if not _found(alive, expression)]


def _until(what: str, there: Callable[[], object]) -> None:
    """Wait until it is so."""
    waiting = tenacity.Retrying(
        stop=tenacity.stop_after_delay(PATIENCE_SECONDS),
        wait=tenacity.wait_fixed(1),
        retry=tenacity.retry_if_result(lambda found: not found),
    )
    try:
        waiting(there)
    except tenacity.RetryError:
        raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}") from None


@contextlib.contextmanager
def _beside(stack: native_stack.Stack, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A command that runs on; what is left of it is asked to stop."""
    process = subprocess.Popen(
        [str(native_stack.STEADYLINE), *arguments],
        cwd=stack.folder,
        env=stack.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(ENDING_SECONDS)


@contextlib.contextmanager
def _gone(stack: native_stack.Stack, program: str) -> Iterator[None]:
    """One program is stopped, and starts again."""
    known = record.read(stack.settings.state)
    assert known is not None
    with connected(Path(known.socket)) as supervisor:
        supervisor.stop(program)
        _until(f"{program} is gone", lambda: supervisor.process(program).state == ProgramState.STOPPED)
        yield
        supervisor.start(program)
        _until(f"{program} is back", lambda: supervisor.process(program).state == ProgramState.RUNNING)
