"""The page of a load run under way, read once a second: what is shown meanwhile is what Prometheus scrapes."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import httpx
from prometheus_client.parser import text_string_to_metric_families

from steadyline.edges import LADDER
from steadyline.histogram import quantile
from steadyline.load_vocabulary import (
    FLOW_SUFFIX,
    LOAD_ARRIVAL_RATE,
    LOAD_CRITERION_MET,
    LOAD_CRITERION_VALUE,
    LOAD_DROPPED,
    LOAD_PHASE,
    LOAD_SATURATED,
    LOAD_TARGET_USERS,
    LOAD_USERS,
    RUN_END,
)
from steadyline.outcome import Reason
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, RUN_START

LATELY_SECONDS = 10.0
"""Rates and quantiles are those of so many last seconds."""
ASK_SECONDS = 2.0
_BUCKET = f"{OPERATION_DURATION.name}_bucket"
_LEVELS = (0.5, 0.95, 0.99)
Labelled = tuple[Mapping[str, str], float]
"""A sample's labels and value."""


@dataclass(frozen=True, slots=True)
class Glance:
    """The page at one moment.

    Attributes:
        start: when the run began, Unix time.
        phase: ramp, steady or stop.
        users: that are active.
        target_users: how many there should be.
        arrival_rate: starts per second that are asked for; None in the closed model.
        within: successes of all operations at or under each edge of the ladder, and all of them last.
        failed: failures of all operations, what the end cut short left out.
        dropped: starts of the open model that did not happen.
        saturated: workers that are the bottleneck.
        has_ended: whether only the last values are still served.
        criteria: by text: the value of the latest window, and whether it was met so far; None where it cannot be said.
    """

    start: float
    phase: str = ""
    users: int = 0
    target_users: int = 0
    arrival_rate: float | None = None
    within: tuple[int, ...] = (0,) * (len(LADDER) + 1)
    failed: int = 0
    dropped: int = 0
    saturated: tuple[str, ...] = ()
    has_ended: bool = False
    criteria: Mapping[str, tuple[float | None, bool | None]] = field(default_factory=dict)

    @property
    def successes(self) -> int:
        """Of all operations."""
        return self.within[-1]


def fetched(client: httpx.Client, base_url: str) -> str:
    """The page's text; empty where nobody serves one yet."""
    try:
        answer = client.get(f"{base_url}/metrics")
    except httpx.HTTPError:
        return ""
    return answer.text if answer.status_code == httpx.codes.OK else ""


def glance(text: str) -> Glance | None:
    """What a page says; None where it shows no run."""
    by_name: dict[str, list[Labelled]] = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                by_name.setdefault(sample.name, []).append((sample.labels, sample.value))
    except ValueError:  # cut off: there is another one in a second
        return None
    start = next((value for _, value in by_name.get(RUN_START.name, ())), None)
    if start is None:
        return None

    def total(name: str) -> int:
        return round(sum(value for _, value in by_name.get(name, ())))

    rate = next((value for _, value in by_name.get(LOAD_ARRIVAL_RATE.name, ())), None)
    failures = _without_flows(by_name.get(OPERATION_FAILURES.name, ()))
    return Glance(
        start=start,
        phase=next((labels["phase"] for labels, value in by_name.get(LOAD_PHASE.name, ()) if value), ""),
        users=total(LOAD_USERS.name),
        target_users=total(LOAD_TARGET_USERS.name),
        arrival_rate=rate,
        within=_within(_without_flows(by_name.get(_BUCKET, ()))),
        failed=round(sum(value for labels, value in failures if labels["reason"] != Reason.CANCELLED)),
        dropped=total(LOAD_DROPPED.name),
        saturated=tuple(labels["worker"] for labels, value in by_name.get(LOAD_SATURATED.name, ()) if value),
        has_ended=RUN_END.name in by_name,
        criteria=_criteria(by_name),
    )


def _without_flows(samples: Iterable[Labelled]) -> list[Labelled]:
    """Their steps are counted beside them."""
    return [one for one in samples if not one[0]["operation"].endswith(FLOW_SUFFIX)]


def _within(buckets: Iterable[Labelled]) -> tuple[int, ...]:
    """Over the ladder's edges, which all operations have."""
    sums: Counter[float] = Counter()
    for labels, value in buckets:
        sums[float(labels["le"])] += round(value)
    return (*(sums[edge] for edge in LADDER), sums[float("inf")])


def _criteria(
    by_name: Mapping[str, list[Labelled]],
) -> dict[str, tuple[float | None, bool | None]]:
    values = {labels["criterion"]: value for labels, value in by_name.get(LOAD_CRITERION_VALUE.name, ())}
    met = {labels["criterion"]: bool(value) for labels, value in by_name.get(LOAD_CRITERION_MET.name, ())}
    return {text: (values.get(text), met.get(text)) for text in {**values, **met}}


@dataclass(frozen=True, slots=True)
class Lately:
    """The last seconds: attempts and failures per second, and quantiles of the successes in seconds; None without one."""

    per_second: float = 0.0
    failed_per_second: float = 0.0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Watch:
    """Keeps the glances of the last seconds."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: deque[tuple[float, Glance]] = deque()

    def take(self, now: float, seen: Glance) -> Lately:
        """The last seconds, this glance being the newest; a run that began anew is seen from its own beginning."""
        kept = self._seen
        if kept and (kept[-1][1].start != seen.start or kept[-1][1].successes > seen.successes):
            kept.clear()
        kept.append((now, seen))
        while len(kept) > 1 and kept[1][0] <= now - LATELY_SECONDS:
            kept.popleft()
        at, before = kept[0] if len(kept) > 1 else (seen.start, Glance(seen.start))
        within = [new - old for new, old in zip(seen.within, before.within, strict=True)]
        counts = [high - low for low, high in zip([0, *within], within, strict=False)]
        seconds = max(now - at, 1e-9)
        failed = seen.failed - before.failed
        return Lately((within[-1] + failed) / seconds, failed / seconds, *(quantile(q, LADDER, counts) for q in _LEVELS))
