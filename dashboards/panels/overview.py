"""What stands on top: is anything wrong, is the judge itself well, and every operation in one table."""

from grafana_foundation_sdk.builders import common, stat, statetimeline, table, text
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from alerts.view.snapshot import FAILURES_SECONDS
from dashboards import colours, queries
from dashboards.panel import COLUMNS, now, over_time, row_now, titled, value
from dashboards.queries import by_row, of
from steadyline.durations import promql, spoken
from steadyline.live import LIVE
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION, Severity
from steadyline.vocabulary import (
    BASELINE_VALUE,
    BLIND_FACTOR,
    EXPORTER_JOB,
    LEAKED_ARTEFACTS,
    LOWER99_FAST,
    LOWER99_SLOW,
    OPERATION_FAILURES,
    RATIO_FAST,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_RATE,
)

RECORD = "`steadyline baseline record`"


def _number(title: str, description: str, span: int = 4) -> stat.Panel:
    last = common.ReduceDataOptions().calcs(["lastNotNull"])
    panel = titled(stat.Panel(), title, description, span=span, height=4)
    return (
        panel.reduce_options(last)
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .color_mode(common_models.BigValueColorMode.BACKGROUND)
    )


def alerts() -> stat.Panel:
    """How many alerts fire, by severity."""
    panel = _number("Alerts firing", "Alerts of ours that fire now. The table below names them; each has a runbook.", 6)
    panel = panel.thresholds(colours.none_wanted()).unit("none")
    for ref, severity in zip("ABC", queries.LEVELS, strict=True):
        panel = panel.with_target(now(queries.count_firing(severity), severity.value, ref)).override_by_name(
            severity.value,
            [value("thresholds", colours.none_wanted(severity).build())],
        )
    return panel


def judge() -> stat.Panel:
    """Whether the exporter is scraped."""
    up = _number("Exporter", "Whether Prometheus can scrape the exporter. If it is down: `steadyline status` says why.", 3)
    mapped = colours.words_for({"1": ("up", colours.QUIET), "0": ("down", colours.COLOURS[Severity.CRITICAL])})
    return up.thresholds(colours.one_wanted()).mappings(mapped).with_target(now(f'min(up{{job="{EXPORTER_JOB}"}})', "up"))


def blind() -> stat.Panel:
    """How many baselines show large slowdowns only."""
    panel = _number(
        "Blind baselines",
        f"Operations whose baseline shows no slowdown under {LIVE.blind_factor:g}x of what they take now, because the machine "
        f"is far faster than the baseline says. Record one of this machine: {RECORD}.",
    )
    expression = f"count({of(BLIND_FACTOR)} > {LIVE.blind_factor:g}) or vector(0)"
    return panel.thresholds(colours.none_wanted()).with_target(now(expression, "blind"))


def unheld() -> stat.Panel:
    """How many operations are judged by their budget alone."""
    panel = _number(
        "Budget only",
        f"Operations without a baseline: only what breaks their budget is noticed. Give them one: {RECORD}.",
    )
    return panel.thresholds(colours.none_wanted(Severity.INFO)).with_target(now(queries.budget_alone(), "budget only"))


def leaked() -> stat.Panel:
    """How many artefacts were left behind."""
    panel = _number(
        "Leaked artefacts",
        "Rows and objects that operations wrote and that should be gone, counted from outside. Above 0 for more than an hour: "
        "look for a crashed driver; the janitor sweeps what is past its lifetime.",
        3,
    )
    return panel.thresholds(colours.none_wanted()).with_target(now(f"sum({LEAKED_ARTEFACTS.name}) or vector(0)", "leaked"))


def reading() -> text.Panel:
    """How to read the board."""
    content = (
        f"**Ratio** 1 is the baseline, above is worse. Warning from **{1 + WARNING_DEGRADATION:g}** (or the operation's own "
        f"tolerance, where that is wider), critical from **{1 + CRITICAL_DEGRADATION:g}**; *at least* is what the ratio "
        "surely is."
    )
    return text.Panel().title("How to read it").description("The levels of this board.").content(content).span(4).height(4)


