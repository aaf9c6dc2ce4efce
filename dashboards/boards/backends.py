"""The board "backends": where each backend's time goes, why it fails, and which costs grow faster than the work."""

from grafana_foundation_sdk.builders import common, table, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from alerts.view.snapshot import FAILURES_SECONDS
from dashboards import colours, growth, links, queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, graph, over_time
from dashboards.queries import BACKEND, DATASOURCE, DRIVER, OPERATION, TARGET, select
from dashboards.runs import FAILED, LOAD, WHOLE
from dashboards.table import Column, of
from dashboards.variables import backend, datasource, driver, target
from dashboards.words import NO_FAILURES, REASONS
from steadyline.backend import PHASES
from steadyline.boards import Board
from steadyline.durations import promql, spoken
from steadyline.load_vocabulary import FLOW_SUFFIX, LOAD_STARTED
from steadyline.vocabulary import (
    OPERATION_BYTES,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    OPERATION_PHASE,
)

_ALL = queries.chosen(BACKEND, TARGET, DRIVER)
CHOSEN = (*_ALL, WHOLE)
"""Without flows, whose steps are counted beside them."""
CONNECT = f'phase="{PHASES[0]}"'
_SUCCESSES = select(OPERATION_DURATION, *CHOSEN, suffix="_count")
_BUSY = select(OPERATION_DURATION, *CHOSEN, suffix="_sum")
_COUNT = queries.rate(BACKEND, _SUCCESSES)
_SECONDS = queries.rate(BACKEND, _BUSY)
_OVER = promql(FAILURES_SECONDS)
"""The range of the table: failures are counted over it elsewhere, too."""
_FAILURES = queries.rate(BACKEND, select(OPERATION_FAILURES, *CHOSEN, FAILED), _OVER)
_ATTEMPTS = f"({queries.rate(BACKEND, _SUCCESSES, _OVER)} + {_FAILURES})"
_NO_PHASES = "No client of these backends shows its phases."
_NO_SIZES = "No operation with a size was asked."


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.BACKENDS,
        "The backends beside each other: where their time goes, why they fail, and which costs grow faster than the work.",
        (datasource(), backend(), target(), driver()),
    )
    for panel in (backends, successes, means, failures, phases, phase_shares, in_flight, moved, items, sizes, per_item):
        made = made.with_panel(panel())
    return numbered(made.build())


_COLUMNS = (
    Column("alert", queries.level(BACKEND, *_ALL, f'{BACKEND}!=""'), decimals=0, mappings=colours.levels()),
    Column("attempts per second", _ATTEMPTS, "reqps"),
    Column("failures", f"{_FAILURES} / ({_ATTEMPTS} > 0)", "percentunit", colours=colours.failing),
    Column("mean", f"{queries.mean(BACKEND, OPERATION_DURATION, *CHOSEN, over=_OVER)} >= 0", "s", None),
    Column("p95", queries.quantile(0.95, BACKEND, OPERATION_DURATION, *CHOSEN, queries.ON_LADDER, over=_OVER), "s", None),
    Column("successes in flight", queries.rate(BACKEND, _BUSY, _OVER)),
    Column("new connection", f"{queries.mean(BACKEND, OPERATION_PHASE, *CHOSEN, CONNECT, over=_OVER)} >= 0", "s", None),
)


def backends() -> table.Panel:
    """Every backend in one table, worst first."""
    return of(
        f"Backends over the last {spoken(FAILURES_SECONDS)}, worst first",
        f"The worst alert of any of its operations now. Of the last {spoken(FAILURES_SECONDS)}: attempts of the drivers "
        "chosen, and the share of them that fails; mean and 95th percentile over all its operations, so compare a backend "
        "with itself, not with another; successes in flight at once; mean seconds to open a connection, empty where none was "
        f"opened. Flows (what is named `*{FLOW_SUFFIX}`) count for the alert alone, here and below: their steps are counted. "
        "The link narrows the overview to the backend, where the operation at fault stands first.",
        _COLUMNS,
        labels=(BACKEND,),
        empty="Nothing was asked: `steadyline status` says whether the exporter runs.",
        worst_first=("alert", "failures"),
        links={BACKEND: _to_overview(f"${{__data.fields.{BACKEND}}}")},
        span=COLUMNS,
        height=7,
    )


