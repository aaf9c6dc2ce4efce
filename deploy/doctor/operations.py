"""Whether what is scheduled is measured, what fails now, and what lies in the targets that should be gone."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from steadyline.live import LIVE
from steadyline.outcome import Reason
from steadyline.prometheus import Sample
from steadyline.vocabulary import (
    LEAKED_ARTEFACTS,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_STREAK,
    RUN_START,
    SCHEDULE_INTERVAL,
    Driver,
)

Key = tuple[str, str]
"""Operation and target."""
PROBE = 'driver="' + Driver.PROBE + '"'
UNCOUNTED = "http."
"""Operations on what nobody here knows the data of."""
FIRST_INTERVALS = 3
"""So many intervals after the exporter's start, and a grace, each operation has been asked."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What Prometheus holds of the schedule.

    Attributes:
        scheduled: how often each is asked, seconds.
        measured: those with a success.
        reasons: of those that failed, how often by which reason.
        streaks: how often each has failed since its last success.
        ran_seconds: how long the exporter has run; None where that is not known.
        leaked: artefacts that should be gone, by backend and target.
    """

    scheduled: Mapping[Key, float] = field(default_factory=dict)
    measured: frozenset[Key] = frozenset()
    reasons: Mapping[Key, Mapping[str, float]] = field(default_factory=dict)
    streaks: Mapping[Key, float] = field(default_factory=dict)
    ran_seconds: float | None = None
    leaked: Mapping[str, float] = field(default_factory=dict)


def gather(scene: Scene) -> Facts:
    """Ask Prometheus."""
    ask = scene.prometheus.query
    reasons: dict[Key, dict[str, float]] = defaultdict(dict)
    for one in ask(f"sum by (operation, target, reason) ({OPERATION_FAILURES.name}{{{PROBE}}}) > 0"):
        reasons[_key(one)][one.labels.get("reason", "")] = one.value
    ran = ask(f"time() - max({RUN_START.name}{{{PROBE}}})")
    return Facts(
        scheduled=_by_key(ask(f"{SCHEDULE_INTERVAL.name}{{{PROBE}}}")),
        measured=frozenset(_by_key(ask(f"{OPERATION_DURATION.name}_count{{{PROBE}}} > 0"))),
        reasons=reasons,
        streaks=_by_key(ask(f"{OPERATION_STREAK.name}{{{PROBE}}} >= {LIVE.failing_streak}")),
        ran_seconds=ran[0].value if ran else None,
        leaked={
            f"{one.labels.get('backend', '')} {one.labels.get('target', '')}": one.value for one in ask(LEAKED_ARTEFACTS.name)
        },
    )


def _key(one: Sample) -> Key:
    return one.labels.get("operation", ""), one.labels.get("target", "")


def _by_key(found: list[Sample]) -> dict[Key, float]:
    return {_key(one): one.value for one in found}


def measured(facts: Facts) -> Iterator[Finding]:
    """A fault for scheduled operations that never succeeded, by target and reason, or were never asked; none too is one."""
    if not facts.scheduled:
        yield fault(
            "no operation is scheduled", "see exporter and scrapes; steadyline operations shows what is left out and why"
        )
        return
    never = [key for key in facts.scheduled if key not in facts.measured]
    failed = [key for key in never if key in facts.reasons]
    young = [key for key in never if key not in facts.reasons and _is_young(facts, key)]
    dead = [key for key in never if key not in facts.reasons and key not in young]
    yield from _failures(facts, failed, "never succeeded", fault)
    if dead:
        yield fault(
            f"{len(dead)} operations are scheduled and never asked: {_names(dead)}", "see the exporter's log, and its cap"
        )
    if young:
        yield unknown(f"{len(young)} operations have not been asked yet: {_names(young)}", "ask again in a moment")
    if not never:
        yield ok(f"all {len(facts.scheduled)} scheduled operations are measured")


def _is_young(facts: Facts, key: Key) -> bool:
    bound = FIRST_INTERVALS * facts.scheduled[key] + LIVE.start_grace_seconds
    return facts.ran_seconds is None or facts.ran_seconds < bound


def _failures(
    facts: Facts, keys: list[Key], what: str, say: Callable[[str, str, Reason | None], Finding]
) -> Iterator[Finding]:
    """One finding for each target and reason: a target that is away fails everything that it is asked."""
    together: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in keys:
        reasons = facts.reasons.get(key) or {str(Reason.OTHER): 0}
        together[key[1], max(reasons, key=lambda reason: reasons[reason])].append(key)
    for (target, reason), found in together.items():
        told = f"{len(found)} operations on {target} {what} ({reason}): {_names(found)}"
        cure = f"its cause is told by steadyline probe {found[0][0]} --target {target} --debug"
        yield say(told, cure, Reason(reason) if reason in list(Reason) else None)


def _names(keys: list[Key]) -> str:
    return several([operation for operation, _ in keys])


def failing(facts: Facts) -> Iterator[Finding]:
    """A warning for operations that fail again and again after they have succeeded: their alert tells of them."""
    ill = [key for key in facts.streaks if key in facts.measured]
    yield from _failures(facts, ill, "fail now", warning)
    if facts.scheduled and not ill:
        yield ok("none fails again and again")


def leaks(facts: Facts) -> Iterator[Finding]:
    """A warning where artefacts of ours lie in a target that should be gone; nothing is told before the first count."""
    left = Counter({place: round(count) for place, count in facts.leaked.items() if count})
    if left:
        told = several([f"{count} in {place}" for place, count in left.most_common()])
        yield warning(
            f"artefacts that should be gone: {told}",
            "the janitor deletes what is older than two hours; where the number stays, the exporter's log says why",
        )
    elif facts.leaked:
        yield ok(f"none left behind in {len(facts.leaked)} targets")
    elif facts.scheduled and all(operation.startswith(UNCOUNTED) for operation, _ in facts.scheduled):
        yield ok("nothing is counted: what operations of your own write by HTTP, they clean up themselves")
    else:
        yield unknown("not counted yet", "the exporter counts within its first minutes")


SUBJECT = Subject("operations", gather, (measured, failing, leaks), asks_prometheus=True)
