"""Every operation against its baseline in one table: where it stands, how surely, and what its baseline can show."""

from grafana_foundation_sdk.builders import table

from alerts.view.snapshot import FAILURES_SECONDS
from dashboards import colours, links, queries
from dashboards.panel import COLUMNS, value
from dashboards.queries import ROW, by_row, select
from dashboards.table import Column, of
from dashboards.words import RECORD
from steadyline.durations import promql, spoken
from steadyline.live import LIVE
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION
from steadyline.vocabulary import (
    BASELINE_VALUE,
    BLIND_FACTOR,
    LOWER99_FAST,
    LOWER99_SLOW,
    OPERATION_FAILURES,
    RATIO_FAST,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_RATE,
)

CHOSEN = queries.BACKENDS
_SHOWN = select(LOWER99_FAST, *CHOSEN), select(LOWER99_SLOW, *CHOSEN)
_WIDTH = 68
_COLUMNS = (
    Column("alert", queries.level(ROW, *CHOSEN), decimals=0, mappings=colours.levels(), width=_WIDTH),
    Column("mean", by_row(select(RUN_MEAN, *CHOSEN)), "s", None, width=_WIDTH),
    Column("p50", by_row(select(RUN_P50, *CHOSEN)), "s", None, width=_WIDTH),
    Column("p95", by_row(select(RUN_P95, *CHOSEN)), "s", None, width=_WIDTH),
    Column("baseline", by_row(select(BASELINE_VALUE, *CHOSEN)), "s", None, width=_WIDTH),
    Column("ratio", by_row(select(RATIO_FAST, *CHOSEN)), width=_WIDTH),
    Column("at least", by_row("{0} > {1} or {1} or {0}".format(*_SHOWN)), width=_WIDTH),
    Column("stands", queries.stands(*CHOSEN), decimals=0, mappings=colours.standings(), width=85),
    Column("shows from", by_row(select(BLIND_FACTOR, *CHOSEN)), colours=colours.blindness, width=_WIDTH),
    Column("per second", by_row(select(RUN_RATE, *CHOSEN)), width=_WIDTH),
    Column(
        f"failed, {spoken(FAILURES_SECONDS)}",
        f"sum by ({ROW}) (increase({select(OPERATION_FAILURES, *CHOSEN)}[{promql(FAILURES_SECONDS)}]))",
        decimals=0,
        colours=colours.none_wanted,
        width=90,
    ),
    Column("held to", queries.sources(*CHOSEN), label="source", empty="budget only"),
)


def operations() -> table.Panel:
    """Every operation in one table, worst first."""
    panel = of(
        "Operations against their baselines",
        f"Worst first. Mean, median and 95th percentile of the last run ({LIVE.samples_per_run} samples). Ratio 1 is the "
        f"baseline; warning from {1 + WARNING_DEGRADATION:g}, critical from {1 + CRITICAL_DEGRADATION:g}, each from the "
        "operation's tolerance where that is wider: `stands` says where it is. `at least` is the ratio's lower limit: while "
        "that is below a level, it is not settled, and there is no alert. `shows from` is the smallest slowdown, as a "
        "multiple of the present mean, that the baseline can show: where it is coloured or missing, "
        f"{RECORD}. `held to` says where the baseline is from.",
        _COLUMNS,
        labels=("operation", "target", "driver"),
        empty="Nothing is measured yet: a first run takes half a minute.",
        worst_first=("alert", "ratio"),
        links={"operation": links.row_to_operation()},
        span=COLUMNS,
        height=12,
    )
    for name, width in (("operation", 180), ("target", 85), ("driver", 60)):
        panel = panel.override_by_name(name, [value("custom.width", width)])
    return panel
