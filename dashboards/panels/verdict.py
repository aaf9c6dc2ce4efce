"""One operation against its baseline: how bad, how surely, and since when."""

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.models import common as common_models

from dashboards import colours, queries
from dashboards.panel import graph, line, now, number, over_time, value
from dashboards.queries import ROW, by_row, select
from dashboards.words import RECORD
from steadyline.live import LIVE
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION, Severity
from steadyline.vocabulary import (
    BASELINE_VALUE,
    BLIND_FACTOR,
    LOWER90_FAST,
    LOWER90_SLOW,
    LOWER99_FAST,
    LOWER99_SLOW,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_ATTEMPTS,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_P99,
    SLOW_RUNS,
    UPPER90_SLOW,
)

CHOSEN = queries.ONE_OPERATION
_WHO = "{{target}} {{driver}}"
_NO_BASELINE = "No baseline."


def severity() -> stat.Panel:
    """The worst alert that fires for it."""
    panel = number(
        "Alert firing now",
        "The worst alert that fires for this operation, on any target chosen; its heading in the runbook says what to do.",
        empty="Not scheduled.",
    )
    worst = f"max({queries.level(ROW, *CHOSEN)})"
    return panel.with_target(now(worst, "alert")).mappings(colours.levels()).thresholds(colours.plain())


def ratio() -> stat.Panel:
    """R of the last run."""
    panel = number(
        "Ratio to the baseline",
        f"Of the last run, and where it stands; above 1 is worse. Warning from {1 + WARNING_DEGRADATION:g}, critical from "
        f"{1 + CRITICAL_DEGRADATION:g}, each from the tolerance where that is wider. It alone is no verdict: the lower limit "
        "beside it is.",
        empty=_NO_BASELINE,
    )
    return (
        panel.with_target(now(by_row(select(RATIO_FAST, *CHOSEN)), _WHO))
        .with_target(now(queries.stands(*CHOSEN), f"stands {_WHO}", "B"))
        .override_by_regexp("/^stands /", [value("mappings", colours.standings())])
        .thresholds(colours.uncoloured())
        .decimals(2)
    )


def at_least() -> stat.Panel:
    """What the ratio surely is."""
    panel = number(
        "Ratio, at least",
        "The lower 99 % limit of the ratio, of the rule that is surer. Only when it is above the warning level is there an "
        "alert. Far below the ratio: the runs vary much.",
        empty=_NO_BASELINE,
    )
    fast, slow = select(LOWER99_FAST, *CHOSEN), select(LOWER99_SLOW, *CHOSEN)
    surer = by_row(f"{fast} > {slow} or {slow} or {fast}")
    return panel.with_target(now(surer, _WHO)).thresholds(colours.uncoloured()).decimals(2)


def mean() -> stat.Panel:
    """The mean of the last run."""
    panel = number(
        "Mean of the last run",
        f"Of the successes of one run ({LIVE.samples_per_run} samples): what is held to the baseline.",
        "s",
        empty="No success in the last run.",
    )
    return panel.with_target(now(by_row(select(RUN_MEAN, *CHOSEN)), _WHO)).color_mode(common_models.BigValueColorMode.NONE)


def samples() -> stat.Panel:
    """What the verdict rests on."""
    panel = number(
        "Samples, runs behind it",
        f"Attempts in the last run, and runs that the slow rule has. Under {LIVE.minimum_samples} attempts nothing is judged: "
        "look whether the schedule skips starts.",
        empty="No run yet.",
    )
    return (
        panel.with_target(now(f"min({select(RUN_ATTEMPTS, *CHOSEN)})", "samples"))
        .with_target(now(f"min({select(SLOW_RUNS, *CHOSEN)})", "runs", "B"))
        .thresholds(colours.samples())
        .decimals(0)
    )


