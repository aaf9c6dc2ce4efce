"""One native stack that measures healthy and sick targets at once, and what was seen of it from before to after the faults."""

import contextlib
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import httpx
import native_stack
import sick_artefacts
import sick_targets
from baseline_files import FACTS, READ, written
from fault_alerts import OF_SPEED, Told, until
from fault_samples import BEFORE_SECONDS, Key
from prometheus_client.parser import text_string_to_metric_families
from sick_s3 import S3_BASELINE_SECONDS
from sick_ward import Sick, Ward, nothing

from alerts.receiver.notification import Notification
from steadyline import catalogue
from steadyline.addresses import local_url
from steadyline.live import LIVE
from steadyline.operation_version import version_of
from steadyline.vocabulary import (
    OPERATION_DURATION,
    OPERATION_FAILURES,
    RUNS_SKIPPED,
    SCHEDULE_INTERVAL,
    AlertName,
    Driver,
)

OK, SKIPPED, EVERY = "ok", "skipped", "every"
UP_SECONDS, WARM_SECONDS, SICK_SECONDS, WELL_SECONDS = 300, 180, 240, 400
"""The longest that is waited for what comes much sooner on an idle machine."""
BUSY_LOAD_PER_CORE = 2
"""What this course makes by itself is well under one."""
UNKNOWN_NAMES = 100
"""Asked for at `/probe`, while targets tell ten thousands of them."""
HELD = catalogue.operations(["s3"])["s3.bucket_list"]
"""What the slow target, which is read-only, is judged by."""
Counts = Mapping[Key, Counter[str]]
"""Per operation and target: successes, failures by reason, starts left out; and the cadence."""


