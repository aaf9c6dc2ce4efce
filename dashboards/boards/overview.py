"""The board "overview": is anything wrong, where, and where to look next."""

from grafana_foundation_sdk.builders import stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from alerts.rules.groups import BUDGETED
from dashboards import colours, links, queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, graph, now, number, over_time, timeline, value
from dashboards.panels import standing
from dashboards.queries import BACKEND, OPERATION, TARGET, select
from dashboards.runs import FAILED, WHOLE
from dashboards.table import BACKGROUND, Column, of
from dashboards.variables import SCHEDULED, backend, datasource, target
from dashboards.words import NO_FAILURES, NO_PROCESS, REASONS
from steadyline.boards import Board
from steadyline.operation import MEMORY_BUDGET_BYTES
from steadyline.severity import Severity
from steadyline.target import EMBEDDED_BACKENDS
from steadyline.vocabulary import (
    EXPORTER_JOB,
    LEAKED_ARTEFACTS,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    PROCESS_RESIDENT,
)

CHOSEN = queries.BACKENDS
_PROCESSES = "|".join(BUDGETED)
_BUDGETED = f'process=~"{_PROCESSES}"'
_COUNTED = select(OPERATION_DURATION, *CHOSEN, WHOLE, suffix="_count")
_FAILED = select(OPERATION_FAILURES, *CHOSEN, WHOLE, FAILED)
_SUCCESSES = f"sum(rate({_COUNTED}[{queries.RATE}]))"
_FAILURES = f"sum(rate({_FAILED}[{queries.RATE}]))"
_ANY_BACKEND = f'{BACKEND}=~"${BACKEND}|"'
"""Alerts of no backend, such as that of a load run's criterion, are everybody's."""


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.OVERVIEW,
        "Is anything slower than its baseline, failing, or out of sight? A cell leads to its operation.",
        (datasource(), backend(SCHEDULED), target(SCHEDULED)),
    )
    for panel in (alerts, throughput, failing, memory, leaked, judge, cells, standing.operations, firing, history):
        made = made.with_panel(panel())
    return numbered(made.with_panel(traffic()).with_panel(failures()).build())


def alerts() -> stat.Panel:
    """How many alerts fire, by severity."""
    panel = number(
        "Alerts firing",
        "Alerts of ours that fire now, by severity. The table below names them, and each has a heading in the runbook.",
        span=6,
    ).thresholds(colours.none_wanted())
    for ref, severity in zip("ABC", queries.LEVELS, strict=True):
        panel = panel.with_target(now(queries.count_firing(severity), severity.value, ref)).override_by_name(
            severity.value, [value("thresholds", colours.none_wanted(severity).build())]
        )
    return panel


def throughput() -> stat.Panel:
    """Attempts a second, of all drivers."""
    panel = number(
        "Attempts per second",
        "Successes and failures of all drivers, and their course; a flow's steps, not the flow. At 0 nothing is asked: "
        "`steadyline status`.",
        "reqps",
        span=4,
        empty="Nothing was asked.",
    )
    return (
        panel.with_target(over_time(f"{_SUCCESSES} + {_FAILURES}", "attempts"))
        .thresholds(colours.plain())
        .color_mode(common_models.BigValueColorMode.NONE)
        .graph_mode(common_models.BigValueGraphMode.AREA)
        .decimals(1)
    )


def failing() -> stat.Panel:
    """The share of attempts that fail."""
    panel = number(
        "Failed, share of attempts",
        "Of all attempts in the last seconds, without those that a load run's end cut short. Above 0: the graph of failures "
        "below says which backend, and the board of the operation why.",
        "percentunit",
        span=4,
        empty="Nothing was asked.",
    )
    return (
        panel.with_target(over_time(f"{_FAILURES} / ({_SUCCESSES} + {_FAILURES})", "failures"))
        .thresholds(colours.failing())
        .graph_mode(common_models.BigValueGraphMode.AREA)
        .decimals(1)
    )


def memory() -> stat.Panel:
    """The process nearest to the budget."""
    panel = number(
        "Memory, share of budget",
        f"The largest process of those that have the budget of {MEMORY_BUDGET_BYTES / 1e6:g} MB: the exporter and the "
        "embedded targets. Above 1 an alert fires. Which it is, and whether it grows, says the board Memory.",
        "percentunit",
        empty=NO_PROCESS,
    )
    return (
        panel.with_target(now(f"max({select(PROCESS_RESIDENT, _BUDGETED)}) / {MEMORY_BUDGET_BYTES}", "largest process"))
        .thresholds(colours.share())
        .decimals(0)
        .data_links([links.data(links.to(Board.MEMORY, "Memory", {}))])
    )