def sight() -> stat.Panel:
    """What the baseline can show."""
    panel = number(
        "Slowdowns show from",
        "The smallest slowdown that the baseline shows, as a multiple of what the operation takes now. Coloured: smaller ones "
        f"stay unseen until {RECORD} gives it a baseline of this machine.",
        "suffix: x",
        empty=_NO_BASELINE,
    )
    shown = by_row(select(BLIND_FACTOR, *CHOSEN))
    return panel.with_target(now(shown, _WHO)).thresholds(colours.blindness()).decimals(1)


_MEASURED = (
    ("mean", by_row(select(RUN_MEAN, *CHOSEN))),
    ("p50", by_row(select(RUN_P50, *CHOSEN))),
    ("p95", by_row(select(RUN_P95, *CHOSEN))),
    ("p99", by_row(select(RUN_P99, *CHOSEN))),
)
_HELD = (
    ("baseline", by_row(select(BASELINE_VALUE, *CHOSEN)), colours.QUIET),
    ("tolerance", queries.tolerated_seconds(*CHOSEN), colours.COLOURS[Severity.INFO]),
    ("warning", queries.warning_seconds(*CHOSEN), colours.COLOURS[Severity.WARNING]),
    ("critical", queries.critical_seconds(*CHOSEN), colours.COLOURS[Severity.CRITICAL]),
)
"""Where each level begins, in seconds."""


def latency() -> timeseries.Panel:
    """Mean and quantiles against the lines of the baseline."""
    panel = graph(
        "Duration against the baseline's band",
        f"Successes of one run ({LIVE.samples_per_run} samples) at each point. The mean is what is judged; a "
        " p95 that rises alone points at waiting (locks, pools, garbage collection), all together at the target or "
        "the network. Dashed: baseline, tolerance, warning, critical. None: no baseline, only the budget judges "
        f"({RECORD}).",
        "s",
        span=14,
        height=9,
    )
    for ref, (name, expression) in zip("ABCD", _MEASURED, strict=True):
        panel = panel.with_target(over_time(expression, f"{name} {_WHO}", ref))
    for ref, (name, expression, colour) in zip("EFGH", _HELD, strict=True):
        panel = panel.with_target(over_time(expression, f"{name} {_WHO}", ref))
        panel = panel.override_by_regexp(f"/^{name} /", line(colour))
    return panel.override_by_regexp("/^mean /", line("text", dashed=False, width=2))


def limits() -> timeseries.Panel:
    """R and its limits, by both rules."""
    panel = graph(
        "Ratio and its limits",
        "An alert needs the 99 % limit above the warning level; how bad it is takes the 90 % limit. The fast rule sees one "
        f"run and big steps, the slow one the last {LIVE.slow_runs} runs and small steps. Dashed: where warning and "
        "critical begin. Limits far below the ratio: runs vary too much.",
        "none",
        span=10,
        height=9,
        empty=_NO_BASELINE,
    )
    series = (
        ("fast", RATIO_FAST),
        ("fast 99 %", LOWER99_FAST),
        ("fast 90 %", LOWER90_FAST),
        ("slow", RATIO_SLOW),
        ("slow 99 %", LOWER99_SLOW),
        ("slow 90 %", LOWER90_SLOW),
        ("slow upper 90 %", UPPER90_SLOW),
    )
    for ref, (name, recorded) in zip("ABCDEFG", series, strict=True):
        panel = panel.with_target(over_time(by_row(select(recorded, *CHOSEN)), f"{name} {_WHO}", ref))
    levels = (("warning", WARNING_DEGRADATION, Severity.WARNING), ("critical", CRITICAL_DEGRADATION, Severity.CRITICAL))
    for ref, (name, degradation, severity_of) in zip("HI", levels, strict=True):
        panel = panel.with_target(over_time(queries.level_ratio(degradation, *CHOSEN), f"{name} {_WHO}", ref))
        panel = panel.override_by_regexp(f"/^{name} /", line(colours.COLOURS[severity_of]))
    return panel.decimals(2)
