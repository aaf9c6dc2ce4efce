"""What a week looked like, for people who plan."""

from dashboards.queries import select
from dashboards.runs import FAILED
from docs.question import FIRING, NO_FLOWS, PROBE, Group, Question
from steadyline.live import LIVE
from steadyline.severity import STALE_IMPROVEMENT
from steadyline.vocabulary import (
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    RATIO_FAST,
    RUN_LOG_MEAN,
    RUN_MEAN,
    UPPER90_SLOW,
)

_LOG_MEAN = select(RUN_LOG_MEAN, PROBE)
_FAILED = f"sum by (backend, target) (increase({select(OPERATION_FAILURES, PROBE, NO_FLOWS, FAILED)}[1d]))"
_SUCCEEDED = f"sum by (backend, target) (increase({select(OPERATION_DURATION, PROBE, NO_FLOWS, suffix='_count')}[1d]))"

QUESTIONS = (
    Question(
        "What drifted over the week?",
        f"sort_desc(exp(avg_over_time({_LOG_MEAN}[1h]) - avg_over_time({_LOG_MEAN}[1h] offset 7d)))",
        "The factor against the same hour a week ago, so that the time of day and the weekday fall out. Up to 1.05 is noise. "
        "Steady growth that no alert told of: data that grows, or an index that is missing.",
        Group.REVIEW,
        horizon="7d",
    ),
    Question(
        "How available was each backend?",
        f"{_SUCCEEDED}\n  / ({_SUCCEEDED} + {_FAILED})",
        "The share of the day's attempts that succeeded and were verified. Take 7d or 30d for the range. A gap in which "
        "nothing was asked is not in it: see whether the exporter was there.",
        Group.REVIEW,
    ),
    Question(
        "Which alerts fired most?",
        f"sort_desc(sum by (alertname, severity, operation) (count_over_time({FIRING}[7d])) * "
        f"{LIVE.evaluation_seconds:g} / 60)",
        "Minutes in the week. Many short ones of one operation: noise, or a baseline recorded in too few runs. What nobody "
        "acted on should not be told.",
        Group.REVIEW,
        empty_until="an alert fires",
    ),
    Question(
        "How bad was the worst run?",
        f"sort_desc(max_over_time({select(RATIO_FAST, PROBE)}[7d]))",
        "The largest R of the week. Far above what alerts told: a single run, which the limits rightly took for noise.",
        Group.REVIEW,
    ),
    Question(
        "How long was each operation slower than its baseline?",
        f"sort_desc(avg_over_time(({select(RATIO_FAST, PROBE)} > bool 1)[1d:1m]))",
        "The share of the day. A half is what a baseline that fits gives; near 1: it got slower, too little for an alert. 0: "
        "the baseline is too lax.",
        Group.REVIEW,
    ),
    Question(
        "Which operations are the noisiest?",
        f"sort_desc(stddev_over_time({_LOG_MEAN}[1d]))",
        "The spread between runs, as a fraction: 0.05 is quiet, above 0.2 only large slowdowns can be seen. On a machine that "
        "does other things as well 0.3 and more is common: measure where nothing else runs.",
        Group.REVIEW,
    ),
    Question(
        "When is the system slowest in the day?",
        f"avg by (backend) (avg_over_time({select(RUN_MEAN, PROBE)}[1h]))",
        "As a graph over 7 days: waves are load of people or nightly jobs. Absolute seconds of a mix of operations: read one "
        "backend over time, never two against each other.",
        Group.REVIEW,
    ),
    Question(
        "What got faster, so that a new baseline is due?",
        f"sort({UPPER90_SLOW.name} < {STALE_IMPROVEMENT:g})",
        "Surely so much below their baseline that it is stale: a later slowdown would hide in the difference. Record a new "
        f"one. It answers once the slow rule has {LIVE.minimum_slow_runs} runs.",
        Group.REVIEW,
        empty_until="an operation gets much faster than its baseline",
    ),
    Question(
        "How much was asked of each backend?",
        f"sort_desc(sum by (backend, driver) (increase({select(OPERATION_ITEMS, NO_FLOWS)}[1d])))",
        "Items of a day, probes and load runs apart. Use it to see whether two days are comparable at all.",
        Group.REVIEW,
    ),
)
