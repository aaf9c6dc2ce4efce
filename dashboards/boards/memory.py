"""The board "memory": whether a process grows, when it would break its budget, and what is left behind in the targets."""

from grafana_foundation_sdk.builders import bargauge, table, timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours, links, queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, bars, dashed, graph, now, over_time
from dashboards.queries import select
from dashboards.table import Column, of
from dashboards.variables import datasource, several
from dashboards.words import NO_PROCESS
from steadyline.boards import Board
from steadyline.durations import promql, spoken
from steadyline.load_vocabulary import LOAD_WORKER_RESIDENT
from steadyline.operation import MEMORY_BUDGET_BYTES
from steadyline.vocabulary import (
    LEAKED_ARTEFACTS,
    PROCESS_FDS,
    PROCESS_PEAK,
    PROCESS_RESIDENT,
    PROCESS_THREADS,
    SWEPT_ARTEFACTS,
)

PROCESS = "process"
CHOSEN = queries.chosen(PROCESS)
HOUR_SECONDS = 3600.0
GROWTH_SECONDS = HOUR_SECONDS
"""Over so long growth is told: less is the noise of an allocator, more hides when it began."""
BUDGET = f"{MEMORY_BUDGET_BYTES / 1e6:g} MB"
_GROWN = spoken(GROWTH_SECONDS)
_WARMING = "In the first hour after a start all grow, so wait for it to pass."
_RESIDENT = queries.by(PROCESS, select(PROCESS_RESIDENT, *CHOSEN))
_PEAK = queries.by(PROCESS, select(PROCESS_PEAK, *CHOSEN))
_THREADS = queries.by(PROCESS, select(PROCESS_THREADS, *CHOSEN))
_DESCRIPTORS = queries.by(PROCESS, select(PROCESS_FDS, *CHOSEN))
_BYTES_PER_SECOND = queries.by(PROCESS, f"deriv({select(PROCESS_RESIDENT, *CHOSEN)}[{promql(GROWTH_SECONDS)}])")
_WARM = select(PROCESS_RESIDENT, *CHOSEN) + f" offset {promql(GROWTH_SECONDS)}"
_UNTIL_BUDGET = f"clamp_min({MEMORY_BUDGET_BYTES} - {_RESIDENT}, 0) / ({_BYTES_PER_SECOND} > 0) and on ({PROCESS}) {_WARM}"


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.MEMORY,
        "Does a process grow, when would it break its budget, and what is left behind in the targets?",
        (datasource(), several(PROCESS, "Process", PROCESS_RESIDENT.name)),
        since="now-6h",
    )
    for panel in (processes, resident, growth, peaks, threads, descriptors, leaked, swept, workers):
        made = made.with_panel(panel())
    return numbered(made.build())


_COLUMNS = (
    Column("now", _RESIDENT, "bytes", 0),
    Column("peak", _PEAK, "bytes", 0),
    Column("peak, share of budget", f"{_PEAK} / {MEMORY_BUDGET_BYTES}", "percentunit", 0, colours.share),
    Column("growth per hour", f"{_BYTES_PER_SECOND} * {HOUR_SECONDS:g}", "bytes", 1),
    Column("until the budget", _UNTIL_BUDGET, "s", 0),
    Column("threads", _THREADS, decimals=0),
    Column("open files", _DESCRIPTORS, decimals=0),
)


def processes() -> table.Panel:
    """Every process in one table, the one nearest to its budget first."""
    return of(
        f"Processes against {BUDGET}, largest first",
        f"Resident memory with children, pages that they share counted twice. Growth is the slope of the last {_GROWN}, and "
        "`until the budget` when that slope would reach it; empty where it does not grow, or is not watched for so long. A "
        "megabyte or two an hour is noise; the same slope for hours, with threads or open files that rise along, is a leak: "
        f"keep that process's log, then restart it. {_WARMING}",
        _COLUMNS,
        labels=(PROCESS,),
        empty="No process is watched: `steadyline status` says whether the exporter runs.",
        worst_first=("peak, share of budget",),
        span=COLUMNS,
        height=9,
    )