def _by_backend(panel: timeseries.Panel, expression: str) -> timeseries.Panel:
    return panel.with_target(over_time(expression, "{{backend}}")).data_links([links.data(_to_overview())])


def _to_overview(backend: str = f"${{__field.labels.{BACKEND}}}") -> links.DataLink:
    return links.to(Board.OVERVIEW, "Its operations", {BACKEND: backend}, kept=(TARGET, DATASOURCE))


def successes() -> timeseries.Panel:
    """Successes a second, by backend."""
    panel = graph(
        "Successes per second, by backend",
        "Follows the schedule's cadence and the load. A backend that falls alone answers no more, or its operations wait for "
        "each other.",
        "reqps",
        span=8,
    )
    return _by_backend(panel, _COUNT)


def means() -> timeseries.Panel:
    """Mean seconds of a success, by backend."""
    panel = graph(
        "Mean duration of a success, by backend",
        "Over all operations of the backend, so it moves with their mix, too: a load run that begins changes it. A step "
        "without one is a change of the target; the overview says of which operation.",
        "s",
        span=8,
    )
    return _by_backend(panel, f"{_SECONDS} / {_COUNT} >= 0")


def failures() -> timeseries.Panel:
    """Failures a second, by backend and reason."""
    panel = graph(
        "Failures per second, by backend and reason",
        REASONS,
        "reqps",
        empty=NO_FAILURES,
        span=8,
    )
    expression = queries.rate(f"{BACKEND}, reason", select(OPERATION_FAILURES, *CHOSEN))
    panel = panel.with_target(over_time(f"{expression} > 0", "{{backend}}: {{reason}}")).fill_opacity(30)
    return panel.data_links([links.data(_to_overview())])


def phases() -> timeseries.Panel:
    """How long each phase takes where it happens."""
    panel = graph(
        "Mean duration of a phase, by backend",
        "connect is a new connection, first_byte the wait for the answer, transfer the reading of it. A slow connect is the "
        "network or TLS, a slow first_byte the target, a slow transfer the size or the bandwidth. SQL shows no phases.",
        "s",
        empty=_NO_PHASES,
        span=8,
    )
    expression = queries.mean(f"{BACKEND}, phase", OPERATION_PHASE, *CHOSEN)
    return panel.with_target(over_time(f"{expression} >= 0", "{{backend}} {{phase}}"))


def phase_shares() -> timeseries.Panel:
    """Which part of a backend's time each phase is."""
    panel = graph(
        "Where the time goes, share by phase",
        "Each phase as a part of all seconds of the backend's successes. What is missing to 100 % is spent between requests "
        "and in the client. A share of connect above a few percent: connections are not kept.",
        "percentunit",
        empty=_NO_PHASES,
        span=8,
    )
    spent = queries.rate(f"{BACKEND}, phase", select(OPERATION_PHASE, *CHOSEN, suffix="_sum"))
    expression = f"{spent} / on ({BACKEND}) group_left () {_SECONDS}"
    return panel.with_target(over_time(f"{expression} >= 0", "{{backend}} {{phase}}"))


