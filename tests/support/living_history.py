"""What a living stack is held to, and the hour before it: made up, for nobody waits for an hour in a test."""

import math
import subprocess
from collections.abc import Iterator

from native_stack import Stack

from alerts.judgement.judged import judged
from steadyline import catalogue
from steadyline.baseline import ANY, Baseline, LoadShape, Quantity, Recorded, most_specific
from steadyline.baselines import known_baselines
from steadyline.live import LIVE
from steadyline.settings import EMBEDDED
from steadyline.vocabulary import EXPORTER_PROCESS, PROCESS_RESIDENT, RUN_LOG_MEAN, RUN_MEAN, Driver

SLOWED = "trace.item_create"
"""What gets slow. Its baseline is far above what it takes even on a machine that is busy with other tests, and so long that
once it is slow some of its starts are skipped."""
QUICKER = "sql.item_read"
"""What is far quicker than its baseline, which is blind therefore."""
DRIFTED = "sql.item_delete"
"""What the exporter will hold to another baseline than the rules."""
UNDER_LOAD = "trace.item_read"
PROFILE, USERS, ARRIVAL_RATE = "low", 1, 80
"""The load under which the baseline of that was recorded."""
BASELINE_SECONDS = {SLOWED: 2.0, QUICKER: 10.0}
HISTORY_FACTOR = {SLOWED: 10, QUICKER: 0.1}
"""So many times their baseline were the runs before; they decide what the slow rule says. All others were at theirs."""
HISTORY_SECONDS = 3900
HISTORY_STEP = 10
LOOKBACK_SECONDS = 300
"""A sample counts for so long."""
SMALL_BYTES, GROWN_BYTES = 40e6, 80e6
"""The exporter's memory at the two ends of that time."""


def baselines() -> list[Baseline]:
    """What is recorded before the stack starts."""
    probed = [_recorded(operation, seconds) for operation, seconds in BASELINE_SECONDS.items()]
    return [*probed, _recorded(UNDER_LOAD, 1.0, load=LoadShape(USERS, float(ARRIVAL_RATE)))]


def drifted() -> Baseline:
    """What is recorded while it runs, and told to the exporter alone."""
    return _recorded(DRIFTED, 1.0)


def _recorded(operation: str, seconds: float, load: LoadShape | None = None) -> Baseline:
    return Baseline(
        operation,
        Driver.LOAD if load else Driver.PROBE,
        Quantity.DURATION,
        seconds,
        tolerance=0.1,
        spread=LIVE.assumed_spread,
        source="made up for a test",
        target=EMBEDDED,
        profile=PROFILE if load else ANY,
        recorded=Recorded(
            at="2026-01-01T00:00:00Z",
            host="made up",
            revision="unknown",
            runs=LIVE.recommended_baseline_runs,
            samples=LIVE.recommended_baseline_runs * LIVE.samples_per_run,
            cadence_seconds=None if load else catalogue.named(operation).probe_every_seconds,
            quantiles={"0.5": seconds, "0.95": seconds, "0.99": seconds},
            edges=(),
            versions={},
            load=load,
        ),
    )


def backfill(stack: Stack, now: float) -> None:
    """Put the hour before into Prometheus' storage, before it starts."""
    folder = stack.settings.state.data("prometheus")
    folder.mkdir(parents=True)
    text = stack.folder / "history.txt"
    text.write_text("\n".join([*_history(stack, now), "# EOF\n"]))
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def _history(stack: Stack, now: float) -> Iterator[str]:
    """The means of runs, as the rules would have recorded them, and the exporter's memory."""
    settings = stack.settings
    known = known_baselines(settings.state)
    for one in judged(catalogue.operations(), known, settings):
        operation = one.operation
        if one.baseline != most_specific(known, operation.name, EMBEDDED, Driver.PROBE):
            continue
        labels = f'operation="{operation.name}",backend="{operation.backend}",target="{EMBEDDED}",driver="{Driver.PROBE}"'
        seconds = one.baseline.seconds_per_call(operation.items) * HISTORY_FACTOR.get(operation.name, 1)
        for age in _ages():
            mean = seconds * (1 + 0.03 * math.sin(age / LIVE.fast_window_seconds(one.cadence_seconds)))
            if age > LOOKBACK_SECONDS:  # else the rules would take it for the last run
                yield f"{RUN_MEAN.name}{{{labels}}} {mean} {now - age:.3f}"
            yield f"{RUN_LOG_MEAN.name}{{{labels}}} {math.log(mean)} {now - age:.3f}"
    for age in _ages():
        resident = GROWN_BYTES - (GROWN_BYTES - SMALL_BYTES) * age / HISTORY_SECONDS
        yield f'{PROCESS_RESIDENT.name}{{process="{EXPORTER_PROCESS}"}} {resident} {now - age:.3f}'


def _ages() -> range:
    return range(HISTORY_SECONDS, 0, -HISTORY_STEP)
