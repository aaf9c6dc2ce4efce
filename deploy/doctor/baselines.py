"""Whether what operations are held to shows anything: blind, stale, drifted or absent baselines."""

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.view import rows as view
from alerts.view import snapshot
from alerts.view.rows import Held, Row
from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from steadyline.baselines import known_baselines, load_sourced
from steadyline.errors import ConfigurationError
from steadyline.severity import Verdict
from steadyline.vocabulary import AlertName

RECORD = "steadyline baseline record"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the operations are held to.

    Attributes:
        rows: every operation with its baseline, as `status` has it.
        drifted: operations whose rules judge by another baseline than the exporter shows.
        refused: why the recorded baselines cannot be read; empty where they can.
    """

    rows: tuple[Row, ...]
    drifted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def gather(scene: Scene) -> Facts:
    """Read the file, and take Prometheus' word for the rest."""
    refused: tuple[str, ...] = ()
    try:
        known_baselines(scene.settings.state)
    except ConfigurationError as error:
        refused = tuple(error.faults)
    taken = snapshot.take(scene.prometheus)
    drifted = {
        one["labels"].get("operation", "")
        for one in taken.alerts
        if one["labels"].get("alertname") == AlertName.BASELINE_DRIFT and one["state"] == "firing"
    }
    rows = view.rows(taken, {baseline.id for baseline in load_sourced()})
    return Facts(tuple(rows), tuple(sorted(drifted)), refused)


def recorded(facts: Facts) -> Iterator[Finding]:
    """A fault where the recorded baselines cannot be read: the next start is refused."""
    for each in facts.refused:
        found, _, cure = each.partition("; ")
        yield fault(found, cure or "mend the file, or move it away and record anew")
    held = [row for row in facts.rows if row.held is Held.RECORDED]
    if not facts.refused:
        yield ok(f"{len(held)} operations are held to recorded baselines")


def sight(facts: Facts) -> Iterator[Finding]:
    """A warning where a baseline shows nothing below twice what the operation takes, or only the budget judges."""
    blind = sorted((row for row in facts.rows if row.blind), key=lambda row: -(row.visible_factor or 0))
    unheld = [row.operation for row in facts.rows if row.held is Held.BUDGET]
    if blind:
        told = [f"{row.operation} below {row.visible_factor:.3g}x" for row in blind]
        yield warning(f"{len(blind)} baselines are blind: {several(told)}", f"record some of this machine: {RECORD}")
    if unheld:
        yield warning(
            f"{len(unheld)} operations are judged by their budget alone: {several(unheld)}", f"give them one: {RECORD}"
        )
    if not facts.rows:
        yield unknown("Prometheus holds no operation yet", "see exporter and scrapes")
    elif not (blind or unheld):
        yield ok("every operation's baseline shows what is twice as slow")


def fresh(facts: Facts) -> Iterator[Finding]:
    """A warning where operations have become so much faster that their baseline is stale."""
    improved = [row.operation for row in facts.rows if row.verdict == Verdict.IMPROVED and not row.blind]
    if improved:
        told = f"{len(improved)} operations are far faster than their baseline: {several(improved)}"
        yield warning(told, f"if that is right, record it: {RECORD}")
    elif facts.rows:
        yield ok("none is stale")


def drift(facts: Facts) -> Iterator[Finding]:
    """A fault where the rules judge by another baseline than the exporter shows: one was not told of the last change."""
    if facts.drifted:
        told = f"{len(facts.drifted)} operations are judged by another baseline than is shown: {several(list(facts.drifted))}"
        yield fault(told, "have rules and exporter read the same file: steadyline down, then steadyline up")
    elif facts.rows:
        yield ok("rules and exporter have the same")


SUBJECT = Subject("baselines", gather, (recorded, sight, fresh, drift), asks_prometheus=True)
