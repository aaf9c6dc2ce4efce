"""Unit tests of the alerts that judge no baseline, from the budget's to the watchdog and those of load runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from alerts.judgement.judged import Judged
from alerts.rule_tests.part import Part, firing, is_one
from alerts.rule_tests.remote_write import remote_write_parts
from alerts.rule_tests.series import STEP_SECONDS, Phase, attempts, constant, labels, scheduled, series, streak
from alerts.rule_tests.storing import storing_parts
from alerts.rules.alerting import budget_window_seconds, hung_window_seconds
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_CRITERION_MET, LOAD_SATURATED
from steadyline.operation import MEMORY_BUDGET_BYTES, Operation
from steadyline.promql import duration, quoted
from steadyline.upstream import PROCESS_START, PROMETHEUS_JOB
from steadyline.vocabulary import BASELINE_INFO, EXPORTER_JOB, PROCESS_RESIDENT, AlertName

Document = dict[str, Any]
Inputs = Mapping[str, list[Document]]
QUIET = 120.0
"""How long all is well before a case begins, seconds."""
STALE = 240.0
"""How long the baselines are stale, seconds, at least; it outlasts what the alert waits, the run of the slowest cadence."""
STALE_MARGIN = 90.0


def health_test(operations: Mapping[str, Operation], judged: Iterable[Judged]) -> Document:
    """All of them in one test, because a run of the rules costs the same for one case and for a hundred.

    Budget, failing and no data on one operation of each cadence, the others once.
    """
    by_cadence: dict[float, Operation] = {}
    for _, operation in sorted(operations.items()):
        if operation.probe_every_seconds:
            by_cadence.setdefault(operation.probe_every_seconds, operation)
    parts = [
        make(operation, cadence)
        for cadence, operation in sorted(by_cadence.items())
        for make in (_budget_part, _failing_part, _no_data_part)
    ]
    lasting = max(STALE, LIVE.fast_window_seconds(max(by_cadence, default=0.0)) + STALE_MARGIN)
    for one in sorted(judged, key=lambda j: j.cadence_seconds)[:1]:
        parts += [_drift_part(one), _stale_part(one, lasting)]
    parts += [_exporter_part(), _memory_part(), _watchdog_part(), _criterion_part(), _saturated_part()]
    parts += [*storing_parts(QUIET), *remote_write_parts()]
    return {
        "name": "budget, failing, no data, exporter down, memory, drift, stale, watchdog, criterion, saturated, not stored, "
        "log torn, remote write",
        "input_series": [one for part in parts for one in part.inputs],
        "promql_expr_test": [one for part in parts for one in part.checks],
    }


def _part(alert: str, kind: str, cases: Inputs, fires: Iterable[str], at: tuple[float, float]) -> Part:
    """Cases that are targets: silent each minute until `at[0]`, firing on exactly the given targets at `at[1]` seconds."""
    chosen = f'alertname={quoted(alert)},alertstate="firing",target=~{quoted(kind + " .*")}'
    expression = f"count by (target) (ALERTS{{{chosen}}})"
    samples = [{"labels": f"{{target={quoted(f'{kind} {case}')}}}", "value": 1} for case in fires]
    minutes = range(1, int(at[0] // 60) + 1)
    silent = [{"expr": expression, "eval_time": f"{minute * 60}s", "exp_samples": []} for minute in minutes]
    final = {"expr": expression, "eval_time": duration(at[1]), "exp_samples": samples}
    return Part([one for inputs in cases.values() for one in inputs], [*silent, final])


def _cases(operation: Operation, kind: str, phases: Mapping[str, list[Phase]]) -> Inputs:
    return {case: attempts(operation, f"{kind} {case}", each) for case, each in phases.items()}


def _budget_part(operation: Operation, cadence: float) -> Part:
    """Once over the budget is an accident, twice breaks it; on the budget is within; a timeout is over."""
    kind, budget = f"budget-{cadence:g}s", operation.budget_seconds
    window = budget_window_seconds(cadence, budget)
    quick, once = budget / 4, cadence / window
    tail = LIVE.for_seconds + STEP_SECONDS

    def phases(mean: float, share: float, timeouts: float = 0.0) -> list[Phase]:
        return [Phase(QUIET, quick), Phase(window, mean, share, timeouts=timeouts), Phase(tail, quick, 0.0)]

    found = {
        "on": phases(budget, 3 * once),
        "once": phases(budget * 1.1, once),
        "twice": phases(budget * 1.1, 3 * once),
        "one-timeout": phases(quick, once, timeouts=once),
        "timeouts": phases(quick, once, timeouts=3 * once),
        "both": phases(budget * 1.1, 1.5 * once, timeouts=1.5 * once),
    }
    cases = _cases(operation, kind, found)
    end = QUIET + window + LIVE.for_seconds
    return _part(AlertName.BUDGET, kind, cases, ("twice", "timeouts", "both"), (QUIET, end))


def _failing_part(operation: Operation, cadence: float) -> Part:
    """Rare failures are none, 5 % is the limit, and three in a row are enough whatever their share."""
    kind, window = f"failing-{cadence:g}s", LIVE.failing_window_seconds(cadence)
    seconds, starts = window + LIVE.for_seconds + STEP_SECONDS, window / cadence
    mean = operation.budget_seconds / 4

    def phases(refused: float, starts: float = 1.0) -> list[Phase]:
        return [Phase(QUIET, mean), Phase(seconds, mean, starts - refused, refused=refused)]

    two = (LIVE.failing_minimum + 0.2) / starts
    found = {
        "never": phases(0.0),
        "one": phases(1 / starts),
        "two": phases(two),
        "all": phases(1.0),
        "rare": phases(two, 1.05 * two / LIVE.failing_fraction),
        "not-so-rare": phases(two, 0.95 * two / LIVE.failing_fraction),
    }
    cases = dict(_cases(operation, kind, found))
    for case, count in (("short-streak", LIVE.failing_streak - 1), ("streak", LIVE.failing_streak)):
        rising = f"{constant(0, QUIET)} {constant(count, seconds)}"
        target = f"{kind} {case}"
        cases[case] = [*attempts(operation, target, phases(0.4 / starts)), streak(operation, target, rising)]
    return _part(AlertName.FAILING, kind, cases, ("two", "all", "not-so-rare", "streak"), (QUIET, QUIET + seconds))


def _no_data_part(operation: Operation, cadence: float) -> Part:
    """Scheduled and silent is no data, and so is an attempt that never ends; slower than its cadence is not."""
    kind, window = f"no-data-{cadence:g}s", LIVE.fast_window_seconds(cadence)
    hung = hung_window_seconds(cadence, operation.timeout_seconds)
    seconds = QUIET + hung + window + 2 * STEP_SECONDS
    least = LIVE.minimum_samples / LIVE.samples_per_run

    mean = operation.budget_seconds / 4

    def then(share: float, **others: float) -> list[Phase]:
        return [Phase(QUIET, mean), Phase(seconds - QUIET, mean, share, **others)]

    found = {
        "stopped": then(0.0),
        "too-few": then(least * 0.98),
        "enough": then(least * 1.02),
        "half-failing": then(least * 0.51, refused=least * 0.51),
        "slower-than-cadence": then(0.2, skipped=0.8),
        "slow-as-its-timeout": then(cadence / operation.timeout_seconds, skipped=1.0),
        "timing-out": then(0.0, timeouts=cadence / operation.timeout_seconds, skipped=1.0),
        "hung": then(0.0, skipped=1.0),
    }
    cases = {
        case: [*inputs, scheduled(operation, f"{kind} {case}", seconds)]
        for case, inputs in _cases(operation, kind, found).items()
    }
    cases |= _cases(operation, kind, {"unscheduled": then(0.0)})
    return _part(AlertName.NO_DATA, kind, cases, ("stopped", "too-few", "hung"), (QUIET, seconds))


def _drift_part(one: Judged) -> Part:
    """The right id is silent, another one and none at all are drift."""
    operation, kind, seconds = one.operation, "drift", 60.0

    def info(case: str, identity: str) -> list[Document]:
        quantity = one.baseline.quantity.value
        text = labels(operation, f"{kind} {case}", id=identity, source="test", quantity=quantity)
        shown = series(BASELINE_INFO, "", text, constant(1, seconds))
        return [shown, scheduled(operation, f"{kind} {case}", seconds)]

    cases = {
        "same": info("same", one.baseline.id),
        "other": info("other", "00000000"),
        "missing": [scheduled(operation, f"{kind} missing", seconds)],
    }
    return _part(AlertName.BASELINE_DRIFT, kind, cases, ("other", "missing"), (0.0, seconds))


def _stale_part(one: Judged, lasting: float) -> Part:
    """One alert over all: silent while a system is nearly twice as fast as its baseline, firing when it is faster."""
    seconds = one.baseline.seconds_per_call(one.operation.items)
    edge = one.limits.tolerated / LIVE.blind_factor
    phases = [Phase(lasting, 1.01 * edge * seconds), Phase(lasting, 0.99 * edge * seconds)]
    silent = {"expr": firing(AlertName.BASELINES_STALE), "eval_time": duration(lasting), "exp_samples": []}
    fires = is_one(f"count({firing(AlertName.BASELINES_STALE)})", 2 * lasting)
    return Part(attempts(one.operation, "stale", phases), [silent, fires])


def _exporter_part() -> Part:
    """Not there yet while Prometheus starts is silent, as up is; down fires, and so does an exporter that is not scraped."""
    expression = f"count({firing(AlertName.EXPORTER_DOWN)})"
    phases = ((0, LIVE.start_grace_seconds), (1, QUIET - LIVE.start_grace_seconds), (0, 60))
    up = {
        "series": f'up{{job={quoted(EXPORTER_JOB)},instance="exporter"}}',
        "values": " ".join([*(constant(value, seconds) for value, seconds in phases), "stale"]),
    }
    started = {
        "series": f"{PROCESS_START.name}{{job={quoted(PROMETHEUS_JOB)}}}",
        "values": constant(0, QUIET + 3 * LIVE.start_grace_seconds),
    }
    silent = [{"expr": expression, "eval_time": duration(at), "exp_samples": []} for at in (30, 60, QUIET)]
    return Part([up, started], [*silent, is_one(expression, QUIET + 30), is_one(expression, QUIET + 135)])


def _memory_part() -> Part:
    """On the budget is within, over it breaks it, and what is none of the stack's own may hold what it likes."""
    chosen = f"{firing(AlertName.MEMORY_BUDGET)}"
    peaks = {"exporter": MEMORY_BUDGET_BYTES, "vast": 1.01 * MEMORY_BUDGET_BYTES, "users-database": 2 * MEMORY_BUDGET_BYTES}
    inputs = [
        {
            "series": f"{PROCESS_RESIDENT.name}{{process={quoted(process)}}}",
            "values": f"{constant(MEMORY_BUDGET_BYTES / 2, QUIET)} {constant(peak, QUIET)}",
        }
        for process, peak in peaks.items()
    ]
    silent = {"expr": chosen, "eval_time": duration(QUIET), "exp_samples": []}
    fires = {
        "expr": f"count by (process) ({chosen})",
        "eval_time": duration(2 * QUIET),
        "exp_samples": [{"labels": '{process="vast"}', "value": 1}],
    }
    return Part(inputs, [silent, fires])