_FAILURES = f"failures in {spoken(FAILURES_SECONDS)}"
_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("alert", queries.level(), "none"),
    ("mean", by_row(of(RUN_MEAN)), "s"),
    ("p50", by_row(of(RUN_P50)), "s"),
    ("p95", by_row(of(RUN_P95)), "s"),
    ("baseline", by_row(of(BASELINE_VALUE)), "s"),
    ("ratio", by_row(of(RATIO_FAST)), "none"),
    ("at least", by_row(f"{of(LOWER99_FAST)} > {of(LOWER99_SLOW)} or {of(LOWER99_SLOW)} or {of(LOWER99_FAST)}"), "none"),
    ("shows from", by_row(of(BLIND_FACTOR)), "none"),
    ("per second", by_row(of(RUN_RATE)), "none"),
    (_FAILURES, f"sum by ({queries.ROW}) (increase({of(OPERATION_FAILURES)}[{promql(FAILURES_SECONDS)}]))", "none"),
)
_REFERENCED = dict(zip("ABCDEFGHIJ", _COLUMNS, strict=True))
"""The columns by the letter of their query."""
_SOURCE, _SOURCE_REF = "held to", "S"
_HOW_TO_READ = (
    f"Worst first. Mean, median and 95th percentile of the last run ({LIVE.samples_per_run} samples). `at least` is the lower "
    "limit of the ratio: a ratio above a level whose limit is below is not settled yet. `shows from` is the smallest "
    "slowdown, as a multiple of the present mean, that the baseline can show; where it is coloured, "
    f"{RECORD}. `held to` says where the baseline is from."
)
_COLOURED = {"ratio": colours.ratios, "at least": colours.ratios, "shows from": colours.blindness}
_DECIMALS = {"alert": 0, _FAILURES: 0}
_BACKGROUND = [value("custom.cellOptions", {"type": "color-background"}), value("custom.displayMode", "color-background")]
"""The second is what Grafana 9.4 knows it by."""


def operations() -> table.Panel:
    """Every operation in one table, worst first."""
    panel = titled(
        table.Panel(),
        "Operations against their baselines",
        _HOW_TO_READ,
        span=COLUMNS,
        height=13,
    )
    for ref, (name, expression, unit) in _REFERENCED.items():
        panel = panel.with_target(row_now(expression, ref)).override_by_name(name, _column(name, unit))
    panel = panel.with_target(row_now(queries.sources(), _SOURCE_REF)).override_by_name(
        _SOURCE, [value("noValue", "budget only")]
    )
    names = {f"Value #{ref}": name for ref, (name, _, _) in _REFERENCED.items()}
    order = {name: place for place, name in enumerate(["operation", "target", "driver", *names, "source"])}
    left_out = {"Time": True, f"Value #{_SOURCE_REF}": True}
    return (
        panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(_organized(left_out, order, names | {"source": _SOURCE}))
        .sort_by([_worst_first("alert"), _worst_first("ratio")])
        .with_override(models.MatcherConfig(id_val="byName", options="operation"), [value("links", [_link()])])
    )


def _column(name: str, unit: str) -> list[models.DynamicConfigValue]:
    properties = [value("unit", unit), value("decimals", _DECIMALS[name])] if name in _DECIMALS else [value("unit", unit)]
    if unit == "none" and name not in _DECIMALS:
        properties.append(value("decimals", 2))
    if name in _COLOURED:
        properties += [value("thresholds", _COLOURED[name]().build()), *_BACKGROUND]
    if name == "alert":
        properties += [value("mappings", colours.levels()), *_BACKGROUND]
    return properties


def _organized(left_out: dict[str, bool], order: dict[str, int], names: dict[str, str]) -> models.DataTransformerConfig:
    options = {"excludeByName": left_out, "indexByName": order, "renameByName": names}
    return models.DataTransformerConfig(id_val="organize", options=options)


def _worst_first(column: str) -> common.TableSortByFieldState:
    return common.TableSortByFieldState().display_name(column).desc(True)


def _link() -> dict[str, str]:
    url = f"/d/${{__dashboard.uid}}?var-{queries.OPERATION}=${{__value.raw}}&${{__url_time_range}}"
    return {"title": "Only this operation", "url": url}


def firing() -> table.Panel:
    """The alerts that fire, by name."""
    panel = titled(
        table.Panel(),
        "Alerts firing",
        "What fires and for how long it has been active. The runbook has a heading for each alert; Alertmanager can silence "
        "it.",
        span=12,
        height=9,
    )
    left_out = {"Time": True, "job": True, "instance": True, "__name__": True, "backend": True}
    order = {name: place for place, name in enumerate(["severity", "alertname", "operation", "target", "driver", "Value"])}
    shown = {severity.value: (severity.value, colours.COLOURS[severity]) for severity in queries.LEVELS}
    return (
        panel.with_target(row_now(queries.firing_since(), "A"))
        .with_transformation(_organized(left_out, order, {"Value": "active for"}))
        .override_by_name("active for", [value("unit", "s"), value("decimals", 0)])
        .override_by_name("severity", [value("mappings", colours.words_for(shown)), *_BACKGROUND])
        .no_value("Nothing fires.")
        .sort_by([_worst_first("active for")])
    )


def history() -> statetimeline.Panel:
    """When which operation was alerted of."""
    panel = titled(
        statetimeline.Panel(),
        "Severity over time",
        "The worst alert of each operation. Stripes that begin together point at what the operations share: the target, the "
        "machine, a deployment.",
        span=12,
        height=9,
    )
    return (
        panel.with_target(over_time(queries.level(), "{{operation}} {{target}}"))
        .mappings(colours.levels())
        .thresholds(colours.plain())
        .show_value(common_models.VisibilityMode.NEVER)
        .merge_values(True)
        .row_height(0.8)
        .line_width(0)
        .fill_opacity(80)
    )
