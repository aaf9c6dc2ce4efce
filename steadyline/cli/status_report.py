"""What `steadyline status` found out: processes, scrapes, rules, alerts, operations, baselines, leaks, notifications."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alerts.receiver import journal
from alerts.receiver.notification import Notification, harmless
from alerts.view import rows as view
from alerts.view import snapshot
from alerts.view.firing import Firing, firing
from alerts.view.rows import Held, Row
from deploy.compose.project import Container
from deploy.native.stack import ProgramStatus, running
from steadyline import catalogue
from steadyline.baselines import load_sourced
from steadyline.cli import compose
from steadyline.errors import UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings
from steadyline.severity import Verdict
from steadyline.vocabulary import LEAKED_ARTEFACTS

LAST_NOTIFICATIONS = 5
RUNNING = "RUNNING"
RECORD = "steadyline baseline record"


@dataclass(frozen=True, slots=True)
class Rules:
    """What Prometheus says of the rules that it has loaded.

    Attributes:
        loaded: how many.
        broken: name and error of each that cannot be evaluated.
    """

    loaded: int
    broken: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer.

    Attributes:
        prometheus: host of the Prometheus asked.
        unreachable: why it could not be asked; empty where it could.
        programs: those of the native stack that were started.
        services: the containers of docker compose's stack in this folder.
        targets: whether each scrape target answers, by job and instance.
        rules: None where Prometheus could not be asked.
        alerts: worst first.
        operations: worst first.
        leaked: artefacts that should be gone, by backend and target.
        notifications: the last ones, newest first.
        own_faults: what is wrong with the user's own operations; what runs goes on with those that it has read.
    """

    prometheus: str
    unreachable: str
    programs: Sequence[ProgramStatus]
    services: Sequence[Container]
    targets: Mapping[str, bool]
    rules: Rules | None
    alerts: Sequence[Firing]
    operations: Sequence[Row]
    leaked: Mapping[str, int]
    notifications: Sequence[Notification]
    own_faults: Sequence[str]

    @property
    def nothing_runs(self) -> bool:
        """Neither a program of the native stack, nor a container, nor the Prometheus of the settings."""
        return not self.programs and not self.services and bool(self.unreachable)

    @property
    def problems(self) -> list[str]:
        """What of the stack itself is broken; alerts are what it is for, and no problem."""
        found = [f"{one.name} is {one.state}: see {one.log}" for one in self.programs if one.state != RUNNING]
        found += [f"{one.service} {one.told}: see docker compose logs {one.service}" for one in self.services if not one.good]
        found += self.own_faults
        if self.unreachable:
            return [*found, self.unreachable]
        found += [f"{name} does not answer Prometheus' scrapes" for name, up in self.targets.items() if not up]
        if self.rules is not None and not self.rules.loaded:
            found.append("Prometheus has loaded no rules: steadyline rules generate, and name the file under rule_files")
        found += [f"rule {name} cannot be evaluated: {why}" for name, why in (self.rules.broken if self.rules else {}).items()]
        return found

    @property
    def advice(self) -> list[str]:
        """What would make the judgement sharper."""
        blind = [row.operation for row in self.operations if row.blind]
        unheld = [row.operation for row in self.operations if row.held is Held.BUDGET]
        improved = [row.operation for row in self.operations if row.verdict == Verdict.IMPROVED and not row.blind]
        told = (
            (blind, "held to a baseline far above what they take, so that only large slowdowns show"),
            (unheld, "judged by their budget alone"),
            (improved, "faster than their baseline, which is stale"),
        )
        return [f"{_some(names)}: {why}; `{RECORD}` gives them one of this machine" for names, why in told if names]

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        programs = [asdict(one) | {"log": str(one.log)} for one in self.programs]
        operations = [asdict(row) | {"blind": row.blind} for row in self.operations]
        return (
            asdict(self)
            | {"programs": programs, "operations": operations}
            | {
                "problems": self.problems,
                "advice": self.advice,
            }
        )


def gather(settings: Settings) -> Report:
    """Ask the supervisor, docker compose, Prometheus and the receiver; a Prometheus that is away is part of the answer."""
    prometheus = Prometheus(settings.prometheus)
    programs = running(settings)
    services = [] if programs else compose.services(settings)
    told = compose.told(services) if services else journal.latest(settings.state.notifications, LAST_NOTIFICATIONS)
    own_faults = catalogue.own_faults()
    try:
        taken = snapshot.take(prometheus)
        groups = prometheus.rule_groups()
    except UnreachableError as error:
        return Report(
            prometheus.host, str(error), programs, services, {}, None, [], [], {}, told[:LAST_NOTIFICATIONS], own_faults
        )
    return Report(
        prometheus=prometheus.host,
        unreachable="",
        programs=programs,
        services=services,
        targets={f"{one.labels.get('job', '')} {one.labels.get('instance', '')}": one.value == 1 for one in taken.up},
        rules=_rules(groups),
        alerts=firing(taken.alerts),
        operations=view.rows(taken, {baseline.id for baseline in load_sourced()}),
        leaked={
            f"{one.labels.get('backend', '')} {one.labels.get('target', '')}": int(one.value)
            for one in taken.series.get(LEAKED_ARTEFACTS.name, [])
            if math.isfinite(one.value)
        },
        notifications=told[:LAST_NOTIFICATIONS],
        own_faults=own_faults,
    )


def _rules(groups: Sequence[Mapping[str, Any]]) -> Rules:
    every = [rule for group in groups for rule in group["rules"]]
    return Rules(len(every), {rule["name"]: harmless(rule.get("lastError", "")) for rule in every if rule["health"] == "err"})


def _some(names: Sequence[str]) -> str:
    most = 4
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