def _watchdog_part() -> Part:
    """The watchdog fires from the first evaluation on, whatever there is to see."""
    return Part([], [is_one(f"count({firing(AlertName.WATCHDOG)})", at) for at in (0, QUIET)])


def _criterion_part() -> Part:
    """A criterion that is met is silent, and so is one not judged yet; one that is broken fires at once."""
    values = {"met": constant(1, 2 * QUIET), "broken": f"{constant(1, QUIET)} {constant(0, QUIET)}"}
    inputs = [
        {
            "series": f'{LOAD_CRITERION_MET.name}{{criterion="{case} rate > 1/s",operation="{case}",statistic="rate"}}',
            "values": shown,
        }
        for case, shown in values.items()
    ]
    chosen = f"count by (operation) ({firing(AlertName.EXPECTATION)})"
    fires = {"labels": '{operation="broken"}', "value": 1}
    checks: list[Document] = [
        {"expr": chosen, "eval_time": duration(QUIET), "exp_samples": []},
        {"expr": chosen, "eval_time": duration(QUIET + 2 * STEP_SECONDS), "exp_samples": [fires]},
    ]
    return Part(inputs, checks)


def _saturated_part() -> Part:
    """A worker that is the bottleneck for a moment is none; one that stays so is told by its number."""
    moment = LIVE.saturated_seconds - 2 * STEP_SECONDS
    values = {
        "0": constant(0, 2 * QUIET),
        "1": f"{constant(0, QUIET)} {constant(1, moment)} {constant(0, QUIET)}",
        "2": f"{constant(0, QUIET)} {constant(1, QUIET)}",
    }
    inputs = [
        {"series": f"{LOAD_SATURATED.name}{{worker={quoted(worker)}}}", "values": shown} for worker, shown in values.items()
    ]
    chosen = f"count by (worker) ({firing(AlertName.SATURATED)})"
    at = QUIET + LIVE.saturated_seconds
    checks: list[Document] = [
        {"expr": chosen, "eval_time": duration(at), "exp_samples": []},
        {
            "expr": chosen,
            "eval_time": duration(at + 2 * STEP_SECONDS),
            "exp_samples": [{"labels": '{worker="2"}', "value": 1}],
        },
    ]
    return Part(inputs, checks)
