"""The page of a load run."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from load.result import QUANTILES
from load.verdict import Exit
from steadyline.cli import cells, load_summary, run_table
from steadyline.cli.load_result import Counted, Result, Stood
from steadyline.cli.load_rows import Judged, LoadRow
from steadyline.cli.report_page import tones
from steadyline.cli.report_page.courses import courses
from steadyline.cli.report_page.page import Cell, Criterion, Page, Reason, Shown
from steadyline.cli.report_page.plots import Held, instead, plot, spanned, strip, strip_scale
from steadyline.cli.report_page.quantiles import Limit, Spanned, spans
from steadyline.cli.report_page.scale import Scale
from steadyline.cli.report_page.tones import Tone
from steadyline.criterion import ALL, STATISTICS, Kind, parse
from steadyline.durations import spoken
from steadyline.errors import ConfigurationError
from steadyline.severity import Severity

_AXIS = (
    "Dots are the means of 30 s windows of the steady phase, the diamond the mean of all successes. Axes are logarithmic: the "
    "same slowdown is as high in every plot. Green is what the profile's baseline tolerates, orange a warning, red critical."
)
_VERDICTS = {
    Exit.PASSED: (Tone.QUIET, "It kept up"),
    Exit.FAILED: (Tone.CRITICAL, "It did not keep up"),
    Exit.USAGE: (Tone.CRITICAL, "The load run was not made"),
    Exit.INCONCLUSIVE: (Tone.UNSURE, "Nothing can be said for certain"),
    Exit.UNREACHABLE: (Tone.CRITICAL, "The target did not answer"),
}
_ENDED_EARLY = (Tone.UNSURE, "The load run was ended early")
_STANDING = {1: (Tone.QUIET, "met"), 0: (Tone.CRITICAL, "BROKEN"), None: (Tone.UNSURE, "no data")}


def page(result: Result, found: Judged, code: int) -> Page:
    """All that is known of it, worst first."""
    scale = strip_scale(row.ratio for row in found.rows if row.ratio is not None)
    rows = sorted(found.rows, key=lambda row: list(Tone).index(_tone(row)))
    shown = [_shown(row, result, scale) for row in rows]
    tone, verdict = _VERDICTS[Exit(code)] if code in list(Exit) else _ENDED_EARLY
    return Page(
        tone=tone,
        verdict=verdict,
        below=" · ".join([load_summary.heading(result), f"exit code {code}"]),
        reasons=tuple(_reasons(list(zip(rows, shown, strict=True)), result, found, tone)),
        rows=tuple(shown),
        scale=scale,
        axis=_AXIS,
        facts=_facts(result),
        command=result.command,
        criteria=tuple(_criterion(one) for one in result.criteria),
        courses=courses(result.course),
        spans=spans([_spanned(one, result.criteria) for one in result.operations]),
    )


def _tone(row: LoadRow) -> Tone:
    severity = Severity.CRITICAL if row.failed else row.severity
    return tones.tone(severity, row.verdict, measured=row.mean is not None)


def _shown(row: LoadRow, result: Result, scale: Scale) -> Shown:
    held = Held(
        name=f"{row.operation} on {row.target}",
        values=[mean for mean, _ in result.windows_of(row.operation, row.target)] or ([row.mean] if row.mean else []),
        turn="window",
        mean=row.mean,
        baseline=row.baseline,
        tolerance=row.tolerance,
        budget=None,
        ratio=row.ratio,
        lower90=row.lower90,
        upper90=row.upper90,
    )
    response = [Cell("response p95", cells.seconds(row.response_p95))] if result.arrival_rate is not None else []
    figures = (
        Cell("per s", run_table.count(row.rate)),
        Cell("mean", cells.seconds(row.mean)),
        Cell("p50", cells.seconds(row.p50)),
        Cell("p95", cells.seconds(row.p95)),
        Cell("p99", cells.seconds(row.p99)),
        *response,
        Cell("baseline", cells.toleranced(row.baseline, row.tolerance), row.source if row.baseline else ""),
        Cell("n / windows", f"{row.attempts} / {row.windows}"),
        Cell("failures", str(row.failed) if row.failed else cells.NOTHING),
    )
    return Shown(
        operation=row.operation,
        target=row.target,
        tone=_tone(row),
        state=_word(row),
        more="" if row.severity and not row.failed else row.state,
        why=(row.reason,) if row.reason else (),
        strip=strip(held, scale),
        ratio=spanned(held),
        cells=figures,
        plot=plot(held),
    )


def _word(row: LoadRow) -> str:
    if row.failed:
        return "FAILED"
    return row.verdict.value if row.verdict else "no baseline"


def _reasons(rows: Sequence[tuple[LoadRow, Shown]], result: Result, found: Judged, tone: Tone) -> Iterator[Reason]:
    for text in result.reasons:
        yield Reason(Tone.WARNING if tone is Tone.QUIET else tone, "REASON", "", text)
    for row, shown in rows:
        about = f"{row.operation} on {row.target}"
        if row.failed:
            yield Reason(Tone.CRITICAL, "FAILED", about, f"{row.failed} of {row.attempts} failed", shown)
        if row.severity is not None:
            told = instead(row.mean, row.baseline, row.tolerance, row.ratio)
            yield Reason(Tone(row.severity.value), row.severity.upper(), about, told, shown)
    if found.refused:
        yield Reason(Tone.UNSURE, "NOT JUDGED", "", found.refused)
    if result.knee:
        yield Reason(Tone.INFO, "KNEE", "", result.knee)
    if result.arrival_rate is not None:
        dropped = f"{result.dropped} starts were dropped" if result.dropped else "no start was dropped"
        yield Reason(Tone.WARNING if result.dropped else Tone.QUIET, "DROPS", "", dropped)
    if result.saturated:
        yield Reason(Tone.UNSURE, "SATURATED", "", f"the generator was the bottleneck: {', '.join(result.saturated)}")
    met = sum(one.met == 1 for one in result.criteria)
    if met:
        yield Reason(Tone.QUIET, "MET", "", f"{met} of {len(result.criteria)} criteria")


def _criterion(one: Stood) -> Criterion:
    tone, word = _STANDING[one.met]
    if one.value is None:
        return Criterion(one.criterion, tone, word, "", None)
    return Criterion(one.criterion, tone, word, _written(one), min(one.value / one.limit, 2.0) if one.limit else None)


def _written(one: Stood) -> str:
    try:
        return parse(one.criterion).written(one.value or 0.0)
    except ConfigurationError:  # of a version that knew more
        return f"{one.value:g}"


def _spanned(one: Counted, criteria: Sequence[Stood]) -> Spanned:
    service: Mapping[str, float] = one.service or {}
    quantiles = tuple((f"p{level * 100:g}", service[name]) for name, level in QUANTILES.items() if name in service)
    limits = tuple(Limit(stood.limit, stood.criterion) for stood in criteria if _bounds(stood, one.operation))
    return Spanned(f"{one.operation} on {one.target}", quantiles, limits)


def _bounds(stood: Stood, operation: str) -> bool:
    """Whether it is a limit of a quantile that the picture shows."""
    statistic = STATISTICS.get(stood.statistic)
    known = statistic is not None and statistic.kind is Kind.QUANTILE and not statistic.response
    return known and stood.operation in (ALL, operation)


def _facts(result: Result) -> dict[str, str]:
    targets = dict.fromkeys(f"{one.backend} on {one.target}" for one in result.operations)
    rate = "" if result.arrival_rate is None else f", {result.arrival_rate:g} starts/s"
    return {
        name: text
        for name, text in {
            "Run": result.run,
            "Host": result.host,
            "Revision": result.revision,
            "Started": datetime.fromtimestamp(result.start, UTC).isoformat(timespec="seconds"),
            "Took": spoken(result.end - result.start),
            "Steady": "never" if result.steady is None else f"the last {spoken(result.end - result.steady)}",
            "Load": f"{f'profile {result.profile}, ' if result.profile else ''}{result.shape}, {result.users} users{rate}",
            "Targets": ", ".join(targets),
            "Driver": "load, Locust",
            "Versions": ", ".join(f"{name} {version}" for name, version in result.versions.items()),
        }.items()
        if text
    }