def leaked() -> stat.Panel:
    """How many artefacts were left behind."""
    panel = number(
        "Leaked artefacts",
        "Rows and objects that operations wrote and that should be gone, counted from outside. Above 0 for more than an hour: "
        "look for a crashed driver; the janitor sweeps what is past its lifetime.",
        span=3,
        empty="Not counted.",
    )
    return panel.thresholds(colours.none_wanted()).with_target(now(f"sum({LEAKED_ARTEFACTS.name})", "leaked"))


def judge() -> stat.Panel:
    """Whether the exporter is scraped."""
    panel = number(
        "Exporter",
        "Whether Prometheus can scrape the exporter. If it is down nothing is measured: `steadyline status` says why.",
        span=3,
        empty="Not scraped.",
    )
    mapped = colours.words_for({"1": ("up", colours.QUIET), "0": ("down", colours.COLOURS[Severity.CRITICAL])})
    return (
        panel.thresholds(colours.one_wanted())
        .mappings(mapped)
        .with_target(now(f'min(up{{job="{EXPORTER_JOB}"}})', "up"))
        .data_links([links.data(links.to(Board.STACK, "Stack health", {}))])
    )


def cells() -> table.Panel:
    """A cell for each operation, a column for each backend: beside each other, names stay readable."""
    one_backend = (f'{BACKEND}="${BACKEND}"', *queries.chosen(TARGET))
    alert = Column("alert", queries.level(OPERATION, *one_backend), decimals=0, mappings=colours.levels(), width=80)
    panel = of(
        f"${BACKEND}: worst alert",
        "A row an operation, coloured by the worst alert that fires for it on any target, the worst on top: green is quiet. A "
        "whole column in colour points at the backend, one cell at the operation. Click for its figures.",
        (alert,),
        labels=(OPERATION,),
        empty="No operation of this backend is scheduled.",
        worst_first=("alert",),
        links={OPERATION: links.row_to_operation(on_targets=True)},
        span=COLUMNS,
        height=10,
    )
    return panel.repeat(BACKEND).repeat_direction("h").max_per_row(len(EMBEDDED_BACKENDS))


def firing() -> table.Panel:
    """The alerts that fire, by name."""
    shown = {severity.value: (severity.value, colours.COLOURS[severity]) for severity in queries.LEVELS}
    labels = ("severity", "alertname", "operation", "target", "driver")
    panel = of(
        "Alerts firing, and for how long",
        "The runbook has a heading for each alert, Alertmanager can silence it; the link shows the operation's figures.",
        (Column("active for", queries.by(", ".join(labels), queries.firing_since()), "s", 0),),
        labels=labels,
        empty="Nothing fires.",
        worst_first=("active for",),
        links={"operation": links.row_to_operation()},
        span=12,
        height=8,
    )
    return panel.override_by_name("severity", [value("mappings", colours.words_for(shown)), *BACKGROUND])


def history() -> statetimeline.Panel:
    """When which alert fired."""
    panel = timeline(
        "Severity over time, of what was alerted",
        "Each alert while it fired, in its severity's colour. Stripes that begin together point at what the operations share: "
        "the target, the machine, a deployment.",
        empty="Nothing was alerted.",
    )
    return (
        panel.with_target(over_time(queries.every_alert(_ANY_BACKEND), "{{alertname}} {{operation}} {{target}}"))
        .mappings(colours.levels())
        .thresholds(colours.plain())
        .show_value(common_models.VisibilityMode.NEVER)
    )


def traffic() -> timeseries.Panel:
    """Successes a second, by backend."""
    panel = graph(
        "Successes per second, by backend",
        "Follows the schedule's cadence and the load. A backend that falls alone answers no more, or its operations wait for "
        "each other.",
        "reqps",
    )
    expression = queries.rate("backend", _COUNTED)
    return panel.with_target(over_time(expression, "{{backend}}")).data_links([links.data(links.to_backend())])


def failures() -> timeseries.Panel:
    """Failures a second, by backend and reason."""
    panel = graph(
        "Failures per second, by backend and reason",
        REASONS,
        "reqps",
        empty=NO_FAILURES,
    )
    expression = queries.rate("backend, reason", select(OPERATION_FAILURES, *CHOSEN, WHOLE))
    return (
        panel.with_target(over_time(f"{expression} > 0", "{{backend}}: {{reason}}"))
        .fill_opacity(30)
        .data_links([links.data(links.to_backend())])
    )
