"""How a load run stands: its phase and its users, the criteria that it keeps, and its times against the baselines."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, table, timeseries

from dashboards import colours, latest, links, queries
from dashboards.colours import BAD, words_for
from dashboards.panel import dashed, graph, line, now, number, over_time, value
from dashboards.panels.load_requests import to_operation
from dashboards.queries import CHOSEN, select
from dashboards.runs import LOAD, LONGEST_PAUSE_SECONDS, lately, peak
from dashboards.table import Column, of
from dashboards.words import NO_RUN, NO_RUN_AT_ZOOM
from steadyline.criterion import STATISTICS, Kind
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
from steadyline.vocabulary import LOWER99_FAST, RATIO_FAST

_WHO = "{{operation}} {{target}} {{profile}}"
_UNDER_WAY = {1: Phase.RAMP, 2: Phase.STEADY, 3: Phase.STOP}
_CUT, _ENDED = 4, 5
_PHASES = {
    "1": (Phase.RAMP, colours.BLUE),
    "2": (Phase.STEADY, colours.QUIET),
    "3": (Phase.STOP, colours.GREY),
    str(_CUT): ("cut off", colours.ODD),
    str(_ENDED): ("ended", colours.GREY),
}
"""As `_phase` numbers them."""
_UNITS = {"time": ("s", None), "share": ("percentunit", None), "per s": ("none", None)}
_KINDS = {
    Kind.QUANTILE: "time",
    Kind.MEAN: "time",
    Kind.FAILURES: "share",
    Kind.RATE: "per s",
    Kind.DROPS: "per s",
}
"""In which column a statistic stands: each has a unit of its own."""
_WIDTH = 78
"""Of a column of the criteria, in pixels: at 1280 all of them are in sight."""


def alright() -> stat.Panel:
    """Phase, criteria, and whether the generator can be trusted."""
    panel = number(
        "Is the run alright?",
        "Of the newest run chosen, which the first cell names; what it came to stays. A broken criterion fails the run: the "
        "table below names it. A worker that was saturated in the steady phase measured itself: do not trust the latencies, "
        "run more workers (`--processes`). Lost workers and reports are missing from all figures. Names beyond the cap are "
        "counted as `overflow`: give requests a name.",
        span=14,
        empty=NO_RUN,
    )
    counts = {
        "criteria broken": (f"sum({latest.came_to(LOAD_CRITERION_MET.name)} == bool 0)", Severity.CRITICAL),
        "workers saturated": (f"sum({latest.most(LOAD_SATURATED.name)})", Severity.CRITICAL),
        "workers lost": (f"sum({latest.came_to(LOAD_WORKER_UP.name)} == bool 0)", Severity.CRITICAL),
        "reports lost": (latest.total(LOAD_REPORTS_LOST.name), Severity.CRITICAL),
        "names beyond cap": (latest.total(LOAD_OVERFLOW.name), Severity.WARNING),
    }
    panel = panel.with_target(now(_phase(), "{{run}}")).override_by_query("A", [value("mappings", words_for(_PHASES))])
    for ref, (name, (expression, severity)) in zip("BCDEF", counts.items(), strict=True):
        level = colours.none_wanted(severity).build()
        panel = panel.with_target(now(expression, name, ref)).override_by_name(name, [value("thresholds", level)])
    return panel.thresholds(colours.plain())


def _phase() -> str:
    """Which one it is in, as a number, with the run's id."""
    under_way = [f"{number} * {latest.came_to(_in_phase(phase))}" for number, phase in _UNDER_WAY.items()]
    cut = f"{_CUT} * ({latest.info()} and on () ({latest.age()} > {LONGEST_PAUSE_SECONDS}))"
    ended = f"{_ENDED} * ({latest.came_to(RUN_END.name)} > bool 0)"
    numbered = " or ".join(f"max by (instance) ({one})" for one in (ended, cut, " or ".join(under_way)))
    return f"({numbered}) * on (instance) group_left (run) {latest.info()}"


