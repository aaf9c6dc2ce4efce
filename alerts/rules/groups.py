"""The rule file: one group per scheduled operation, one of load runs, and one for the stack itself."""

from collections.abc import Iterable, Mapping

from alerts.judgement.judged import Judged, judged
from alerts.rules.alerting import (
    alert,
    budget_alert,
    drift_alert,
    failing_alert,
    no_data_alert,
    regression_alerts,
    unjudged_drift_alert,
)
from alerts.rules.grouping import Document, group, held
from alerts.rules.load import load_group
from alerts.rules.recording import ratio_rules, run_rules, run_windows
from alerts.rules.remote_write import remote_write_alerts
from alerts.rules.storing import storing_alerts
from alerts.rules.texts import annotations
from alerts.rules.unseen import outliving
from steadyline.baseline import Baseline
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.operation import MEMORY_BUDGET_BYTES, Operation
from steadyline.promql import Selection, duration, number
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.target import EMBEDDED_BACKENDS
from steadyline.upstream import PROCESS_START, PROMETHEUS_JOB
from steadyline.vocabulary import (
    BLIND_FACTOR,
    EXPORTER_JOB,
    EXPORTER_PROCESS,
    PROCESS_RESIDENT,
    AlertName,
    Driver,
)

BUDGETED = (EXPORTER_PROCESS, *EMBEDDED_BACKENDS)
"""The watched processes that the memory budget is held to."""
PEAK_SECONDS = 60.0
"""What a process held at most within this time is its peak."""


def rule_groups(operations: Mapping[str, Operation], baselines: Iterable[Baseline], settings: Settings) -> Document:
    """The whole rule file.

    Args:
        operations: the catalogue, by name.
        baselines: sourced and recorded ones; the gate's are left out.
        settings: expectations, the false alarm budget and the links.
    """
    known = list(baselines)
    found = judged(operations, known, settings)
    scheduled = [(o, o.probe_every_seconds) for _, o in sorted(operations.items()) if o.probe_every_seconds]
    groups = [_operation_group(o, cadence, [j for j in found if j.operation is o], settings) for o, cadence in scheduled]
    slowest = max((cadence for _, cadence in scheduled), default=LIVE.evaluation_seconds)
    return {
        "groups": [*groups, load_group(operations, known, settings), _stack_group(LIVE.fast_window_seconds(slowest), settings)]
    }


def _operation_group(operation: Operation, cadence: float, found: list[Judged], settings: Settings) -> Document:
    """All rules of one operation; one group, because they read each other in this order at one moment."""
    chosen = Selection(("operation", "=", operation.name), ("driver", "=", Driver.PROBE))
    rules = [
        *held(run_rules(chosen, run_windows(cadence, operation.timeout_seconds)), operation),
        *(rule for one in found for rule in _judged_rules(one, settings)),
        *([] if found else held([unjudged_drift_alert(chosen, settings)], operation)),
        *held(
            [
                outliving(budget_alert(chosen, cadence, operation.budget_seconds, settings), chosen),
                outliving(failing_alert(chosen, cadence, settings), chosen),
                no_data_alert(chosen, cadence, operation, settings),
            ],
            operation,
        ),
    ]
    return group(operation.name, rules)


def _judged_rules(one: Judged, settings: Settings) -> list[Document]:
    alerts = [outliving(rule, one.selection) for rule in regression_alerts(one, settings)]
    rules = [*ratio_rules(one), *alerts, drift_alert(one, settings)]
    return held(rules, one.operation, one.baseline.target)


def _stack_group(slowest_window_seconds: float, settings: Settings) -> Document:
    rules = [
        _exporter_down(settings),
        *storing_alerts(settings),
        _memory_budget(settings),
        _baselines_stale(slowest_window_seconds, settings),
        *remote_write_alerts(settings),
        _watchdog(settings),
    ]
    return group("steadyline", rules)


def _exporter_down(settings: Settings) -> Document:
    up = Selection(("job", "=", EXPORTER_JOB))
    return alert(
        AlertName.EXPORTER_DOWN,
        Severity.CRITICAL,
        f"(\n  up{{{up}}} == 0\n  or\n  absent(up{{{up}}})\n)\n{_not_just_started()}",
        annotations(
            AlertName.EXPORTER_DOWN,
            settings,
            "The exporter cannot be scraped",
            "{{ with $labels.instance }}{{ . }} does{{ else }}No exporter is scraped; the job "
            f"{EXPORTER_JOB} does{{{{ end }}}} not answer: no operation is measured, and none is judged.",
            board=Board.STACK,
        ),
    )


def _not_just_started() -> str:
    """A stack of containers starts Prometheus beside what it scrapes: what is not there yet is no news."""
    own = Selection(("job", "=", PROMETHEUS_JOB))
    age = f"time() - max({PROCESS_START.name}{{{own}}})"
    return f"unless on()\n({age} < {number(LIVE.start_grace_seconds)})"


def _memory_budget(settings: Settings) -> Document:
    """The peak since the process began would never let go; the largest of a minute is a peak that can be mended."""
    ours = Selection(("process", "=~", "|".join(BUDGETED)))
    largest = f"max_over_time({PROCESS_RESIDENT.name}{{{ours}}}[{duration(PEAK_SECONDS)}])"
    return alert(
        AlertName.MEMORY_BUDGET,
        Severity.CRITICAL,
        f"{largest} > {MEMORY_BUDGET_BYTES}",
        annotations(
            AlertName.MEMORY_BUDGET,
            settings,
            f"{{{{ $labels.process }}}} holds more memory than its budget of {MEMORY_BUDGET_BYTES / 1e6:g} MB",
            f"The largest resident memory of the last {duration(PEAK_SECONDS)} was {{{{ $value | humanize1024 }}}}B. The "
            "budget is an absolute limit for each process of this stack that measures or is measured.",
            board=Board.MEMORY,
            figures={"current": "{{ $value | humanize1024 }}B", "limit": f"{MEMORY_BUDGET_BYTES / 1e6:g} MB"},
        ),
    )


def _baselines_stale(for_seconds: float, settings: Settings) -> Document:
    blind = f"{BLIND_FACTOR.name} > {number(LIVE.blind_factor)}"
    worst = (
        f'{{{{ range query "sort_desc(topk(5, {blind}))" }}}} {{{{ .Labels.operation }}}} on {{{{ .Labels.target }}}} below '
        '{{ .Value | printf "%.1f" }} x;{{ end }}'
    )
    return alert(
        AlertName.BASELINES_STALE,
        Severity.INFO,
        f"count({blind})",
        annotations(
            AlertName.BASELINES_STALE,
            settings,
            f"{{{{ $value }}}} baselines are stale: they show no slowdown below {LIVE.blind_factor:g} times",
            f"This system is so much faster than its baselines that smaller slowdowns stay unseen; the blindest:{worst} "
            "to mend it, record baselines of this system with steadyline baseline record.",
            board=Board.OVERVIEW,
        ),
        for_seconds=for_seconds,
    )


def _watchdog(settings: Settings) -> Document:
    texts = annotations(
        AlertName.WATCHDOG,
        settings,
        "Alerting works",
        "Always firing: when it stops arriving, Prometheus or Alertmanager has stopped. A dead man's switch.",
        board=Board.STACK,
    )
    return {
        "alert": AlertName.WATCHDOG,
        "expr": "vector(1)",
        "labels": {"severity": Severity.NONE.value},
        "annotations": texts,
    }
