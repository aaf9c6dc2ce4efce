"""Whether Prometheus gets what it scrapes: each target up, soon enough, and the stack's own among them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.doctor.finding import Finding, fault, ok, several, unknown, warning
from deploy.doctor.promql_tokens import seconds
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from steadyline.upstream import ALERTMANAGER_JOB, PROMETHEUS_JOB
from steadyline.vocabulary import EXPORTER_JOB

LATE_INTERVALS = 4
"""A target that was not scraped for so many of its intervals is not scraped any more."""
TIGHT = 0.5
"""A scrape that takes more than this part of its timeout fails in a busy minute."""
NEVER = "0001-01-01"


@dataclass(frozen=True, slots=True)
class Scrape:
    """One target of Prometheus.

    Attributes:
        name: job and instance.
        job: its job.
        health: up, down, or unknown before the first scrape.
        error: of the last scrape.
        age_seconds: since the last scrape, by Prometheus' clock; None before the first.
        took_seconds: how long that took.
        interval_seconds: how often it is scraped.
        timeout_seconds: how long a scrape may take.
    """

    name: str
    job: str
    health: str
    error: str
    age_seconds: float | None
    took_seconds: float
    interval_seconds: float
    timeout_seconds: float


def gather(scene: Scene) -> tuple[Scrape, ...]:
    """Ask Prometheus for its targets, and for its clock."""
    prometheus = scene.prometheus
    targets, now = prometheus.targets(), prometheus.query("time()")[0].value
    return tuple(_scrape(one, now) for one in targets)


def _scrape(one: dict[str, Any], now: float) -> Scrape:
    labels, last = one["labels"], one["lastScrape"]
    age = None if last.startswith(NEVER) else now - datetime.fromisoformat(last).timestamp()
    return Scrape(
        name=f"{labels.get('job', '')} {labels.get('instance', '')}",
        job=labels.get("job", ""),
        health=one["health"],
        error=one["lastError"],
        age_seconds=age,
        took_seconds=one["lastScrapeDuration"],
        interval_seconds=seconds(one["scrapeInterval"]),
        timeout_seconds=seconds(one["scrapeTimeout"]),
    )


def up(facts: tuple[Scrape, ...]) -> Iterator[Finding]:
    """A fault for each target that does not answer Prometheus' scrapes, with Prometheus' words."""
    for one in facts:
        if one.health == "down":
            yield fault(f"{one.name} is down: {one.error}", _cure(one))
    good = [one for one in facts if one.health == "up"]
    new = [one.name for one in facts if one.health not in ("up", "down")]
    if new:
        yield unknown(f"not scraped yet: {several(new)}", "ask again in a moment")
    if good and len(good) + len(new) == len(facts):
        yield ok(f"{len(good)} targets are up")


def _cure(one: Scrape) -> str:
    if one.job in (EXPORTER_JOB, PROMETHEUS_JOB, ALERTMANAGER_JOB):
        return "see processes above; if it runs, see that Prometheus' configuration names its host and port"
    return "start it, or take its file out of the folder that names targets of your own"


def expected(facts: tuple[Scrape, ...]) -> Iterator[Finding]:
    """A fault where no exporter is scraped; a warning where Prometheus or Alertmanager is not, whom boards and alerts need."""
    jobs = {one.job for one in facts}
    if EXPORTER_JOB not in jobs:
        yield fault(
            f"Prometheus has no target of job {EXPORTER_JOB}: nothing that we measure reaches it",
            f"scrape the exporter's /metrics under job_name {EXPORTER_JOB} (docs/longterm.md)",
        )
    absent = [job for job in (PROMETHEUS_JOB, ALERTMANAGER_JOB) if job not in jobs]
    if absent:
        yield warning(f"not scraped: {several(absent)}", "add a job of that name: alerts on delivery and remote write need it")
    if EXPORTER_JOB in jobs and not absent:
        yield ok(f"{EXPORTER_JOB}, {PROMETHEUS_JOB} and {ALERTMANAGER_JOB} are among them")


def in_time(facts: tuple[Scrape, ...]) -> Iterator[Finding]:
    """A fault where a target is not scraped any more; a warning where a scrape takes over half of its timeout."""
    late = [one.name for one in facts if (one.age_seconds or 0) > LATE_INTERVALS * one.interval_seconds]
    slow = [one.name for one in facts if one.took_seconds > TIGHT * one.timeout_seconds]
    if late:
        yield fault(f"not scraped any more: {several(late)}", "see Prometheus' log, and the clocks below")
    if slow:
        yield warning(f"scrapes take over {TIGHT:.0%} of their timeout: {several(slow)}", "see what keeps its page")
    if facts and not (late or slow):
        yield ok(f"the slowest scrape took {max(one.took_seconds for one in facts):.2f} s")


SUBJECT = Subject("scrapes", gather, (up, expected, in_time), asks_prometheus=True)
