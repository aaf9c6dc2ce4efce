"""Whether an alert that fires reaches somebody: Prometheus to Alertmanager, route to receiver, receiver to whoever is told."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.doctor.alertmanager import Alertmanager
from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.routing import Labels, Matcher, fits, integrations, matchers, receivers
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from steadyline.durations import promql
from steadyline.errors import UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.severity import Severity
from steadyline.upstream import ALERTS_DROPPED, ALERTS_NOT_SENT, NOTIFICATIONS_FAILED
from steadyline.vocabulary import AlertName

FAILURES_SECONDS = 900
"""Failures are counted over this span: longer than any group waits to be told again after one."""
SETTLING_SECONDS = 90
"""So long after a start the watchdog may be on its way."""
TOLD = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Facts:
    """What Prometheus sends, and what Alertmanager does with it.

    Attributes:
        sends_to: URLs of the Alertmanagers that Prometheus sends to.
        rules: labels of each alerting rule that is loaded, its name as `alertname`.
        watchdog: it fires in Prometheus.
        runs_seconds: for how long Prometheus has run.
        failed: what was not delivered lately: who did not take it, and how often.
        away: why Alertmanager could not be asked; empty where it could.
        configuration: Alertmanager's.
        silences: that hold now: their matchers and until when.
        held: labels of the alerts that Alertmanager holds.
        silenced: names of the critical ones among them that a silence mutes.
    """

    sends_to: tuple[str, ...] = ()
    rules: tuple[Labels, ...] = ()
    watchdog: bool = False
    runs_seconds: float = math.inf
    failed: Mapping[str, float] | None = None
    away: str = ""
    configuration: Mapping[str, Any] | None = None
    silences: tuple[tuple[tuple[Matcher, ...], str], ...] = ()
    held: tuple[Labels, ...] = ()
    silenced: tuple[str, ...] = ()


def gather(scene: Scene) -> Facts:
    """Ask both; of an Alertmanager that does not answer, what Prometheus knows is told all the same."""
    prometheus = scene.prometheus
    groups, firing = prometheus.rule_groups(), prometheus.alerts()
    alertmanager = Alertmanager(scene.settings.alertmanager, scene.patience.of_an_answer)
    try:
        configuration, silences, held = alertmanager.configuration(), alertmanager.silences(), alertmanager.alerts()
        away = ""
    except UnreachableError as error:
        configuration, silences, held, away = {}, [], [], str(error)
    return Facts(
        sends_to=tuple(prometheus.alertmanagers()),
        rules=tuple(_labels(rule) for group in groups for rule in group["rules"] if rule["type"] == "alerting"),
        watchdog=any(one["labels"].get("alertname") == AlertName.WATCHDOG and one["state"] == "firing" for one in firing),
        runs_seconds=_runs_seconds(prometheus),
        failed=_failed(prometheus),
        away=away,
        configuration=configuration,
        silences=tuple((tuple(_matcher(each) for each in one["matchers"]), one["endsAt"]) for one in silences),
        held=tuple(one["labels"] for one in held),
        silenced=tuple(one["labels"].get("alertname", "") for one in held if _silenced(one)),
    )


def _labels(rule: Mapping[str, Any]) -> Labels:
    return {**rule["labels"], "alertname": rule["name"]}


def _matcher(said: Mapping[str, Any]) -> Matcher:
    return Matcher(said["name"], said["value"], said["isRegex"], said.get("isEqual", True))


def _silenced(alert: Mapping[str, Any]) -> bool:
    return bool(alert["status"]["silencedBy"]) and alert["labels"].get("severity") == Severity.CRITICAL


def _runs_seconds(prometheus: Prometheus) -> float:
    """By its own clock."""
    began = datetime.fromisoformat(prometheus.runtime()["startTime"]).timestamp()
    return prometheus.query("time()")[0].value - began


def _failed(prometheus: Prometheus) -> dict[str, float]:
    """Notifications that were not taken, by integration; and alerts that did not even reach an Alertmanager."""
    span = promql(FAILURES_SECONDS)
    asked = {
        f"sum by (integration) (increase({NOTIFICATIONS_FAILED.name}[{span}])) >= 1": "integration",
        f"sum by (alertmanager) (increase({ALERTS_NOT_SENT.name}[{span}])) >= 1": "alertmanager",
        f"sum (increase({ALERTS_DROPPED.name}[{span}])) >= 1": "",
    }
    found = [
        (one.labels.get(label, "any Alertmanager"), one.value)
        for expr, label in asked.items()
        for one in prometheus.query(expr)
    ]
    return dict(found)


def connected(facts: Facts) -> Iterator[Finding]:
    """A fault where Prometheus sends its alerts to no Alertmanager."""
    if facts.sends_to:
        yield ok(f"Prometheus sends alerts to {several(list(facts.sends_to))}")
    else:
        yield fault("Prometheus sends its alerts to no Alertmanager", "name one under alerting in its configuration")


def watchdog(facts: Facts) -> Iterator[Finding]:
    """A fault where the watchdog, which always fires, does not, or does not arrive in Alertmanager."""
    there = any(labels.get("alertname") == AlertName.WATCHDOG for labels in facts.held)
    if facts.runs_seconds < SETTLING_SECONDS and not (facts.watchdog and there):
        yield unknown(f"Prometheus began {facts.runs_seconds:.0f} s ago, and tells of it within a minute", "ask again then")
    elif not facts.watchdog:
        yield fault(f"{AlertName.WATCHDOG} does not fire in Prometheus", "see rules above")
    elif facts.away:
        yield unknown(f"it fires; whether it arrives is not known: {facts.away}")
    elif there:
        yield ok("it fires, and Alertmanager holds it")
    else:
        yield fault(
            f"{AlertName.WATCHDOG} fires in Prometheus, and Alertmanager does not hold it",
            "see that Prometheus sends to this Alertmanager",
        )


def routed(facts: Facts) -> Iterator[Finding]:
    """A fault for each severity whose alerts end with nobody: in a receiver that has no integration, or in none."""
    if facts.away:
        yield unknown(facts.away)
        return
    told = integrations(facts.configuration or {})
    for severity in TOLD:
        ends = {name for labels in _of(facts, severity) for name in _reached(facts, labels)}
        nobody = sorted(name for name in ends if not told.get(name))
        who = sorted({one for name in ends for one in told.get(name, ())})
        if nobody:
            cure = "give that receiver an integration, or route to another (docs/notifications.md)"
            yield fault(f"{severity} alerts end in {several(nobody)}, which tells nobody", cure)
        elif who:
            yield ok(f"{severity} goes to {', '.join(sorted(ends))}: {', '.join(who)}")


def _reached(facts: Facts, labels: Labels) -> list[str]:
    return list(receivers((facts.configuration or {}).get("route") or {}, labels))


def _of(facts: Facts, severity: Severity) -> list[Labels]:
    """The labels of alerts of a severity: those of the rules, or one made up where none is loaded."""
    found = [labels for labels in facts.rules if labels.get("severity") == severity]
    return found or [{"alertname": AlertName.REGRESSION, "severity": severity}]


def silences(facts: Facts) -> Iterator[Finding]:
    """A fault where a silence mutes every critical alert; a warning for all of another severity, or one that fires."""
    if facts.away:
        yield unknown(facts.away)
        return
    muted = False
    for conditions, until in facts.silences:
        all_of = [severity for severity in TOLD if all(fits(conditions, labels) for labels in _of(facts, severity))]
        if all_of:
            muted = True
            say = fault if Severity.CRITICAL in all_of else warning
            cure = "expire it in Alertmanager, or narrow its matchers to what is being worked on"
            yield say(f"a silence until {until} mutes every {', '.join(all_of)} alert", cure)
    if facts.silenced:
        yield warning(
            f"a silence mutes what is critical now: {several(sorted(set(facts.silenced)))}", "see to it before that ends"
        )
    if not (muted or facts.silenced):
        yield ok(f"{len(facts.silences)} silences, none of which hides a severity")


def inhibitions(facts: Facts) -> Iterator[Finding]:
    """A fault where an inhibition lets an alert that always fires mute what is critical."""
    if facts.away:
        yield unknown(facts.away)
        return
    always = next(
        (labels for labels in facts.rules if labels["alertname"] == AlertName.WATCHDOG), {"alertname": AlertName.WATCHDOG}
    )
    muting = [
        rule
        for rule in (facts.configuration or {}).get("inhibit_rules") or ()
        if fits(matchers(rule, "source_"), always) and any(_muted(rule, always, one) for one in _of(facts, Severity.CRITICAL))
    ]
    if muting:
        cure = "narrow its source_matchers, or say what must be equal"
        yield fault(f"{len(muting)} inhibitions let {AlertName.WATCHDOG}, which always fires, mute critical alerts", cure)
    else:
        yield ok("none mutes a critical alert for good")


def _muted(rule: Mapping[str, Any], source: Labels, target: Labels) -> bool:
    same = all(source.get(name, "") == target.get(name, "") for name in rule.get("equal") or ())
    return same and fits(matchers(rule, "target_"), target) and not fits(matchers(rule, "target_"), source)


def delivered(facts: Facts) -> Iterator[Finding]:
    """A fault where notifications were not taken, or alerts did not reach Alertmanager, in the last quarter of an hour."""
    for who, count in (facts.failed or {}).items():
        yield fault(
            f"{who} did not take {count:.0f} in the last {promql(FAILURES_SECONDS)}",
            "Alertmanager's log says why; see notify channels under reachability",
        )
    if not facts.failed:
        yield ok(f"nothing failed to be delivered in the last {promql(FAILURES_SECONDS)}")


SUBJECT = Subject("alerting", gather, (connected, watchdog, routed, silences, inhibitions, delivered), asks_prometheus=True)
