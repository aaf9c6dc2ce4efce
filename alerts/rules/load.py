"""The rules of load runs: each profile against its own baselines, expectations, budgets, and whether a run can be trusted.

A baseline of a profile judges runs of that profile alone, under the load that it was recorded under, and only while a whole
window lies in the steady phase; without a known profile expectations and budgets judge. All of them are one group, because
they read the gate when it is made.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from alerts.judgement.judged import Judged, judged_under_load, load_selection
from alerts.rules.alerting import alert, budget_alert, regression_alerts
from alerts.rules.grouping import Document, group, held, labelled
from alerts.rules.recording import ratio_rules, run_rules
from alerts.rules.steady import steady, steady_rule
from alerts.rules.texts import annotations, literal
from steadyline.baseline import Baseline
from steadyline.boards import Board
from steadyline.criterion import ALL, Criterion, Kind, parse
from steadyline.criterion_promql import broken
from steadyline.durations import spoken
from steadyline.live import LIVE
from steadyline.load_vocabulary import (
    LOAD_CRITERION_LIMIT,
    LOAD_CRITERION_MET,
    LOAD_CRITERION_VALUE,
    LOAD_SATURATED,
)
from steadyline.operation import Operation
from steadyline.promql import Selection, duration
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import AlertName, Driver, Metric

GROUP = "steadyline load"
_VALUE = {
    Kind.QUANTILE: "{{ $value | humanizeDuration }}",
    Kind.MEAN: "{{ $value | humanizeDuration }}",
    Kind.FAILURES: "{{ $value | humanizePercentage }}",
    Kind.RATE: '{{ $value | printf "%.4g" }}/s',
    Kind.DROPS: '{{ $value | printf "%.4g" }}/s',
}


def load_group(operations: Mapping[str, Operation], baselines: Iterable[Baseline], settings: Settings) -> Document:
    """All rules of load runs.

    Args:
        operations: the catalogue, by name.
        baselines: those of the driver load that name a profile judge.
        settings: expectations, the false alarm budget and the links.
    """
    found = judged_under_load(operations, baselines, settings)
    windowed = [one for one in map(parse, settings.expectations) if one.window_seconds]
    windows = {one.window_seconds for one in windowed if one.window_seconds}
    loads = {one.load.words: one.load for one in found if one.load}
    rules = [
        *(steady_rule(window) for window in sorted(windows)),
        *(steady_rule(LIVE.load_run_seconds, load) for _, load in sorted(loads.items())),
        *(
            rule
            for _, ones in groupby(found, key=lambda one: (one.operation, one.profile))
            for rule in _profile(ones, settings)
        ),
        *(_expectation(one, one.window_seconds, settings) for one in windowed if one.window_seconds),
        _criterion(windowed, settings),
        _saturated(settings),
        *_budgets(operations, settings),
    ]
    return group(GROUP, rules)


def _profile(ones: Iterable[Judged], settings: Settings) -> list[Document]:
    """One operation under one profile and load: its runs, and the baselines of its targets that they are held to."""
    found = list(ones)
    operation, profile, load = found[0].operation, found[0].profile, found[0].load
    labels = {"profile": profile, "load": load.words if load else ""}
    rules = held(run_rules(load_selection(operation.name, profile, load), [LIVE.load_run_seconds]), operation, **labels)
    for one in found:
        rules += held([*ratio_rules(one), *regression_alerts(one, settings)], operation, one.baseline.target, **labels)
    return rules


def _expectation(criterion: Criterion, window_seconds: float, settings: Settings) -> Document:
    """One of the settings' expectations over its window; its window is what it waits for."""
    text, name = literal(criterion.text), literal(criterion.operation)
    who = "all operations together" if criterion.operation == ALL else name
    on = "" if criterion.operation == ALL else " on {{ $labels.target }}"
    made = alert(
        AlertName.EXPECTATION,
        Severity.CRITICAL,
        broken(criterion, window_seconds, steady(window_seconds)),
        annotations(
            AlertName.EXPECTATION,
            settings,
            f"A load run breaks {text}{on}",
            f"Over {spoken(window_seconds)} of the steady phase {criterion.statistic.text} of {who} was "
            f"{_VALUE[criterion.statistic.kind]}. The limit stands in the settings, and does not depend on any baseline.",
            board=Board.LOAD,
        ),
        for_seconds=0,
    )
    return labelled(made, operation=name, driver=Driver.LOAD, criterion=text, statistic=criterion.statistic.text)


def _criterion(windowed: Iterable[Criterion], settings: Settings) -> Document:
    """All other criteria, as the run itself judges them: of its command line, and those of the steady phase as a whole."""
    others = Selection(*(("criterion", "!=", one.text) for one in windowed))
    made = alert(
        AlertName.EXPECTATION,
        Severity.CRITICAL,
        f"max by (criterion, operation, statistic) ({others.of(LOAD_CRITERION_MET)} == 0)",
        annotations(
            AlertName.EXPECTATION,
            settings,
            "A load run breaks {{ $labels.criterion }}",
            f"The latest value is {_asked(LOAD_CRITERION_VALUE)}, the limit {_asked(LOAD_CRITERION_LIMIT)} (seconds, a "
            "fraction of the attempts, or per second). What was broken once stays so until the run ends.",
            board=Board.LOAD,
        ),
        for_seconds=0,
    )
    return labelled(made, driver=Driver.LOAD)


def _asked(metric: Metric) -> str:
    """A template that asks for a criterion's number."""
    query = f'{{{{ with printf "{metric.name}{{criterion=%q}}" $labels.criterion | query }}}}'
    return f'{query}{{{{ . | first | value | printf "%.4g" }}}}{{{{ else }}}}unknown{{{{ end }}}}'


def _saturated(settings: Settings) -> Document:
    made = alert(
        AlertName.SATURATED,
        Severity.WARNING,
        f"max by (worker, instance) ({LOAD_SATURATED.name} == 1)",
        annotations(
            AlertName.SATURATED,
            settings,
            "Do not trust this load run: worker {{ $labels.worker }} is the bottleneck itself",
            f"For {duration(LIVE.saturated_seconds)} its processor or its event loop has been over its limit, so that "
            "latencies are its own and not the target's. Run more workers (--processes), on more cores, or ask for less load.",
            board=Board.LOAD,
        ),
        for_seconds=LIVE.saturated_seconds,
    )
    return labelled(made, driver=Driver.LOAD)


def _budgets(operations: Mapping[str, Operation], settings: Settings) -> list[Document]:
    """One rule for each budget, over all operations that have it: in any phase, by any profile or none."""
    by_budget: dict[float, list[str]] = {}
    for name, operation in sorted(operations.items()):
        by_budget.setdefault(operation.budget_seconds, []).append(name.replace(".", "[.]"))
    cadence = LIVE.load_run_seconds / LIVE.samples_per_run
    return [
        budget_alert(Selection(("operation", "=~", "|".join(names)), ("driver", "=", Driver.LOAD)), cadence, seconds, settings)
        for seconds, names in sorted(by_budget.items())
    ]
