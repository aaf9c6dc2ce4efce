"""Whether Prometheus judges by the rules that belong to these settings and baselines, without an error and in time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alerts.rules.groups import rule_groups
from deploy import prometheus_config
from deploy.compose.project import COMMAND
from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.promql_tokens import same, seconds
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from steadyline import catalogue
from steadyline.baselines import known_baselines
from steadyline.errors import ConfigurationError

Group = Mapping[str, Any]
LATE_INTERVALS = 4
"""A group that was not evaluated for so many of its intervals is stuck; it shares two cores with much else."""
TIGHT = 0.5
"""An evaluation that takes more than this part of its interval leaves little for a busy minute."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What should be loaded, and what is.

    Attributes:
        expected: the groups of these settings, as the rule file has them.
        loaded: the groups that Prometheus has, as its API tells them.
        refused: why nothing can be expected: broken settings or baselines, or baselines that lie elsewhere.
        now: Prometheus' clock, Unix time.
        reloaded: whether its last reload was taken.
        own_files: files of rules of the user's own.
        cure: how these settings' rules come into this Prometheus.
    """

    expected: tuple[Group, ...]
    loaded: tuple[Group, ...]
    refused: str
    now: float
    reloaded: bool
    own_files: tuple[Path, ...]
    cure: str


def gather(scene: Scene) -> Facts:
    """Make the rules as `rules generate` would now, and ask for those that are loaded."""
    prometheus = scene.prometheus
    loaded = prometheus.rule_groups()
    expected, refused = _expected(scene)
    elsewhere = "load what steadyline rules generate --out DIR writes into it, and have it reload"
    return Facts(
        expected=tuple(expected),
        loaded=tuple(loaded),
        refused=refused,
        now=prometheus.query("time()")[0].value,
        reloaded=bool(prometheus.runtime()["reloadConfigSuccess"]),
        own_files=tuple(prometheus_config.own_rule_files(scene.settings)) if scene.is_native else (),
        cure=elsewhere if scene.settings.prometheus_url else "make them anew: steadyline down, then steadyline up",
    )


def _expected(scene: Scene) -> tuple[list[Group], str]:
    if scene.services:
        return [], f"the recorded baselines lie in docker compose's volumes: ask {COMMAND} doctor"
    if scene.faults:
        return [], "the settings cannot be read"
    try:
        baselines = known_baselines(scene.settings.state)
        return list(rule_groups(catalogue.operations(), baselines, scene.settings)["groups"]), ""
    except ConfigurationError as error:
        return [], error.faults[0]


def loaded(facts: Facts) -> Iterator[Finding]:
    """A fault where Prometheus has no rules, or lacks groups that these settings have."""
    if not facts.loaded:
        yield fault("Prometheus has loaded no rules: nothing is judged", facts.cure)
        return
    there = {group["name"] for group in facts.loaded}
    missing = [group["name"] for group in facts.expected if group["name"] not in there]
    if missing:
        yield fault(f"{len(missing)} groups of rules are not loaded: {several(missing)}", facts.cure)
    else:
        yield ok(f"{len(facts.loaded)} groups, {sum(len(group['rules']) for group in facts.loaded)} rules")


def current(facts: Facts) -> Iterator[Finding]:
    """A fault where a loaded rule is not what `rules generate` makes of these settings and the recorded baselines now."""
    if facts.refused:
        yield unknown(f"what should be loaded is not known: {facts.refused}")
        return
    differing = list(_differing(facts.expected, facts.loaded))
    if differing:
        yield fault(
            f"{len(differing)} groups are not as these settings and baselines make them: {several(differing)}", facts.cure
        )
    else:
        yield ok("they are those of these settings and baselines")


def _differing(expected: Iterable[Group], loaded: Iterable[Group]) -> Iterator[str]:
    """Names of the groups that are loaded with other rules."""
    there: dict[str, list[Group]] = {}
    for group in loaded:
        there.setdefault(group["name"], []).append(group)
    for group in expected:
        found = there.get(group["name"])
        if found and not any(_alike(group, one) for one in found):
            yield group["name"]


def _alike(expected: Group, loaded: Group) -> bool:
    wanted, there = expected["rules"], loaded["rules"]
    return len(wanted) == len(there) and all(_same(*pair) for pair in zip(wanted, there, strict=True))


def _same(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether a rule of the file and one of the API are the same."""
    return (
        wanted.get("alert", wanted.get("record")) == there["name"]
        and wanted.get("labels", {}) == there.get("labels", {})
        and wanted.get("annotations", {}) == there.get("annotations", {})
        and seconds(wanted.get("for", "")) == there.get("duration", 0)
        and seconds(wanted.get("keep_firing_for", "")) == there.get("keepFiringFor", 0)
        and same(wanted["expr"], there["query"])
    )


def evaluated(facts: Facts) -> Iterator[Finding]:
    """A fault for each rule whose last evaluation failed: it says nothing, whatever happens."""
    broken = [(rule["name"], rule.get("lastError", "")) for group in facts.loaded for rule in group["rules"] if _broken(rule)]
    for name, why in broken:
        yield fault(f"rule {name} cannot be evaluated: {why}", "mend the series that it reads; two targets may share an alias")
    if facts.loaded and not broken:
        yield ok("no rule failed at its last evaluation")


def _broken(rule: Mapping[str, Any]) -> bool:
    return bool(rule["health"] == "err")


def in_time(facts: Facts) -> Iterator[Finding]:
    """A fault where a group is not evaluated any more or takes longer than its interval; a warning from half of that on."""
    late = [g["name"] for g in facts.loaded if _age(g, facts.now) > LATE_INTERVALS * g["interval"]]
    used = {g["name"]: g["evaluationTime"] / g["interval"] for g in facts.loaded}
    over = [name for name, part in used.items() if part > 1]
    tight = [name for name, part in used.items() if TIGHT < part <= 1]
    relief = "give Prometheus more CPU, or observe fewer operations"
    if late:
        yield fault(f"{len(late)} groups are not evaluated any more: {several(late)}", "see Prometheus' log; start it anew")
    if over:
        yield fault(f"{len(over)} groups take longer than their interval: {several(over)}", relief)
    if tight:
        yield warning(f"{len(tight)} groups take over {TIGHT:.0%} of their interval: {several(tight)}", relief)
    if facts.loaded and not (late or over or tight):
        yield ok(f"the slowest takes {max(used.values()):.0%} of its interval")


def _age(group: Group, now: float) -> float:
    """Seconds since its last evaluation; 0 before the first."""
    at = datetime.fromisoformat(group["lastEvaluation"])
    return now - at.timestamp() if at.year > 1 else 0.0


def configuration(facts: Facts) -> Iterator[Finding]:
    """A fault where Prometheus refused its configuration at its last reload; a warning for own rules that it has not read."""
    if facts.reloaded:
        yield ok("taken at the last reload")
    else:
        yield fault("Prometheus refused its configuration at the last reload", "its log says why; mend it, and have it reload")
    files = {Path(group["file"]).resolve() for group in facts.loaded}
    unread = [file.name for file in facts.own_files if file.resolve() not in files]
    if unread:
        yield warning(f"rules of your own are not loaded: {several(unread)}", "steadyline down, then steadyline up")


SUBJECT = Subject("rules", gather, (loaded, current, evaluated, in_time, configuration), asks_prometheus=True)
