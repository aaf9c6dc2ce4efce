"""What the exporter says of itself: its version, its last reload, its collectors, and starts that it had to leave out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from deploy.doctor.versions import installed
from steadyline.durations import promql
from steadyline.vocabulary import (
    BUILD_INFO,
    COLLECTOR_SUCCESS,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    RELOAD_SUCCESS,
    RUNS_SKIPPED,
    Driver,
)

SKIPPED_SECONDS = 600
SKIPPED_FRACTION = 0.05
"""The fraction of starts that may be left out: one in twenty is a busy moment."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What Prometheus holds of it.

    Attributes:
        versions: of those that are scraped.
        ours: the version of this command.
        reload_taken: whether its last reload was; None where it does not say.
        collectors: whether each answered at the last scrape.
        skipped: the fraction of starts left out lately, by operation and target; those above the bound.
    """

    versions: tuple[str, ...] = ()
    ours: str = ""
    reload_taken: bool | None = None
    collectors: Mapping[str, bool] = field(default_factory=dict)
    skipped: Mapping[str, float] = field(default_factory=dict)


def gather(scene: Scene) -> Facts:
    """Ask Prometheus."""
    ask = scene.prometheus.query
    reloads = [one.value for one in ask(f"min({RELOAD_SUCCESS.name})")]
    return Facts(
        versions=tuple(sorted({one.labels.get("version", "") for one in ask(BUILD_INFO.name)})),
        ours=installed(),
        reload_taken=bool(reloads[0]) if reloads else None,
        collectors={one.labels.get("collector", ""): one.value == 1 for one in ask(COLLECTOR_SUCCESS.name)},
        skipped={
            f"{one.labels.get('operation', '')} on {one.labels.get('target', '')}": one.value
            for one in ask(skipped_expression())
        },
    )


def skipped_expression() -> str:
    """PromQL for the fraction of starts left out, where it is above the bound."""
    chosen = f'{{driver="{Driver.PROBE}"}}[{promql(SKIPPED_SECONDS)}]'
    names = (RUNS_SKIPPED.name, f"{OPERATION_DURATION.name}_count", OPERATION_FAILURES.name)
    skipped, *attempts = (f"sum by (operation, target) (increase({name}{chosen}))" for name in names)
    return f"{skipped} / ({' + '.join((skipped, *attempts))}) > {SKIPPED_FRACTION}"


def version(facts: Facts) -> Iterator[Finding]:
    """A fault where Prometheus holds nothing of an exporter; a warning where it is of another version than this command."""
    if not facts.versions:
        yield fault("Prometheus holds nothing that an exporter says of itself", "see processes and scrapes: is it scraped?")
    elif facts.ours and set(facts.versions) != {facts.ours}:
        told = f"the exporter is of version {', '.join(facts.versions)}, this command of {facts.ours}"
        yield warning(told, "start it anew with the same: steadyline down, then steadyline up")
    else:
        yield ok(f"version {', '.join(facts.versions)}")


def reload(facts: Facts) -> Iterator[Finding]:
    """A fault where the last reload of settings and baselines was refused: the earlier ones hold."""
    if facts.reload_taken is False:
        yield fault(
            "the exporter refused its last reload, and goes on with the settings of before", "its log says why; mend that"
        )
    elif facts.reload_taken:
        yield ok("settings and baselines were taken")


def collectors(facts: Facts) -> Iterator[Finding]:
    """A fault for each collector that did not answer in time at the last scrape: its series are missing."""
    ill = [name for name, good in facts.collectors.items() if not good]
    if ill:
        yield fault(f"collectors that did not answer: {several(ill)}", "the exporter's log says why")
    elif facts.collectors:
        yield ok(f"all {len(facts.collectors)} answered")
    else:
        yield unknown("none is known to Prometheus")


def schedule(facts: Facts) -> Iterator[Finding]:
    """A warning where over a twentieth of an operation's starts were left out lately: it takes longer than its interval."""
    if facts.skipped:
        worst = sorted(facts.skipped.items(), key=lambda one: -one[1])
        told = several([f"{name} {part:.0%}" for name, part in worst])
        yield warning(
            f"starts are left out: {told}",
            "the target is slow, or its cap is too low: raise its concurrency, or give this machine more CPU",
        )
    elif facts.versions:
        yield ok(f"hardly a start was left out in the last {promql(SKIPPED_SECONDS)}")


SUBJECT = Subject("exporter", gather, (version, reload, collectors, schedule), asks_prometheus=True)
