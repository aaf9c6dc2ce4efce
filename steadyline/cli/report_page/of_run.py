"""The page of a run or a comparison of the suite."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from steadyline.cli import cells, run_table
from steadyline.cli.report_page.page import Cell, Page, Reason, Shown
from steadyline.cli.report_page.plots import Held, curve, instead, plot, spanned, strip, strip_scale
from steadyline.cli.report_page.scale import Scale
from steadyline.cli.report_page.tones import ALARMS, Tone
from steadyline.cli.run_result import Made, Results
from steadyline.cli.run_rows import Row, worst_first
from steadyline.cli.verdicts.outcome import outcome, row_tone
from steadyline.durations import spoken
from steadyline.severity import Verdict

MOST_REASONS = 10
"""Told one by one; the table has them all."""
_AXIS = (
    "Dots are the means of rounds in their order, the diamond their mean with its 90 % limits. Axes are logarithmic: the same "
    "slowdown is as high in every plot. Green is what the baseline tolerates, orange a warning, red critical."
)


def page(results: Results) -> Page:
    """All that is known of it, worst first."""
    rows = worst_first(results.rows)
    scale = strip_scale(row.ratio for row in rows if row.ratio is not None)
    shown = [_shown(row, scale) for row in rows]
    tone, verdict = outcome(results)
    return Page(
        tone=tone,
        verdict=verdict,
        below=_below(results),
        reasons=tuple(_reasons(list(zip(rows, shown, strict=True)), results)),
        rows=tuple(shown),
        scale=scale,
        axis=_AXIS,
        facts=_facts(results),
        command=results.made.command,
        curves=tuple(curve(growth) for growth in results.growths),
    )


def _held(row: Row) -> Held:
    return Held(
        name=f"{row.operation} on {row.target}",
        values=row.run_means,
        turn="round",
        mean=row.mean,
        baseline=row.baseline,
        tolerance=row.tolerance,
        budget=row.budget,
        ratio=row.ratio,
        lower90=row.lower90,
        upper90=row.upper90,
    )


def _shown(row: Row, scale: Scale) -> Shown:
    held = _held(row)
    failed = sum(row.failures.values())
    word, _, more = row.state.partition(" ") if row.severity else (row.state, "", "")
    return Shown(
        operation=row.operation,
        target=row.target,
        tone=row_tone(row),
        state=word,
        more=more,
        why=tuple(filter(None, (row.detail if row.failures else "", row.reason, _beside(row)))),
        strip=strip(held, scale),
        ratio=spanned(held),
        cells=(
            Cell("mean", cells.seconds(row.mean)),
            Cell("p50", cells.seconds(row.p50)),
            Cell("p95", cells.seconds(row.p95)),
            Cell("baseline", cells.toleranced(row.baseline, row.tolerance), row.source if row.baseline else ""),
            Cell("n / rounds", f"{row.n} / {len(row.run_means)}"),
            Cell("failures", str(failed) if failed else cells.NOTHING),
        ),
        plot=plot(held),
    )


def _beside(row: Row) -> str:
    told = [] if row.items_per_second is None else [f"{run_table.count(row.items_per_second)} items/s"]
    told += [] if row.peak_memory is None else [f"peak memory {run_table.memory(row.peak_memory, row.memory_growth)}"]
    told += [] if row.p99 is None else [f"p99 {cells.seconds(row.p99)}"]
    return ", ".join(told)


def _below(results: Results) -> str:
    made, count = results.made, len(results.rows)
    told = [f"{count} {'operation' if count == 1 else 'operations'} in {made.rounds} rounds", f"revision {made.revision}"]
    told += [] if results.exit_code is None else [f"exit code {results.exit_code}"]
    told += ["ended early"] if made.interrupted else []
    return " · ".join(told)


def _reasons(rows: Sequence[tuple[Row, Shown]], results: Results) -> Iterator[Reason]:
    for sentence in results.unreachable:
        yield Reason(Tone.CRITICAL, "NO ANSWER", "", sentence)
    bad = [(row, shown) for row, shown in rows if shown.tone in ALARMS]
    for row, shown in bad[:MOST_REASONS]:
        yield Reason(shown.tone, _word(row), f"{row.operation} on {row.target}", _told(row), shown)
    if len(bad) > MOST_REASONS:
        yield Reason(bad[-1][1].tone, "MORE", "", f"{len(bad) - MOST_REASONS} more are in the table below")
    for verdict, count in Counter(row.verdict for row, shown in rows if shown.tone is Tone.UNSURE and row.verdict).items():
        yield Reason(Tone.UNSURE, verdict.value, "", f"{_operations(count)}: {_OPEN[verdict]}")
    stale = [row for row, shown in rows if shown.tone is Tone.STALE]
    if stale:
        yield Reason(
            Tone.STALE, "IMPROVED", "", f"{_operations(len(stale))}: so much faster that the baseline is stale; record it anew"
        )
    quiet = sum(shown.tone is Tone.QUIET for _, shown in rows)
    if quiet:
        yield Reason(Tone.QUIET, "OK", "", f"{_operations(quiet)}: as fast as the baseline")
    bare = sum(shown.tone is Tone.GREY for _, shown in rows)
    if bare:
        yield Reason(Tone.GREY, "NO BASELINE", "", f"{_operations(bare)}: held to their budgets alone")


_OPEN: Mapping[Verdict, str] = {
    Verdict.NO_DATA: "too few rounds to judge by",
    Verdict.SUSPECT: "slower than is tolerated, but not surely so; more rounds would tell",
    Verdict.INCONCLUSIVE: "may be as fast or slower; the rounds differ too much to say",
}


def _operations(count: int) -> str:
    return f"{count} {'operation' if count == 1 else 'operations'}"


def _word(row: Row) -> str:
    if row.failures:
        return "FAILED"
    return row.severity.upper() if row.severity else row.state


def _told(row: Row) -> str:
    told = []
    if row.failures:
        failed = sum(row.failures.values())
        told.append(f"{failed} of {row.n + failed} failed: {row.detail or row.state}")
    told += row.broken
    if row.ratio is not None and row.verdict in (Verdict.CRITICAL, Verdict.WARNING, Verdict.INFO):
        surely = f", surely more than {row.lower99:.2f} x" if row.lower99 else ""
        told.append(f"{instead(row.mean, row.baseline, row.tolerance, row.ratio)}{surely}")
    return "; ".join(told)


def _facts(results: Results) -> dict[str, str]:
    made = results.made
    targets = Counter(f"{row.operation.partition('.')[0]} on {row.target}" for row in results.rows)
    whose = f"; the embedded ones were {made.targets}" if made.targets else ""
    left_out = Counter(one.why for one in results.left_out)
    return {
        name: text
        for name, text in {
            "Host": made.host,
            "Revision": made.revision,
            "Started": made.started,
            "Took": _took(made),
            "Targets": ", ".join(f"{name} ({count})" for name, count in targets.items()) + whose,
            "Driver": f"{made.driver}, the suite runner" if made.driver else "",
            "Versions": ", ".join(f"{name} {version}" for name, version in made.versions.items()),
            "Rounds, seed": f"{made.rounds}, {made.seed}" if made.seed is not None else str(made.rounds),
            "Left out": "; ".join(f"{_operations(count)}: {why}" for why, count in left_out.items()),
        }.items()
        if text
    }


def _took(made: Made) -> str:
    try:
        return spoken((datetime.fromisoformat(made.ended) - datetime.fromisoformat(made.started)).total_seconds())
    except (ValueError, TypeError):
        return ""