def _in_phase(phase: str) -> str:
    return f'{LOAD_PHASE.name}{{phase="{phase}"}}'


def users() -> timeseries.Panel:
    """Users, those there should be, and the steady phase."""
    panel = graph(
        "Users, and those there should be",
        "Active users by class, and how many there should be, dashed. The filled stretches are the steady phase: criteria and "
        "baselines are judged there only. Fewer than there should be: the generator cannot start them fast enough.",
        "none",
        empty=NO_RUN_AT_ZOOM,
    )
    wanted = f"sum({peak(LOAD_TARGET_USERS.name)})"
    return (
        panel.with_target(over_time(f"sum by (user_class) ({peak(LOAD_USERS.name)})", "{{user_class}}"))
        .with_target(over_time(wanted, "target", "B"))
        .with_target(over_time(f"max({peak(_in_phase(Phase.STEADY))}) * {wanted}", "steady", "C"))
        .override_by_name("target", line())
        .override_by_name("steady", [*line(colours.BLUE, dashed=False, width=0), value("custom.fillOpacity", 10)])
        .decimals(0)
    )


def criteria() -> table.Panel:
    """Each criterion with its value, how near that is to its limit, and its state."""
    words = words_for({"1": ("kept", colours.QUIET), "0": ("broken", BAD)})
    state = queries.by("criterion", latest.came_to(LOAD_CRITERION_MET.name))
    return of(
        "Criteria: value, limit and state",
        "What `--expect` and the settings' `expectations` ask of the newest run chosen; the limit stands in the criterion. "
        "The value is that of the latest window: a time, a share of the attempts, or a number per second. `of limit` is its "
        "part of the limit. Broken stays broken until the run ends, though the value may be back. Without a state it had no "
        "full window of the steady phase yet.",
        (Column("state", state, decimals=0, mappings=words, width=_WIDTH), *_values(), _of_limit()),
        labels=("criterion",),
        empty="No criterion was asked of this run (`--expect`), or there is no run.",
        span=12,
        height=8,
    )


def _values() -> Iterator[Column]:
    """The value in a column of its unit."""
    for name, (unit, decimals) in _UNITS.items():
        texts = "|".join(text.replace(".", "[.]") for text, one in STATISTICS.items() if _KINDS[one.kind] == name)
        measured = select(LOAD_CRITERION_VALUE, f'statistic=~"{texts}"')
        yield Column(name, queries.by("criterion", latest.came_to(measured)), unit, decimals, width=_WIDTH)


def _of_limit() -> Column:
    """The value as a part of the limit."""
    measured, limit = (latest.came_to(metric.name) for metric in (LOAD_CRITERION_VALUE, LOAD_CRITERION_LIMIT))
    return Column("of limit", queries.by("criterion", f"{measured} / {limit}"), "percentunit", 0, width=_WIDTH)


def ratio() -> timeseries.Panel:
    """R against the baselines of the run's profile."""
    panel = graph(
        "Ratio to the profile's baseline",
        "Of runs whose profile has baselines, in windows of the steady phase; 1 is the baseline, more is slower. Dashed, its "
        "lower limit: only where that is above a level, too, the slowdown is sure. Other load has no ratio.",
        "none",
        empty="No run against baselines of its profile: `steadyline load --profile low --record`.",
    )
    labels = f"{queries.ROW}, profile"
    ratios, limits = (lately("max_over_time", select(series, LOAD, *CHOSEN)) for series in (RATIO_FAST, LOWER99_FAST))
    return (
        panel.with_target(over_time(queries.by(labels, ratios), _WHO))
        .with_target(over_time(queries.by(labels, limits), "at least: " + _WHO, "B"))
        .override_by_regexp("/^at least: /", [line()[1]])
        .thresholds(colours.ratios())
        .thresholds_style(dashed())
        .data_links([links.data(to_operation())])
    )
