"""Which baseline judges what: each pair of an operation and a baseline that the rules hold it to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.judgement.limits import Limits, budget_quantile, limits_of, windows_judged
from alerts.rules.steady import steady
from steadyline.baseline import ANY, Baseline, LoadShape, most_specific
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.promql import Selection
from steadyline.settings import Settings
from steadyline.vocabulary import Driver


@dataclass(frozen=True, slots=True)
class Judged:
    """One operation held to one baseline.

    Attributes:
        operation: scheduled.
        baseline: the most specific one for its target, or for all targets not named by another.
        limits: where its alarms lie.
        cadence_seconds: how often the operation is probed.
        other_targets: targets that have a baseline of their own.
        profile: of the load runs that it judges; `*` for the probe's.
        load: of those runs; None for the probe's.
    """

    operation: Operation
    baseline: Baseline
    limits: Limits
    cadence_seconds: float
    other_targets: tuple[str, ...] = ()
    profile: str = ANY
    load: LoadShape | None = None

    @property
    def selection(self) -> Selection:
        """The series that this baseline judges."""
        if self.profile == ANY:
            chosen = Selection(("operation", "=", self.operation.name), ("driver", "=", self.baseline.driver))
        else:
            chosen = load_selection(self.operation.name, self.profile, self.load)
        if self.baseline.target != ANY:
            return chosen.where("target", "=", self.baseline.target)
        for target in self.other_targets:
            chosen = chosen.where("target", "!=", target)
        return chosen


def budget_z(operations: Mapping[str, Operation], settings: Settings) -> float:
    """z_budget of an installation: its false alarms a month over all windows of all operations on all targets."""
    cadences = [
        operation.probe_every_seconds
        for operation in operations.values()
        if operation.probe_every_seconds
        for _ in settings.targets_of(operation.backend)
    ]
    return budget_quantile(settings.false_alarms_per_month, windows_judged(cadences))


def judged(operations: Mapping[str, Operation], baselines: Iterable[Baseline], settings: Settings) -> list[Judged]:
    """Every scheduled operation with each baseline that judges its probe, sorted by name and target."""
    known = [b for b in baselines if b.driver == Driver.PROBE and b.profile == ANY]
    z = budget_z(operations, settings)
    return [
        Judged(operation, baseline, limits_of(baseline, z), operation.probe_every_seconds, others)
        for _, operation in sorted(operations.items())
        if operation.probe_every_seconds
        for baseline, others in _by_target(operation.name, known)
    ]


def judged_under_load(operations: Mapping[str, Operation], baselines: Iterable[Baseline], settings: Settings) -> list[Judged]:
    """Every operation with each baseline that judges its runs under a load profile, sorted by name, profile and target.

    Under another load than it was recorded under, such as a profile's with other --users, a baseline judges nothing: such runs
    have no number in common.
    """
    known = [b for b in baselines if b.driver == Driver.LOAD and b.profile != ANY and b.recorded and b.recorded.load]
    z = budget_z(operations, settings)
    cadence = LIVE.load_run_seconds / LIVE.samples_per_run
    return [
        Judged(operation, baseline, limits_of(baseline, z), cadence, others, profile, baseline.recorded.load)
        for _, operation in sorted(operations.items())
        for profile in sorted({b.profile for b in known if b.operation == operation.name})
        for baseline, others in _by_target(operation.name, [b for b in known if b.profile == profile])
        if baseline.recorded
    ]


def load_selection(operation: str, profile: str, load: LoadShape | None) -> Selection:
    """An operation's series in load runs of one profile, while a whole run lies in the steady phase under this load."""
    return Selection(
        ("operation", "=", operation),
        ("driver", "=", Driver.LOAD),
        gate=steady(LIVE.load_run_seconds, profile, load),
        recorded=(("profile", "=", profile), ("load", "=", load.words if load else "")),
    )


def _by_target(operation: str, baselines: list[Baseline]) -> list[tuple[Baseline, tuple[str, ...]]]:
    """One baseline for each target that has its own, and one for all the others; all of one driver and profile."""
    own = tuple(sorted({b.target for b in baselines if b.operation == operation and b.target != ANY}))
    chosen = [
        most_specific(baselines, operation, target, b.driver, b.profile) for b in baselines[:1] for target in (ANY, *own)
    ]
    return [(b, own if b.target == ANY else ()) for b in chosen if b is not None]
