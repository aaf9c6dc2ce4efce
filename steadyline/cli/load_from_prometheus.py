"""`steadyline baseline record --driver load --from-prometheus`: baselines of profiles from what Prometheus holds."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from alerts.record import load_runs, runs, slowed
from alerts.record.baseline import Circumstances, Slowed, tolerance
from alerts.record.load import Loaded
from alerts.record.load_runs import Steady
from steadyline import catalogue, durations, provenance
from steadyline.baseline import Baseline
from steadyline.baselines import default_tolerance, load_sourced
from steadyline.cli.baseline_place import Place
from steadyline.cli.load_baselines import Made, show
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.operation import Operation
from steadyline.operation_version import version_of
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings
from steadyline.vocabulary import Driver


def record(  # noqa: PLR0917 - what was asked for, option by option
    settings: Settings, kept: Place, span: tuple[float, float], profile: str | None, pattern: str, target: str | None
) -> None:
    """Keep what the load runs of a span give, show it, and make the rules anew.

    Args:
        settings: the settings.
        kept: where to.
        span: from and to, Unix times.
        profile: of this one alone; each that had runs where not given.
        pattern: name or glob of operations.
        target: alias; every one where not given.

    Raises:
        NoDataError: there was no run of a profile, or none got a baseline.
        ConfigurationError: a profile had runs under several loads, or nothing fits.
    """
    prometheus = Prometheus(settings.prometheus)
    found = [one for one in load_runs.steady(prometheus, *span) if one.profile and profile in (None, one.profile)]
    if not found:
        of = f"of the profile {profile}" if profile else "of any profile"
        lasting = durations.spoken(span[1] - span[0])
        raise NoDataError(
            f"Prometheus at {prometheus.host} holds no steady load run {of} in the last {lasting}; "
            f"steadyline load --profile {profile or 'low'} makes one"
        )
    made = [_made(settings, prometheus, of_one, pattern, target) for of_one in _by_profile(found)]
    show(settings, kept, Made(tuple(new for one in made for new in one.new), tuple(no for one in made for no in one.refused)))


def _by_profile(found: Iterable[Steady]) -> list[list[Steady]]:
    by_profile: dict[str, list[Steady]] = {}
    for one in found:
        by_profile.setdefault(one.profile, []).append(one)
    for profile, stretches in by_profile.items():
        loads = sorted({one.load.words for one in stretches})
        if len(loads) > 1:
            raise ConfigurationError(
                f"the runs of profile {profile} were under several loads ({', '.join(loads)}): a baseline is of one; "
                "give a shorter span, or the files of runs under one (--result)"
            )
    return list(by_profile.values())


def _made(settings: Settings, prometheus: Prometheus, stretches: Sequence[Steady], pattern: str, target: str | None) -> Made:
    known, spans = catalogue.operations(), slowed.noted(settings.state.regressions)
    every = {key: one for key, one in load_runs.loaded(prometheus, stretches).items() if key[0] in known}
    chosen = {key: one for key, one in every.items() if fnmatchcase(key[0], pattern) and target in (None, key[1])}
    if not every:
        raise NoDataError(
            f"Prometheus at {prometheus.host} holds load runs of the profile {stretches[0].profile}, and no whole window "
            "of an operation that is known here; run one that is steady for longer (--duration)"
        )
    if not chosen:
        there = ", ".join(f"{operation} on {alias}" for operation, alias in sorted(every))
        raise ConfigurationError(f"{pattern}{f' on {target}' if target else ''} was not measured; there is {there}")
    busy = next((one.run for one in stretches if load_runs.saturated(prometheus, one)), None)
    new, refused = [], []
    for key, one in sorted(chosen.items()):
        why = one.refusal
        if busy:
            why = f"in run {busy} the load generator was the bottleneck itself; add workers or cores"
        if any(_overlaps(span, stretches) for span in spans if (span.operation, span.target) == key):
            why = f"{key[0]} on {key[1]} was being slowed by steadyline regress; record it when that is over"
        if why:
            refused.append(why)
        else:
            new.append(_baseline(prometheus, known[key[0]], one, stretches))
    return Made(tuple(new), tuple(dict.fromkeys(refused)))


def _overlaps(span: Slowed, stretches: Iterable[Steady]) -> bool:
    return any(span.start < one.end and one.start < span.end for one in stretches)


def _baseline(prometheus: Prometheus, operation: Operation, one: Loaded, stretches: Sequence[Steady]) -> Baseline:
    last, key = stretches[-1], (one.operation, one.target)
    edges, counts = load_runs.histogram(prometheus, key, stretches)
    facts = Circumstances(
        at=datetime.fromtimestamp(last.end, UTC).isoformat(timespec="seconds"),
        host=provenance.host(),
        revision=last.revision,
        quantiles=runs.quantiles(prometheus, key, last.start, last.end, last.matchers),
        edges=edges,
        versions={**provenance.versions(operation.backend), "prometheus": prometheus.version()},
        operation_version=version_of(operation),
        histogram=counts,
        load_running=True,
    )
    return one.baseline(tolerance(key, load_sourced(), default_tolerance(), Driver.LOAD), facts)
