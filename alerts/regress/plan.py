"""What `steadyline regress` is about to do, and why not where it cannot be done; pure.

The goal is a mean that the client shall measure. It follows from the factor and from what the factor is of: the
baseline, so that on any machine the same alert is seen, or the present mean.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from alerts.judgement.delay import Delay, Step, delay, resolve_seconds
from alerts.judgement.judged import Judged
from alerts.judgement.limits import Rule
from alerts.regress import calibration
from steadyline import durations
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.target import EMBEDDED_BACKENDS, Target
from targets.faults import LONGEST_SECONDS

WAITING_BACKENDS = ("trace", "s3", "vast", "tams")
"""Backends with an embedded target that is a process of its own, so that something can wait."""
ACCURACY = 0.05
"""The mean that the client measures shall land this near to the goal."""
GUARD_SECONDS = 30.0
"""The fault outlives its time by this, should this process be killed; else it is ended when its time is over."""

SPARE_SECONDS = 30.0
"""What is left after the worst delay to look at the alert, where the user gave no time."""


class Of(StrEnum):
    """What the factor multiplies."""

    BASELINE = "baseline"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user wants.

    Attributes:
        factor: how many times slower.
        of: than what.
        for_seconds: how long.

    Raises:
        ConfigurationError: the target holds nothing back for so long.
    """

    factor: float
    of: Of
    for_seconds: float

    def __post_init__(self) -> None:
        """Refuse it here: the target would refuse it only after the regression was noted."""
        longest = LONGEST_SECONDS - GUARD_SECONDS
        if self.for_seconds > longest:
            raise ConfigurationError(
                f"--for {self.for_seconds:.0f}s: the target holds requests back for at most {longest:.0f}s; ask for less"
            )


@dataclass(frozen=True, slots=True)
class Plan:
    """One regression on purpose.

    Attributes:
        judged: the operation, its baseline and its limits.
        target: the embedded target's alias.
        goal_seconds: the mean that the client shall measure.
        present_seconds: what it measures now.
        for_seconds: how long.
    """

    judged: Judged
    target: str
    goal_seconds: float
    present_seconds: float
    for_seconds: float

    @property
    def operation(self) -> Operation:
        """What is slowed."""
        return self.judged.operation

    @property
    def baseline_seconds(self) -> float:
        """The baseline as seconds per call."""
        return self.judged.baseline.seconds_per_call(self.operation.items)

    @property
    def ratio(self) -> float:
        """R at the goal."""
        return self.goal_seconds / self.baseline_seconds

    @property
    def severity(self) -> Severity:
        """The worst alert that comes of it: critical or warning."""
        return Severity.CRITICAL if self.ratio > _threshold(self.judged, Severity.CRITICAL) else Severity.WARNING

    @property
    def delay(self) -> Delay:
        """From now to the notification of that alert, by whichever rule is sooner."""
        present = min(self.present_seconds / self.baseline_seconds, self.ratio)
        step = Step(self.judged.cadence_seconds, present, self.ratio)
        found = [delay(self.judged.limits, self.severity, rule, step) for rule in Rule]
        return min(found, key=lambda one: one.worst_seconds)

    @property
    def resolve_seconds(self) -> float:
        """From its end to the notification that it is resolved, at most."""
        return resolve_seconds(self.judged.cadence_seconds)

    @property
    def warning(self) -> str:
        """What will not be seen because the time is too short; empty where it is long enough."""
        if self.for_seconds >= self.delay.worst_seconds:
            return ""
        return (
            f"the {self.severity} notification may take {durations.spoken(self.delay.worst_seconds)} to arrive; "
            f"in {durations.spoken(self.for_seconds)} it may not come: --for {round(self.delay.worst_seconds + 1)}s is enough"
        )

    def first_guess(self) -> calibration.Calibration:
        """How long the target shall take before anything was measured."""
        return calibration.first_guess(self.goal_seconds, self.present_seconds)


