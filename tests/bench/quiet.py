"""A quiet day: real durations with an environment that drifts by 5 %, judged by a baseline recorded from the same series.

Prometheus' own rule engine evaluates the generated rules over the whole day; no alert may fire at any minute of it.
"""

import json
import math
import random
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import native_stack as stacks
from paired import Figure

from alerts.record.baseline import Circumstances, baseline
from alerts.record.runs import Run, Scheduled
from alerts.rules.groups import rule_groups
from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.baseline import Baseline
from steadyline.edges import own_edges
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.outcome import Outcome
from steadyline.recorder import Recorder
from steadyline.settings import Settings
from steadyline.vocabulary import BASELINE_INFO, SCHEDULE_INTERVAL, AlertName, Driver

OPERATION = "trace.item_create"
TARGET = "embedded"
DAY_SECONDS = 24 * 3600
NOISE = 0.05
DRIFT_SECONDS = 60
REAL_DURATIONS = 2000
LEARNED_RUNS = 120
SEED = 5
SLOWER = 1.6


def real_durations(operation: Operation) -> list[float]:
    """Seconds of real attempts at the embedded target, recorded here."""
    with stacks.running() as stack:
        target = stack.settings.targets_of(operation.backend)[TARGET]
        backend = catalogue.backend(operation.backend)
        client = backend.connect(target)
        try:
            attempt = Attempt(backend, client)
            outcomes = [attempt(operation) for _ in range(REAL_DURATIONS)]
        finally:
            client.close()
    return [outcome.duration_seconds for outcome in outcomes if outcome.ok]


def day(real: list[float], cadence_seconds: float) -> list[float]:
    """A day of samples: real durations drawn anew, times an environment that wanders around 1 and forgets within a minute."""
    dice = random.Random(SEED)
    remembered = math.exp(-cadence_seconds / DRIFT_SECONDS)
    fresh = NOISE * math.sqrt(1 - remembered**2)
    environment = dice.gauss(0, NOISE)
    samples = []
    for _ in range(round(DAY_SECONDS / cadence_seconds)):
        environment = remembered * environment + dice.gauss(0, fresh)
        samples.append(dice.choice(real) * math.exp(environment))
    return samples


def learned(samples: list[float], cadence_seconds: float) -> Baseline:
    """The baseline that `baseline record` makes of the first hour's runs."""
    size = LIVE.samples_per_run
    batches = [samples[start : start + size] for start in range(0, LEARNED_RUNS * size, size)]
    runs = [Run((i + 1) * size * cadence_seconds, statistics.fmean(b), size, 0) for i, b in enumerate(batches)]
    facts = Circumstances("replayed", "this host", "none", {}, (), {})
    return baseline(Scheduled(OPERATION, TARGET, cadence_seconds), runs, (0.10, False), facts)


def scrapes_of(operation: Operation, samples: list[float]) -> int:
    """How many scrapes see these samples."""
    return round(len(samples) * held_cadence(operation) / LIVE.scrape_seconds)


def pages(operation: Operation, held: Baseline, samples: list[float]) -> dict[str, list[str]]:
    """Each series' value at each scrape, as the exporter's page would have shown it."""
    recorder = Recorder(Driver.PROBE)
    own = own_edges(held.value, held.tolerance, [operation.budget_seconds])
    recorder.declare(operation, TARGET, own)
    series: dict[str, list[str]] = {}
    done = 0
    for scrape in range(scrapes_of(operation, samples)):
        until = math.ceil(scrape * LIVE.scrape_seconds / held_cadence(operation))
        for seconds in samples[done:until]:
            recorder.record(operation.name, TARGET, Outcome(seconds, None, operation.items))
        done = until
        for line in recorder.render().decode().splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                series.setdefault(name, []).append(value)
    return series


def held_cadence(operation: Operation) -> float:
    """How often the operation is probed."""
    assert operation.probe_every_seconds
    return operation.probe_every_seconds


def rule_test(operation: Operation, held: Baseline, series: dict[str, list[str]], rules: Path) -> dict[str, object]:
    """A promtool test: nothing fires at any minute of the day; what fires keeps firing for a minute, so none is missed."""
    labels = f'operation="{operation.name}",backend="{operation.backend}",target="{TARGET}",driver="{Driver.PROBE}"'
    scrapes = len(next(iter(series.values())))
    constant = {
        f"{SCHEDULE_INTERVAL.name}{{{labels}}}": f"{held_cadence(operation):g}",
        f'{BASELINE_INFO.name}{{{labels},id="{held.id}"}}': "1",
    }
    values = {name: " ".join(each) for name, each in series.items()}
    values |= {name: f"{value}x{scrapes}" for name, value in constant.items()}
    names = (AlertName.REGRESSION, AlertName.BUDGET, AlertName.FAILING, AlertName.NO_DATA, AlertName.BASELINE_DRIFT)
    asked = [
        {"eval_time": f"{minute}m", "alertname": name, "exp_alerts": []}
        for minute in range(2, round(scrapes * LIVE.scrape_seconds / 60))
        for name in names
    ]
    return {
        "rule_files": [str(rules)],
        "evaluation_interval": f"{LIVE.evaluation_seconds:g}s",
        "tests": [
            {
                "interval": f"{LIVE.scrape_seconds:g}s",
                "input_series": [{"series": name, "values": text} for name, text in values.items()],
                "alert_rule_test": asked,
            }
        ],
    }


def alerts_seen(operation: Operation, held: Baseline, samples: list[float]) -> tuple[bool, str]:
    """Whether any minute saw an alert, and what promtool said."""
    with tempfile.TemporaryDirectory(prefix="steadyline-quiet-") as folder:
        rules, test = Path(folder) / "rules.yml", Path(folder) / "test.yml"
        # The whole catalogue sets the false alarm budget; the one operation's rules are what is replayed.
        groups = rule_groups(catalogue.operations(), [held], Settings())["groups"]
        rules.write_text(json.dumps({"groups": [g for g in groups if g["name"] == OPERATION]}), encoding="utf-8")
        document = rule_test(operation, held, pages(operation, held, samples), rules)
        test.write_text(json.dumps(document), encoding="utf-8")
        done = subprocess.run(["promtool", "test", "rules", str(test)], capture_output=True, text=True, check=False)
    return done.returncode != 0, done.stdout + done.stderr


def figures() -> Iterator[Figure]:
    """Two lines: the quiet day, and as a control three hours of it with the last one slower, which must be seen."""
    operation = catalogue.named(OPERATION)
    cadence = held_cadence(operation)
    samples = day(real_durations(operation), cadence)
    held = learned(samples, cadence)
    seen, said = alerts_seen(operation, held, samples)
    yield Figure(
        f"a quiet day, {len(samples)} durations of {OPERATION} ({held.value * 1e3:.2f} ms, environment noise {NOISE:.0%}, "
        f"run spread {held.spread:.1%}): notifications",
        "none",
        f"some: {said[-300:]}" if seen else "none",
        not seen,
    )
    hour = round(3600 / cadence)
    slowed = samples[: 2 * hour] + [SLOWER * seconds for seconds in samples[2 * hour : 3 * hour]]
    seen, said = alerts_seen(operation, held, slowed)
    yield Figure(
        f"its first three hours with the third {SLOWER:g} times slower, as a control",
        "seen",
        "seen" if seen and AlertName.REGRESSION in said else "not seen",
        seen and AlertName.REGRESSION in said,
    )