@dataclass(slots=True)
class Course:
    """What was seen.

    Attributes:
        ward: the targets.
        stack: the stack, which is down when this is read.
        moments: Unix time of: warm, sick, mended, well.
        pages: the exporter's counts at these.
        asked: marked requests that the talker had seen just before and just after the last page.
        told: every notification.
        labels: of each label of the exporter's page the values, at the end.
        left: what lies in each target after the stack has ended, counted from outside.
        log: the exporter's.
        of_the_machine: alerts that are no lie where so much else runs that operations are slow for real.
    """

    ward: Ward
    stack: native_stack.Stack
    moments: list[float] = field(default_factory=list)
    pages: list[Counts] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    told: list[Notification] = field(default_factory=list)
    labels: dict[str, set[str]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    log: str = ""
    of_the_machine: frozenset[str] = frozenset()

    def grown(self, first: int, last: int, *aliases: str) -> Counter[str]:
        """What was counted between two of the moments, over the operations of these targets."""
        sums: Counter[str] = Counter()
        for (operation, alias), after in self.pages[last].items():
            if alias in aliases:
                sums.update(after)
                sums.subtract(self.pages[first].get((operation, alias), {}))
        del sums[EVERY]
        return +sums

    def of(self, alias: str, **wanted: str) -> list[Notification]:
        """The notifications about one target, oldest first."""
        return [one for one in self.told if one.target == alias and all(getattr(one, k) == v for k, v in wanted.items())]


def expected(one: Sick, keys: Iterator[Key] | list[Key]) -> set[tuple[str, str]]:
    """Alert and operation that a fault has to be told by, for what is scheduled."""
    if one.begin is nothing:
        return set()
    mine = {operation for operation, alias in keys if alias == one.alias}
    if one.reason is None:
        return {(AlertName.REGRESSION, HELD.name)}
    return {(AlertName.FAILING, operation) for operation in (one.operations or mine)}


@contextlib.contextmanager
def course() -> Iterator[Course]:
    """Let all faults begin and end at once, and look."""
    with tempfile.TemporaryDirectory(prefix="steadyline-sick-") as folder, sick_targets.ward(Path(folder)) as ward:
        with native_stack.empty() as stack:
            seen = Course(ward, stack)
            _configure(stack, ward, folder)
            stack.run("up", "--native", "--detach", timeout_seconds=UP_SECONDS)
            _run(seen)
            seen.log = (stack.settings.state.logs / "exporter.log").read_text()
        seen.left = sick_artefacts.left(ward)
        yield seen


def _configure(stack: native_stack.Stack, ward: Ward, names: str) -> None:
    lines = ["embedded = false"]
    for one in ward.targets:
        facts = {"backend": one.backend, "allow_writes": True, **one.settings}
        lines += [f"[targets.{one.alias}]", *(f"{key} = {json.dumps(value)}" for key, value in facts.items())]
    file = stack.folder / "steadyline.toml"
    file.write_text("\n".join(lines))
    paths = [names, *filter(None, [stack.environ.get("PYTHONPATH")])]
    stack.environ.update({"STEADYLINE_CONFIG": str(file), "PYTHONPATH": ":".join(paths)})
    stack.settings.state.root.mkdir(parents=True)
    runs = LIVE.recommended_baseline_runs
    recorded = replace(FACTS, runs=runs, samples=runs * LIVE.samples_per_run, cadence_seconds=HELD.probe_every_seconds)
    baseline = replace(
        READ,
        operation=HELD.name,
        driver=Driver.PROBE,
        value=S3_BASELINE_SECONDS,
        spread=LIVE.assumed_spread,
        recorded=replace(recorded, operation_version=version_of(HELD)),
    )
    held = (replace(baseline, target=alias) for alias in ("s3-slow", "s3-steady", "s3-embedded"))
    written(stack.settings.state.baselines, *held)


def _run(seen: Course) -> None:
    told = Told(seen.stack.settings)
    page = f"{local_url(seen.stack.settings.ports.exporter)}/metrics"

    def moment() -> None:
        seen.moments.append(time.time())
        seen.pages.append(counts(_asked(page)))

    until("every operation has succeeded", lambda: _all_succeed(counts(_asked(page))), WARM_SECONDS)
    moment()
    until("there is something to compare with", lambda: time.time() > seen.moments[0] + BEFORE_SECONDS)
    moment()
    for one in seen.ward.targets:
        one.begin()
    _ask_for_unknown_names(seen.stack.settings.ports.exporter)
    wanted = {(one.alias, *alert) for one in seen.ward.targets for alert in expected(one, list(seen.pages[0]))}
    _until_none("told firing", lambda: wanted - _firing(told.all()), SICK_SECONDS)
    moment()
    for one in seen.ward.targets:
        one.end()
    _until_none("resolved", lambda: wanted & _firing(told.all()), WELL_SECONDS)
    talker = seen.ward.talker
    assert talker is not None
    seen.asked.append(sum("x-steadyline-operation" in one.headers for one in talker.asked))
    moment()
    seen.asked.append(sum("x-steadyline-operation" in one.headers for one in talker.asked))
    seen.told, seen.labels = told.all(), labels(_asked(page))
    if os.getloadavg()[1] > BUSY_LOAD_PER_CORE * (os.cpu_count() or 1):
        seen.of_the_machine = OF_SPEED


def _ask_for_unknown_names(port: int) -> None:
    """As a probe that somebody else scheduled, of operations and targets that nobody has."""
    with httpx.Client(base_url=local_url(port), trust_env=False, timeout=60) as client:
        for number in range(UNKNOWN_NAMES):
            wanted = {"operation": f"sql.name_{number}", "target": f"name-{number}"}
            assert client.get("/probe", params=wanted).status_code == httpx.codes.BAD_REQUEST


def _asked(url: str) -> str:
    answer = httpx.get(url, trust_env=False, timeout=30)
    assert answer.is_success, answer.text
    return answer.text


def _until_none(what: str, left: Callable[[], set[tuple[str, str, str]]], seconds: float) -> None:
    """Wait until the set is empty; what is left stands in the complaint."""
    try:
        until(what, lambda: not left(), seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}; but for {sorted(left())}") from None


def _firing(told: list[Notification]) -> set[tuple[str, str, str]]:
    """Target, alert and operation of what fires by the last word about it, at its worst severity or any."""
    last = {one.fingerprint: one for one in told}
    return {(one.target, one.alertname, one.operation) for one in last.values() if one.status == "firing"}


def _all_succeed(found: Counts) -> bool:
    return bool(found) and all(one[OK] for one in found.values())


def moment_of(text: str) -> float:
    """Unix time of an ISO 8601 one."""
    return datetime.fromisoformat(text).timestamp()


def counts(page: str) -> Counts:
    """What the exporter's page says that was counted."""
    kinds = {f"{OPERATION_DURATION.name}_count": OK, RUNS_SKIPPED.name: SKIPPED, SCHEDULE_INTERVAL.name: EVERY}
    wanted = (*kinds, OPERATION_FAILURES.name)
    lines = "\n".join(line for line in page.splitlines() if line.startswith(wanted))
    found: dict[Key, Counter[str]] = {}
    for family in text_string_to_metric_families(lines + "\n"):
        for sample in family.samples:
            key = (sample.labels["operation"], sample.labels["target"])
            kind = kinds.get(sample.name) or sample.labels["reason"]
            found.setdefault(key, Counter())[kind] += sample.value  # type: ignore[assignment]  # they are whole
    return found


def labels(page: str) -> dict[str, set[str]]:
    """Every label of the page, with its values."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            for name, value in sample.labels.items():
                found.setdefault(name, set()).add(value)
    return found
