"""The /metrics page: fast text for our own series, prometheus_client's for the rest, each collector on its own.

A collector that raises or hangs costs its own series only; `steadyline_collector_success` says so. The bytes are those of
prometheus_client's `generate_latest` over the same families (tested), so every client of that format reads them.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from steadyline.vocabulary import COLLECTOR_DURATION, COLLECTOR_SUCCESS, Metric

LOG = logging.getLogger(__name__)
EXPONENT_FROM = 1_000_000
"""From here on the format writes 1e+06, so that the fast path's plain decimals end."""
_EOF = b"# EOF\n"


@runtime_checkable
class Renders(Protocol):
    """A collector that makes its own text."""

    def render(self, *, openmetrics: bool = False) -> bytes:
        """The text of all its series, without OpenMetrics' EOF."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text of several samples with their values left open, so that rendering is one `%`.

    Attributes:
        text: with `%d.0` for each integer and `%s` for a histogram's sum.
        prefixes: the same, line by line, for values that the plain form cannot write.
    """

    text: str
    prefixes: tuple[str, ...]

    @classmethod
    def values(cls, name: str, labels: Sequence[Mapping[str, str]]) -> "Template":
        """One line for each set of labels."""
        prefixes = tuple(f"{name}{label_text(each)} " for each in labels)
        return cls("".join(f"{_literal(p)}%d.0\n" for p in prefixes), prefixes)

    @classmethod
    def histogram(cls, name: str, labels: Mapping[str, str], bounds: Sequence[str]) -> "Template":
        """A histogram's buckets, count and sum, in prometheus_client's order."""
        prefixes = [f"{name}_bucket{label_text({**labels, 'le': bound})} " for bound in bounds]
        prefixes += [f"{name}_count{label_text(labels)} ", f"{name}_sum{label_text(labels)} "]
        text = "".join(f"{_literal(p)}%d.0\n" for p in prefixes[:-1]) + f"{_literal(prefixes[-1])}%s\n"
        return cls(text, tuple(prefixes))

    def fill(self, counts: tuple[int, ...], total: float | None = None) -> str:
        """The lines with their values; a histogram gives its cumulative counts (the last is all) and its sum."""
        values = counts if total is None else (*counts, counts[-1])
        if max(values) < EXPONENT_FROM:
            return self.text % (values if total is None else (*values, number(total)))
        every = values if total is None else (*values, total)
        return "".join(f"{p}{number(v)}\n" for p, v in zip(self.prefixes, every, strict=True))


def number(value: float) -> str:
    """A value as the format writes it: prometheus_client's own rule."""
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def label_text(labels: Mapping[str, str]) -> str:
    """`{a="1",b="2"}`, sorted and escaped; empty without labels."""
    if not labels:
        return ""
    escaped = (
        '{}="{}"'.format(name, value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\""))
        for name, value in sorted(labels.items())
    )
    return "{" + ",".join(escaped) + "}"


def header(metric: Metric, *, openmetrics: bool) -> str:
    """HELP and TYPE; OpenMetrics names a counter's family without `_total`."""
    name = metric.name.removesuffix("_total") if openmetrics and metric.kind == "counter" else metric.name
    text = metric.help.replace("\\", r"\\").replace("\n", r"\n")
    text = text.replace('"', r"\"") if openmetrics else text
    return f"# HELP {name} {text}\n# TYPE {name} {metric.kind}\n"


def family(metric: Metric) -> GaugeMetricFamily | CounterMetricFamily:
    """An empty prometheus_client family for a gauge or counter of the vocabulary."""
    made = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    return made(metric.name, metric.help, labels=metric.labels)


@dataclass(slots=True)
class _Answer:
    text: bytes = b""
    success: bool = False
    seconds: float = 0.0


@dataclass(slots=True)
class _Asking:
    """One question to one collector, under way or done; scrapes that come at once share it."""

    done: threading.Event = field(default_factory=threading.Event)
    answer: _Answer = field(default_factory=_Answer)
    given_up: bool = False

    def run(self, name: str, collector: Collector, *, openmetrics: bool) -> None:
        """Ask, in a thread of its own."""
        self.answer = _collect(name, collector, openmetrics=openmetrics)
        self.done.set()


@dataclass(slots=True)
class Page:
    """The whole page over named collectors.

    Attributes:
        collectors: by the name that `steadyline_collector_success` shows.
        deadline_seconds: how long one may take before the page goes out without it.
    """

    collectors: Mapping[str, Collector]
    deadline_seconds: float = 4.0
    _under_way: dict[tuple[str, bool], _Asking] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def render(self, *, openmetrics: bool = False, deadline_seconds: float | None = None) -> bytes:
        """The page's text.

        Args:
            openmetrics: OpenMetrics 1.0 instead of Prometheus' text format.
            deadline_seconds: tighter than the page's own, where a scrape says how long it waits.
        """
        deadline = min(self.deadline_seconds, deadline_seconds or self.deadline_seconds)
        end = time.monotonic() + deadline
        asked = {name: self._ask(name, openmetrics=openmetrics) for name in self.collectors}
        answers = {name: _awaited(name, asking, end, deadline) for name, asking in asked.items()}
        text = b"".join(answer.text for answer in answers.values()) + _text(_Health(answers), openmetrics=openmetrics)
        return text + _EOF if openmetrics else text

    def _ask(self, name: str, *, openmetrics: bool) -> _Asking:
        """Ask now, unless an earlier question has no answer yet: a collector that hangs holds one thread, not many."""
        with self._lock:
            before = self._under_way.get((name, openmetrics))
            if before is not None and not before.done.is_set():
                return before
            asking = self._under_way[name, openmetrics] = _Asking()
        # A daemon, so that one that hangs for ever does not keep the process from ending.
        work = threading.Thread(
            target=asking.run,
            args=(name, self.collectors[name]),
            kwargs={"openmetrics": openmetrics},
            name=f"collect-{name}",
            daemon=True,
        )
        work.start()
        return asking


def _awaited(name: str, asking: _Asking, end: float, deadline: float) -> _Answer:
    """The answer, or none where it did not come in time; one that was given up before is not waited for again."""
    if asking.done.wait(0 if asking.given_up else max(0.0, end - time.monotonic())):
        return asking.answer
    if not asking.given_up:
        asking.given_up = True
        LOG.error("collector %s did not answer within %.1f s; the page goes out without it", name, deadline)
    return _Answer(seconds=deadline)


def _collect(name: str, collector: Collector, *, openmetrics: bool) -> _Answer:
    start = time.perf_counter()
    try:
        text = _text(collector, openmetrics=openmetrics)
    except Exception:
        LOG.exception("collector %s raised; the page goes out without it", name)
        return _Answer(seconds=time.perf_counter() - start)
    return _Answer(text, success=True, seconds=time.perf_counter() - start)


def _text(collector: Collector, *, openmetrics: bool) -> bytes:
    if isinstance(collector, Renders):
        return collector.render(openmetrics=openmetrics)
    if openmetrics:
        return generate_openmetrics(collector).removesuffix(_EOF)  # type: ignore[no-untyped-call, no-any-return]
    return generate_latest(collector)


@dataclass(frozen=True, slots=True)
class _Health(Collector):
    answers: Mapping[str, _Answer]

    def collect(self) -> Iterator[Family]:
        success, duration = family(COLLECTOR_SUCCESS), family(COLLECTOR_DURATION)
        for name, answer in self.answers.items():
            success.add_metric([name], float(answer.success))
            duration.add_metric([name], answer.seconds)
        yield from (success, duration)
