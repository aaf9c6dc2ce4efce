"""`compare --against live`: what the exporter measured in its last runs, judged as the live rules do; nothing is asked."""

import time
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from alerts.judgement.gate import Family
from alerts.judgement.judged import Judged, budget_z, judged
from alerts.judgement.limits import Rule
from alerts.judgement.quantiles import normal_upper_tail
from alerts.record.runs import Key, scheduled
from alerts.view import last_runs
from alerts.view.last_runs import LastRuns
from runner.choice import LeftOut, Wanted
from steadyline import catalogue, durations, provenance
from steadyline.baselines import known_baselines
from steadyline.cli.compare_asked import Asked
from steadyline.cli.conclude import conclude
from steadyline.cli.live_rows import Seen, holding, row
from steadyline.cli.measuring import moment
from steadyline.cli.run_result import Judging, Made, Results
from steadyline.cli.run_rows import Row, worst_first
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings
from steadyline.vocabulary import RUN_LOG_MEAN, AlertName, Driver


def live(asked: Asked, now: Callable[[], float] = time.time) -> NoReturn:
    """Read what Prometheus holds, judge, and conclude.

    Raises:
        UnreachableError: Prometheus does not answer.
        NoDataError: it has scraped no exporter, or the rules recorded no run.
        ConfigurationError: nothing that is scheduled fits what was asked for, or is known here.
    """
    at, prometheus = now(), Prometheus(asked.settings.prometheus)
    known = catalogue.operations()
    keys = _asked_for(prometheus, asked.wanted, at)
    if not any(name in known for name, _ in keys):
        names = ", ".join(sorted({name for name, _ in keys}))
        raise ConfigurationError(f"the exporter schedules {names}, not known here: name their file in the setting operations")
    found = judged(known, known_baselines(asked.settings.state), asked.settings)
    seen = _seen(prometheus, known, keys, at)
    if not any(one.runs.means or one.runs.last for one in seen):
        raise NoDataError(_no_runs(prometheus, seen))
    rows = worst_first(row(one, holding(found, one.operation.name, one.target)) for one in seen)
    results = Results(
        made=_made(asked, seen, at),
        rows=rows,
        left_out=tuple(LeftOut(*key, "no such operation is known here") for key in keys if key[0] not in known),
        judging=Judging(asked.fail_on, _family(asked.settings, rows), against="the baselines of the exporter's schedule"),
    )
    conclude(asked.settings, results, asked.outlet, told=list(_remarks(prometheus, found, results, at)))


def _asked_for(prometheus: Prometheus, wanted: Wanted, at: float) -> list[Key]:
    """What the exporter schedules of what was asked for."""
    every = [one.key for one in scheduled(prometheus, at)]
    if not every:
        raise NoDataError(
            f"Prometheus at {prometheus.host} has scraped no schedule of an exporter; run steadyline up, "
            f"and wait {LIVE.scrape_seconds:g} s"
        )
    found = [
        (operation, target)
        for operation, target in every
        if fnmatchcase(operation, wanted.pattern)
        and wanted.backend in (None, operation.partition(".")[0])
        and wanted.target in (None, target)
    ]
    if not found:
        there = ", ".join(sorted({f"{operation} on {target}" for operation, target in every})[:3])
        raise ConfigurationError(
            f"nothing that the exporter schedules fits --operation, --backend and --target; it schedules {there} …"
        )
    return found


def _seen(prometheus: Prometheus, known: dict[str, Operation], keys: Sequence[Key], at: float) -> list[Seen]:
    """What Prometheus holds of each, in its own windows; what is not in the catalogue has none."""
    lengths = {name: _run_seconds(known[name]) for name, _ in keys if name in known}
    by_length = {length: last_runs.last_runs(prometheus, length, at) for length in set(lengths.values())}
    failed = last_runs.failures(prometheus, LIVE.slow_runs * max(lengths.values()), at)
    over = last_runs.firing(prometheus, AlertName.BUDGET, at)
    return [
        Seen(
            known[key[0]],
            key[1],
            by_length[lengths[key[0]]].get(key, LastRuns()),
            failed.get(key, {}),
            key in over,
        )
        for key in keys
        if key[0] in known
    ]


def _run_seconds(operation: Operation) -> float:
    """As the rules take it: the catalogue's cadence. A scheduled operation that is not probed here has no rule."""
    return LIVE.fast_window_seconds(operation.probe_every_seconds or LIVE.scrape_seconds)


def _no_runs(prometheus: Prometheus, seen: Sequence[Seen]) -> str:
    longest = max(_run_seconds(one.operation) for one in seen)
    return (
        f"Prometheus at {prometheus.host} holds no run of the last {durations.spoken(LIVE.slow_runs * longest)} "
        f"({RUN_LOG_MEAN.name}): load the rules (steadyline rules generate), and wait "
        f"{durations.spoken(LIVE.minimum_slow_runs * longest)}"
    )


def _family(settings: Settings, rows: Sequence[Row]) -> Family:
    """One look by each rule at each operation, at the rate that the month's budget of false alarms leaves."""
    held = sum(one.baseline is not None for one in rows)
    looks = len(Rule) * held
    return Family(held, min(1.0, looks * normal_upper_tail(budget_z(catalogue.operations(), settings))))


def _made(asked: Asked, seen: Sequence[Seen], at: float) -> Made:
    longest = max(_run_seconds(one.operation) for one in seen)
    return Made(
        started=moment(at - LIVE.slow_runs * longest),
        ended=moment(at),
        host=provenance.host(),
        revision=provenance.revision(Path.cwd()),
        rounds=LIVE.slow_runs,
        interrupted=False,
        driver=Driver.PROBE,
        versions={"prometheus": Prometheus(asked.settings.prometheus).version()},
        command=asked.command,
    )


def _remarks(prometheus: Prometheus, found: Sequence[Judged], results: Results, at: float) -> Iterator[str]:
    """What was left out, and where the running rules and these baselines have parted."""
    for one in results.left_out:
        yield f"left out: {one.operation} on {one.target}: {one.why}"
    shown = last_runs.held_to(prometheus, at)
    held = {(one.operation, one.target): holding(found, one.operation, one.target) for one in results.rows}
    other = [key for key, one in held.items() if key in shown and one is not None and one.baseline.id != shown[key]]
    if other:
        yield (
            f"drift: the exporter holds {len(other)} of them to other baselines ({other[0][0]} on {other[0][1]}), so that its "
            "alerts may differ: steadyline rules generate, then reload Prometheus and the exporter"
        )