def resident() -> timeseries.Panel:
    """Resident memory over time."""
    panel = graph(
        "Resident memory against the budget, bytes",
        f"The dashed line is the budget, {BUDGET}; the exporter and targets of ours alert beyond it. Steps come with bulks "
        "and end; a line that only rises is a leak, and when it began to rise says where to look.",
        "bytes",
        empty=NO_PROCESS,
    )
    panel = panel.thresholds(colours.memory()).thresholds_style(dashed())
    return panel.with_target(over_time(_RESIDENT, "{{process}}"))


def growth() -> timeseries.Panel:
    """How fast the processes grow."""
    panel = graph(
        "Growth of resident memory, bytes per hour",
        f"Slope over {_GROWN}. Falls towards 0 once everything is warm, and dips below when memory is given back. A line that "
        f"settles above 0 is a leak, and its height is the leak's rate. {_WARMING}",
        "bytes",
        empty=NO_PROCESS,
        from_zero=False,
    )
    return panel.with_target(over_time(f"{_BYTES_PER_SECOND} * {HOUR_SECONDS:g}", "{{process}}"))


def peaks() -> bargauge.Panel:
    """How near each process came to the budget."""
    panel = bars(
        "Peak, share of the budget",
        "The most that was ever seen of each. Much more than now: something large passed through once; look for a bulk in the "
        "graph above. From 100 % on: smaller bulks, or a smaller pool.",
        "percentunit",
        empty=NO_PROCESS,
    )
    share = f"sort_desc({_PEAK} / {MEMORY_BUDGET_BYTES})"
    return panel.with_target(now(share, "{{process}}")).thresholds(colours.share()).min(0).max(1)


def threads() -> timeseries.Panel:
    """Threads of the processes."""
    panel = graph(
        "Threads, by process",
        "Flat while the settings stay the same. A line that climbs is a pool that is made anew each time and never ended.",
        "none",
        empty=NO_PROCESS,
        span=8,
    )
    return panel.with_target(over_time(_THREADS, "{{process}}"))


def descriptors() -> timeseries.Panel:
    """Open file descriptors of the processes."""
    panel = graph(
        "Open file descriptors, by process",
        "Files and connections. A line that climbs is connections that nobody closes; it ends with `too many open files`.",
        "none",
        empty=NO_PROCESS,
        span=8,
    )
    return panel.with_target(over_time(_DESCRIPTORS, "{{process}}"))


def _by_place(panel: timeseries.Panel, expression: str) -> timeseries.Panel:
    return panel.with_target(over_time(expression, "{{backend}} {{target}}")).data_links([links.data(links.to_backend())])


def leaked() -> timeseries.Panel:
    """What is left behind, by backend and target."""
    panel = graph(
        "Leaked artefacts, by backend and target",
        "Rows and objects of ours that should be gone, counted in the target from outside. 0 is good. For more than an hour "
        "above: the janitor may not delete; see its log and the rights of the account.",
        "none",
        empty="Not counted.",
        span=8,
    )
    panel = panel.thresholds(colours.none_wanted()).thresholds_style(dashed())
    return _by_place(panel, queries.by("backend, target", LEAKED_ARTEFACTS.name))


def swept() -> timeseries.Panel:
    """What the janitor swept."""
    panel = graph(
        "Swept artefacts, since the exporter began",
        "What crashed runs had left and the janitor deleted. A step is a crash; steps again and again are a driver that is "
        "killed before it cleans up, so give it time to end.",
        "none",
        empty="Nothing is swept here.",
        span=8,
    )
    return _by_place(panel, queries.by("backend, target", SWEPT_ARTEFACTS.name))


def workers() -> timeseries.Panel:
    """Resident memory of a load run's workers."""
    panel = graph(
        "Resident memory of load workers, bytes",
        "Each worker's own process. It grows with its users and is flat in the steady phase; one that grows on keeps answers "
        f"or names. The dashed line is the budget, {BUDGET}: beyond it, spread the users over more workers.",
        "bytes",
        empty="No load run.",
        span=8,
    )
    panel = panel.thresholds(colours.memory()).thresholds_style(dashed())
    return panel.with_target(over_time(queries.by("worker", LOAD_WORKER_RESIDENT.name), "worker {{worker}}"))
