"""How a load run stands: its phase and its users, the criteria that it keeps, and its times against the baselines."""

from grafana_foundation_sdk.builders import stat, table, timeseries

from dashboards import colours, links, queries, runs
from dashboards.colours import BAD, words_for
from dashboards.panel import dashed, graph, line, number, over_time, value
from dashboards.queries import CHOSEN, select
from dashboards.runs import LOAD, chosen
from dashboards.table import Column, of
from dashboards.words import NO_RUN
from steadyline.load_vocabulary import (
    LOAD_CRITERION_LIMIT,
    LOAD_CRITERION_MET,
    LOAD_CRITERION_VALUE,
    LOAD_OVERFLOW,
    LOAD_PHASE,
    LOAD_REPORTS_LOST,
    LOAD_SATURATED,
    LOAD_TARGET_USERS,
    LOAD_USERS,
    LOAD_WORKER_UP,
    RUN_END,
    Phase,
)
from steadyline.severity import Severity
from steadyline.vocabulary import LOWER99_FAST, RATIO_FAST, Metric

_WHO = "{{operation}} {{target}} {{profile}}"
_PHASES = {
    "1": (Phase.RAMP, colours.BLUE),
    "2": (Phase.STEADY, colours.QUIET),
    "3": (Phase.STOP, colours.GREY),
    "4": ("ended", colours.GREY),
}
"""As `_phase` numbers them."""


def alright() -> stat.Panel:
    """Phase, criteria, and whether the generator can be trusted."""
    panel = number(
        "Is the run alright?",
        "Of the latest run chosen. A broken criterion fails the run: the table below names it. A saturated worker measures "
        "itself: do not trust the latencies, run more workers (`--processes`). Lost workers and reports are missing from all "
        "figures. Names beyond the cap are counted as `overflow`: give requests a name.",
        span=14,
        empty=NO_RUN,
    )
    counts = {
        "criteria broken": (f"sum({_latest(LOAD_CRITERION_MET)} == bool 0)", Severity.CRITICAL),
        "workers saturated": (f"sum({_latest(LOAD_SATURATED)})", Severity.CRITICAL),
        "workers lost": (f"sum({_latest(LOAD_WORKER_UP)} == bool 0)", Severity.CRITICAL),
        "reports lost": (f"sum({_latest(LOAD_REPORTS_LOST)})", Severity.CRITICAL),
        "names beyond cap": (f"sum({_latest(LOAD_OVERFLOW)})", Severity.WARNING),
    }
    panel = panel.with_target(over_time(_phase(), "phase")).override_by_name("phase", [value("mappings", words_for(_PHASES))])
    for ref, (name, (expression, severity)) in zip("BCDEF", counts.items(), strict=True):
        level = colours.none_wanted(severity).build()
        panel = panel.with_target(over_time(expression, name, ref)).override_by_name(name, [value("thresholds", level)])
    return panel.thresholds(colours.plain())


def _phase() -> str:
    """Which one it is in, as a number."""
    under_way = [f'{number} * {LOAD_PHASE.name}{{phase="{phase}"}}' for number, (phase, _) in list(_PHASES.items())[:-1]]
    return f"max({chosen(' or '.join([*under_way, f'4 * ({RUN_END.name} > bool 0)']))})"


def _latest(metric: Metric) -> str:
    """A gauge of the runs that are chosen."""
    return f"({chosen(metric.name)})"


def users() -> timeseries.Panel:
    """Users, those there should be, and the steady phase."""
    panel = graph(
        "Users, and those there should be",
        "Active users by class, and how many there should be, dashed. The filled stretches are the steady phase: criteria and "
        "baselines are judged there only. Fewer than there should be: the generator cannot start them fast enough.",
        "none",
        empty=NO_RUN,
    )
    phase = f'{LOAD_PHASE.name}{{phase="{Phase.STEADY}"}}'
    wanted = f"sum({chosen(LOAD_TARGET_USERS.name)})"
    return (
        panel.with_target(over_time(f"sum by (user_class) ({chosen(LOAD_USERS.name)})", "{{user_class}}"))
        .with_target(over_time(wanted, "target", "B"))
        .with_target(over_time(f"max({chosen(phase)}) * {wanted}", "steady", "C"))
        .override_by_name("target", line())
        .override_by_name("steady", [*line(colours.BLUE, dashed=False, width=0), value("custom.fillOpacity", 10)])
        .decimals(0)
    )


def criteria() -> table.Panel:
    """Each criterion of each run with its value, its limit and its state."""
    words = words_for({"1": ("kept", colours.QUIET), "0": ("broken", BAD)})
    return of(
        "Criteria: value, limit and state",
        "What `--expect` and the settings' `expectations` ask of the run. The value is that of the latest window; seconds, a "
        "fraction of the attempts, or per second. Broken stays broken until the run ends, though the value may be back. "
        "Without a state it has no full window of the steady phase yet.",
        (
            Column("state", runs.last("criterion", LOAD_CRITERION_MET.name), decimals=0, mappings=words, width=80),
            Column("value", runs.last("criterion", LOAD_CRITERION_VALUE.name), decimals=3, width=80),
            Column("limit", runs.last("criterion", LOAD_CRITERION_LIMIT.name), decimals=3, width=80),
        ),
        labels=("criterion", "run"),
        empty="No criterion was asked for: `--expect`.",
        span=12,
        height=8,
    ).override_by_name("run", [value("custom.width", 120)])


def ratio() -> timeseries.Panel:
    """R against the baselines of the run's profile."""
    panel = graph(
        "Ratio to the profile's baseline",
        "Of runs whose profile has baselines, in windows of the steady phase; 1 is the baseline, more is slower. Dashed, its "
        "lower limit: only where that is above a level, too, the slowdown is sure. Other load has no ratio.",
        "none",
        empty="No baselines of this profile and load: `steadyline load --profile low --record`.",
    )
    labels = f"{queries.ROW}, profile"
    return (
        panel.with_target(over_time(queries.by(labels, select(RATIO_FAST, LOAD, *CHOSEN)), _WHO))
        .with_target(over_time(queries.by(labels, select(LOWER99_FAST, LOAD, *CHOSEN)), "at least: " + _WHO, "B"))
        .override_by_regexp("/^at least: /", [line()[1]])
        .thresholds(colours.ratios())
        .thresholds_style(dashed())
        .data_links([links.data(links.to_operation())])
    )
