"""The runs that a git revision has in the history, as baselines: those on one host together, a run each or their rounds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from alerts.history.kept import KeptResult, KeptRun, Kind
from alerts.history.store import History
from alerts.record import slowed
from alerts.record.baseline import Slowed, log_mean_and_spread, tolerance
from steadyline import catalogue, provenance
from steadyline.baseline import GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.baselines import default_tolerance, load_sourced
from steadyline.cli.refusals import Now
from steadyline.operation_version import version_of
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

Key = tuple[str, str]
Kept = list[tuple[KeptRun, KeptResult]]
KINDS = frozenset({Kind.RUN, Kind.COMPARE, Kind.RECORD})
"""What measures this folder's own targets; a side of a comparison of two may be anything."""


def baselines_of(settings: Settings, commit: str) -> tuple[Baseline, ...]:
    """One baseline for each operation and target that the revision has runs of; of another host where this one has none.

    Raises:
        ConfigurationError: the history cannot be read.
        UnreachableError: its database does not answer.
    """
    runs = History(settings).runs(driver=Driver.BENCH, revision=commit)
    host, known, spans = provenance.host(), catalogue.operations(), slowed.noted(settings.state.regressions)
    sourced, default = load_sourced(), default_tolerance()
    return tuple(
        _baseline(key, alike, tolerance(key, sourced, default, Driver.BENCH))
        for key, found in by_operation(runs, spans).items()
        if key[0] in known and (alike := most_alike(found, Now(host, version_of(known[key[0]]))))
    )


def by_operation(runs: Iterable[KeptRun], spans: Iterable[Slowed] = ()) -> Mapping[Key, Kept]:
    """Each operation's results that count: without a failure, and not slowed on purpose."""
    found: dict[Key, Kept] = defaultdict(list)
    on_purpose = list(spans)
    for run in runs:
        if run.kind not in KINDS:
            continue
        for one in run.results:
            key = one.operation, one.target
            is_slowed = any(
                (span.operation, span.target) == key and span.start < run.ended and run.started < span.end
                for span in on_purpose
            )
            if one.run_means and min(one.run_means) > 0 and not one.failures and not is_slowed:
                found[key].append((run, one))
    return found


def most_alike(found: Kept, now: Now) -> Kept:
    """Those that may be taken together, for they share host and version: ours where there are such, else the latest."""

    def circumstances(one: tuple[KeptRun, KeptResult]) -> tuple[str, str | None]:
        return one[0].host, one[1].operation_version

    def likeness(one: tuple[KeptRun, KeptResult]) -> tuple[bool, bool, float]:
        host, version = circumstances(one)
        return host == now.host, version in (None, now.version), one[0].started

    best = circumstances(max(found, key=likeness))
    return [one for one in found if circumstances(one) == best]


def counted(found: Kept) -> tuple[Sequence[float], str]:
    """The run means that a revision's baseline is made of, and what they are in words.

    Rounds of one session are more alike than sessions are, so that each of enough sessions is one run. Fewer are pooled: the
    gate's fewest runs are not reached otherwise, and k says more than there is.
    """
    sessions = [mean for _, one in found if (mean := one.mean_seconds)]
    if len(sessions) >= GATE_RUNS:
        return sessions, f"one mean each of {len(sessions)} sessions"
    rounds = [mean for _, one in found for mean in one.run_means]
    return rounds, f"{len(rounds)} rounds of {len(sessions)} session{'s' if len(sessions) > 1 else ''}"


def _baseline(key: Key, found: Kept, tolerated: tuple[float, bool]) -> Baseline:
    last, result = found[-1]
    means, how = counted(found)
    value, spread = log_mean_and_spread(means)
    at = datetime.fromtimestamp(last.ended, UTC).isoformat(timespec="seconds")
    return Baseline(
        operation=key[0],
        driver=Driver.BENCH,
        quantity=Quantity.DURATION,
        value=value,
        tolerance=tolerated[0],
        tolerance_is_default=tolerated[1],
        spread=spread,
        source=f"{how} of revision {last.revision}, the last {at}",
        target=key[1],
        recorded=Recorded(
            at=at,
            host=last.host,
            revision=last.revision,
            runs=len(means),
            samples=sum(one.n for _, one in found),
            cadence_seconds=None,
            quantiles={},
            edges=(),
            versions=last.versions,
            operation_version=result.operation_version,
        ),
    )