def in_flight() -> timeseries.Panel:
    """How many calls are under way at once: by the successes' seconds, and as load's users count their own."""
    panel = graph(
        "In flight: successes, and attempts of load",
        "Successes: their seconds per second, so that it falls where attempts time out. Load: attempts of a run's users that "
        "have begun and not ended, those that will fail too; of an `HttpUser` only ended ones are known. If it grows while "
        "the successes per second do not, the backend is saturated: more load only makes calls wait, and then fail.",
        "none",
        span=8,
    )
    begun = select(LOAD_STARTED, *CHOSEN)
    ended = (select(OPERATION_DURATION, *CHOSEN, LOAD, suffix="_count"), select(OPERATION_FAILURES, *CHOSEN, LOAD))
    under_way = " - ".join(f"sum by ({BACKEND}) ({counted})" for counted in (begun, *ended))
    return _by_backend(panel, _SECONDS).with_target(over_time(under_way, "{{backend}} load", "B"))


def moved() -> timeseries.Panel:
    """Payload bytes a second."""
    panel = graph(
        "Payload bytes per second, by direction",
        "Sent and received by the clients that show it; SQL does not. A plateau under load is the bandwidth of the network or "
        "of the disk behind the target.",
        "binBps",
        empty="No client of these backends shows its bytes.",
    )
    expression = queries.rate(f"{BACKEND}, direction", select(OPERATION_BYTES, *CHOSEN))
    return panel.with_target(over_time(f"{expression} > 0", "{{backend}} {{direction}}"))


def items() -> timeseries.Panel:
    """Items a second."""
    panel = graph(
        "Items per second, by backend",
        "Rows, objects and segments that successes handled. If it falls while successes per second stay, answers have become "
        "smaller, or the bulks have stopped.",
        "none",
    )
    return _by_backend(panel, queries.rate(BACKEND, select(OPERATION_ITEMS, *CHOSEN)))


_SIZES = (
    Column("items per call", growth.items_per_call(*CHOSEN), decimals=0),
    Column("seconds per call", growth.seconds_per_call(*CHOSEN), "s", None),
    Column("seconds per item", growth.seconds_per_item(*CHOSEN), "s", None),
    Column("exponent", growth.exponent_of_each(*CHOSEN), colours=lambda: colours.growing(growth.FASTER)),
)


def sizes() -> table.Panel:
    """What each size costs, and how the cost grows from size to size."""
    made = of(
        f"Growth with size, of what is asked: last {spoken(growth.OVER_SECONDS)}",
        f"Operations whose name ends in a size, by family, over the last {spoken(growth.OVER_SECONDS)}. The exponent is that "
        "of seconds per call over items per call: 0 does not grow, 1 grows as the work does; coloured it grows faster, so "
        "something is scanned, sorted or locked. Of most families the schedule asks one size: they have no exponent here. "
        "`steadyline run --scalability` measures several sizes of each, out of Prometheus' sight; `steadyline report` draws "
        "how they grow (docs/report.md).",
        _SIZES,
        labels=(growth.FAMILY, growth.SIZE, OPERATION, TARGET),
        empty=_NO_SIZES,
        links={OPERATION: links.row_to_operation()},
        span=14,
        height=9,
    )
    fields = ((growth.FAMILY, False), ("items per call", False))
    return made.sort_by([common.TableSortByFieldState().display_name(name).desc(desc) for name, desc in fields])


def per_item() -> timeseries.Panel:
    """What one item costs, by family and size."""
    panel = graph(
        "Seconds per item, by family and size",
        f"Over {spoken(growth.OVER_SECONDS)}, on a logarithmic scale. Usually a larger size is cheaper per item; where the "
        "lines of a family part or its largest size lies on top, the cost grows faster than the work. A line that rises with "
        "time: the target fills up.",
        "s",
        empty=_NO_SIZES,
        span=10,
        height=9,
    )
    scale = common.ScaleDistributionConfig().type(common_models.ScaleDistribution.LOG).log(10)
    panel = panel.with_target(over_time(growth.seconds_per_item(*CHOSEN), f"{{{{{growth.FAMILY}}}}} {{{{{growth.SIZE}}}}}"))
    return panel.scale_distribution(scale).data_links([links.data(links.to_operation())])