def slowable(operation: Operation, settings: Settings, alias: str | None) -> tuple[str, Target]:
    """The embedded target on which the operation can be slowed, with its alias.

    Raises:
        ConfigurationError: nothing can wait there, it is the user's own, or the operation is never probed.
    """
    if operation.backend not in EMBEDDED_BACKENDS:
        raise ConfigurationError(
            f"{operation.name} asks a system of your own, which has to be slowed there; regress slows only the stack's own "
            f"targets: take an operation of {', '.join(WAITING_BACKENDS)}, such as trace.item_create"
        )
    if operation.backend not in WAITING_BACKENDS:
        raise ConfigurationError(
            f"{operation.name} runs inside the exporter's own process, where nothing can wait; "
            f"take an operation of {', '.join(WAITING_BACKENDS)}, such as trace.item_create"
        )
    if not operation.asks_target:
        raise ConfigurationError(
            f"{operation.name} sends nothing to the target itself, which could hold it back; take another operation of it"
        )
    targets = settings.targets_of(operation.backend)
    if alias is not None and alias not in targets:
        raise ConfigurationError(f"--target {alias}: no such target of {operation.backend}; there is {', '.join(targets)}")
    chosen = alias or next(iter(targets))
    if not targets[chosen].embedded:
        raise ConfigurationError(
            f"target {chosen} is your own; regress slows only the stack's own targets: "
            f"take {operation.backend} out of the settings to get it back"
        )
    if operation.probe_every_seconds is None:
        raise ConfigurationError(f"{operation.name} is never probed, so no live rule judges it; take a scheduled operation")
    return chosen, targets[chosen]


def long_enough(found: Plan) -> Plan:
    """The plan with time for its notification: beside a noisy recorded baseline only the slow rule sees a small step."""
    needed = min(found.delay.worst_seconds + SPARE_SECONDS, LONGEST_SECONDS - GUARD_SECONDS)
    return replace(found, for_seconds=max(found.for_seconds, needed))


def plan(asked: Asked, operation: Operation, judged: Judged | None, target: str, present_seconds: float) -> Plan:
    """What will be done.

    Args:
        asked: what the user wants.
        operation: what to slow.
        judged: it with the baseline that judges it on the target, or None where only the budget does.
        target: the embedded target's alias.
        present_seconds: what the client measures now.

    Raises:
        ConfigurationError: no rule would see it, or the target cannot do it; the text names the factor that works.
    """
    if judged is None:
        raise ConfigurationError(
            f"{operation.name} has no baseline, so no rule judges it; "
            f"record one first: steadyline baseline record --operation {operation.name}"
        )
    baseline_seconds = judged.baseline.seconds_per_call(operation.items)
    unit = baseline_seconds if asked.of is Of.BASELINE else present_seconds
    found = Plan(judged, target, asked.factor * unit, present_seconds, asked.for_seconds)
    goal = f"--factor {asked.factor:g} of the {asked.of} is {found.goal_seconds * 1000:.4g} ms"
    _refuse_unseen(found, goal, unit)
    _refuse_impossible(found, goal, unit)
    return found


def _threshold(judged: Judged, severity: Severity) -> float:
    return min(judged.limits.threshold(severity, rule) for rule in Rule)


def _refuse_unseen(found: Plan, goal: str, unit: float) -> None:
    """A factor under the warning limit makes no alert; `unit` is what the factor multiplies, seconds."""
    if found.ratio > _threshold(found.judged, Severity.WARNING):
        return
    warning, critical = (
        _up(_threshold(found.judged, severity) * found.baseline_seconds / unit)
        for severity in (Severity.WARNING, Severity.CRITICAL)
    )
    raise ConfigurationError(
        f"{goal}, which the rules of {found.operation.name} do not see; "
        f"the smallest factor is {warning:g} for a warning, {critical:g} for a critical alert"
    )


def _refuse_impossible(found: Plan, goal: str, unit: float) -> None:
    """The target can only wait, and the client gives up at its timeout."""
    if found.goal_seconds < found.present_seconds:
        raise ConfigurationError(
            f"{goal}, and {found.operation.name} takes {found.present_seconds * 1000:.4g} ms now: the target can wait, not "
            f"hurry; take a factor of at least {_up(found.present_seconds / unit):g}, or --of {Of.CURRENT}"
        )
    timeout = found.operation.timeout_seconds
    if found.goal_seconds * (1 + ACCURACY) >= timeout:
        raise ConfigurationError(
            f"{goal}, which {found.operation.name} would answer with a timeout ({timeout:g} s); "
            f"take a factor under {timeout / unit / (1 + ACCURACY):.3g}"
        )


def _up(factor: float) -> float:
    """Rounded up to a hundredth, so that the factor that is named passes."""
    return (int(factor * 100) + 1) / 100
