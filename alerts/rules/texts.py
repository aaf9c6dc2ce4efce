"""What an alert says: templates that Prometheus fills in, and the links to the runbook and the board."""

from collections.abc import Mapping

from alerts.judgement.judged import Judged
from alerts.judgement.limits import Rule
from steadyline.baseline import ANY, Baseline, Quantity
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.promql import duration, number
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import RUN_MEAN

Annotations = dict[str, str]

WHO = "{{ $labels.operation }} on {{ $labels.target }}"
"""Who an alert is about."""
_VARIABLES = "var-operation={{ $labels.operation | urlquery }}&var-target={{ $labels.target | urlquery }}"
THE_OPERATION = f"{Board.OPERATION}?{_VARIABLES}"
"""The board "operation", showing the operation and the target of the alert."""


def annotations(
    alert: str,
    settings: Settings,
    summary: str,
    description: str,
    *,
    board: str = THE_OPERATION,
    figures: Mapping[str, str] | None = None,
) -> Annotations:
    """The four annotations that each alert has, links made from the settings, and its figures where it has any.

    Args:
        alert: its name, which is its heading in the runbook.
        settings: where runbook and Grafana are.
        summary: one line.
        description: value, baseline, ratio, target.
        board: where its link leads, under Grafana's boards.
        figures: what notifications show apart from the description: `current`, `baseline`, `ratio`, `limit`.
    """
    return {
        "summary": summary,
        "description": description,
        "runbook_url": f"{settings.runbook}#{alert.lower()}",
        "dashboard_url": f"{settings.boards}/d/{board}",
        **(figures or {}),
    }


def regression(judged: Judged, severity: Severity) -> tuple[str, str]:
    """Summary and description of a regression: value now, baseline, ratio, what the baseline can see."""
    load = f" ({judged.load.words})" if judged.load else ""
    profile = "" if judged.profile == ANY else f" under the load profile {judged.profile}{load}"
    over = f" over {LIVE.slow_runs} runs" if severity is Severity.INFO else ""
    summary = f'{WHO} is {{{{ $value | printf "%.2f" }}}} times its baseline{over}{profile}'
    description = (
        f"Now {_now(judged)}; the baseline is {baseline_text(judged.baseline)}. "
        'R = {{ $value | printf "%.3f" }}, above 1 is worse. '
        f"{_level(judged, severity)} {sight(judged)}"
    )
    return summary, description


def figures(judged: Judged) -> dict[str, str]:
    """A regression's figures, each for itself."""
    return {
        "current": _now(judged),
        "baseline": baseline_text(judged.baseline),
        "ratio": '{{ $value | printf "%.2f" }}',
    }


def _level(judged: Judged, severity: Severity) -> str:
    if severity is Severity.INFO:
        return f"Info: no warning is certain, yet over {LIVE.slow_runs} runs it is slower than it may be."
    fast, slow = (judged.limits.threshold(severity, rule) for rule in Rule)
    window = duration(LIVE.fast_window_seconds(judged.cadence_seconds))
    return (
        f"{severity.capitalize()} is above {fast:.2f} in one run of {window}, or above {slow:.2f} over {LIVE.slow_runs} runs."
    )


def sight(judged: Judged) -> str:
    """What the baseline can see, in multiples of its value."""
    fast, slow = (judged.limits.visible_factor(Severity.WARNING, rule) for rule in Rule)
    return f"The baseline shows slowdowns from {fast:.2f} times its value in one run, {slow:.2f} over {LIVE.slow_runs} runs."


def baseline_text(baseline: Baseline) -> str:
    """The baseline as a person writes it: value, tolerance, source."""
    unit = f"{baseline.value * 1000:g} ms a call" if baseline.quantity is Quantity.DURATION else f"{baseline.value:g} items/s"
    ours = ", our default" if baseline.tolerance_is_default else ""
    return f"{unit}, tolerance {baseline.tolerance:.0%}{ours} ({literal(baseline.source)})"


def _now(judged: Judged) -> str:
    """A template that asks for the present value in the baseline's own unit."""
    profile = "" if judged.profile == ANY else f',profile=\\"{judged.profile}\\"'
    chosen = f'operation=\\"{judged.operation.name}\\",driver=\\"{judged.baseline.driver}\\"{profile},target=%q'
    mean = f"{RUN_MEAN.name}{{{chosen}}}"
    if judged.baseline.quantity is Quantity.DURATION:
        ask, show, unit = mean, "humanizeDuration", "a call"
    else:
        ask, show, unit = f"{number(judged.operation.items)} / {mean}", 'printf "%.4g"', "items/s"
    query = f'{{{{ with printf "{ask}" $labels.target | query }}}}'
    return f"{query}{{{{ . | first | value | {show} }}}} {unit}{{{{ else }}}}unknown{{{{ end }}}}"


def literal(text: str) -> str:
    """A text that the template shows as it is."""
    return text.replace("{{", '{{ "{{" }}')
