"""docs/metrics.md: every metric and recorded series of the vocabulary, with what their labels can be."""

from collections.abc import Iterable

from steadyline import catalogue, load_vocabulary, vocabulary
from steadyline.backend import PHASES
from steadyline.criterion import STATISTICS
from steadyline.load_vocabulary import Dropped, Phase
from steadyline.outcome import Reason
from steadyline.recorder import DIRECTIONS
from steadyline.settings import EMBEDDED
from steadyline.vocabulary import Driver, Metric, RecordedSeries

_NAMED_UNITS = {
    "_timestamp_seconds": "Unix time, seconds",
    "_seconds": "seconds",
    "_bytes": "bytes",
    "_ratio": "fraction",
    "_info": "1",
}
"""What the end of a name says by Prometheus' convention, the longer end first."""
_HEAD = "| metric | type | unit | labels | what it says | when it moves |\n|---|---|---|---|---|---|"


def unit(metric: Metric) -> str:
    """What a metric is measured in: by the end of its name, else as the vocabulary says; "" where neither does."""
    name = metric.name.removesuffix("_total")
    return next((words for end, words in _NAMED_UNITS.items() if name.endswith(end)), metric.unit)


def page() -> str:
    """The page."""
    return "\n".join(
        [
            "# Metrics\n",
            "What is scraped of the exporter and of load runs, and what the recording rules make of it.",
            "[Asking Prometheus](promql.md) puts it to use.\n",
            *_labels(),
            "\n## Of every operation, and of the exporter\n",
            "A histogram has `_bucket` (with `le`), `_sum` and `_count`; the unit is that of its sum.",
            "Counters start at 0 with their process.\n",
            _HEAD,
            *map(_metric, vocabulary.METRICS),
            "\n## Of a load run\n",
            "What load alone has; its operations' durations, failures, items and bytes are the metrics above with",
            f'`driver="{Driver.LOAD}"`.\n',
            _HEAD,
            *map(_metric, load_vocabulary.LOAD_METRICS),
            "\n## Recorded series\n",
            "Made by the generated recording rules; boards, `watch` and `status` ask for these. They move with each",
            "evaluation. What is judged under a load profile has the labels `profile` and `load` more. R is a ratio, and",
            "above 1 where it is worse; logarithms are natural.\n",
            "| series | unit | labels | what it is |\n|---|---|---|---|",
            *map(_recorded, (*vocabulary.RECORDED, *load_vocabulary.LOAD_RECORDED)),
        ]
    ) + "\n"  # fmt: skip


def _labels() -> Iterable[str]:
    """What each label can be, where the code has a closed list of it."""
    yield "## Labels\n"
    yield "All are bounded: never a URL, key, SQL, exception text or user. The id of a run stands on `…run_…` alone.\n"
    yield "| label | can be |\n|---|---|"
    yield "| `operation` | `backend.name`, one of [the catalogue](operations.md), or of your own |"
    yield f"| `backend` | {_listed(catalogue.backends())}, or your own |"
    yield f"| `target` | an alias from the [settings](settings.md); `{EMBEDDED}` for the stack's own |"
    yield f"| `driver` | who asked: {_listed(_constants(Driver))} |"
    yield f"| `reason` of a failure | {_listed(Reason)} |"
    yield f"| `reason` of a dropped start | {_listed(_constants(Dropped))} |"
    yield f"| `phase` of an operation | {_listed(PHASES)} |"
    yield f"| `phase` of a load run | {_listed(_constants(Phase))} |"
    yield f"| `direction` | {_listed(DIRECTIONS)} |"
    yield f"| `statistic` | {_listed(STATISTICS)} |"


def _constants(words: type) -> Iterable[str]:
    return [value for name, value in vars(words).items() if name.isupper()]


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _metric(metric: Metric) -> str:
    labels = ", ".join(metric.labels) or "-"
    return f"| `{metric.name}` | {metric.kind} | {unit(metric)} | {labels} | {metric.help} | {metric.moves} |"


def _recorded(series: RecordedSeries) -> str:
    return f"| `{series.name}` | {series.unit} | {', '.join(series.labels)} | {series.means} |"
