"""Changes of latency, and what they will break."""

from dashboards.queries import select
from docs.question import PROBE, SAME_OPERATION, Group, Question
from steadyline.edges import LADDER
from steadyline.live import LIVE
from steadyline.promql import edge
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    OPERATION_DURATION,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_LOG_MEAN,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
)

_HUNDREDTH = LADDER[8]
"""An edge that all operations have."""
_UP_TO = f'le=~"{edge(_HUNDREDTH)}"'
_LOG_MEAN = select(RUN_LOG_MEAN, PROBE)

QUESTIONS = (
    Question(
        "What got slower since yesterday?",
        f"sort_desc(exp(avg_over_time({_LOG_MEAN}[15m]) - avg_over_time({_LOG_MEAN}[15m] offset 1d)))",
        "The factor by which the mean of the last quarter of an hour differs from the one at this time yesterday: 1 is "
        "unchanged, 1.5 is half as slow again. It averages logarithms of runs, so that one bad run does not decide. Nothing "
        "to see means no data yesterday: take another offset. Where yesterday was bad itself, compare with `offset 7d`.",
        Group.SLOWER,
        horizon="1d",
    ),
    Question(
        "How many milliseconds did that cost?",
        f"sort_desc(1000 * (avg_over_time({select(RUN_MEAN, PROBE)}[15m]) - avg_over_time({select(RUN_MEAN, PROBE)}[15m] "
        f"offset 1d)))",
        "Milliseconds more per call than yesterday, below 0 faster. A large factor of a millisecond may matter less than a "
        "small one of a second: read it beside the answer above.",
        Group.SLOWER,
        horizon="1d",
    ),
    Question(
        "Is it getting slower still, or is that how it is now?",
        f"sort_desc({select(RATIO_FAST, PROBE)} / {select(RATIO_SLOW, PROBE)})",
        f"The last run against the last {LIVE.slow_runs}. Above 1: just now slower than before. Near 1 with a high R: a step "
        "some time ago, or a slow drift. Below 1: recovering. It answers once the slow rule has "
        f"{LIVE.minimum_slow_runs} runs.",
        Group.SLOWER,
    ),
    Question(
        "All calls, or only some of them?",
        f"sort_desc({select(RUN_P95, PROBE)} / {select(RUN_P50, PROBE)})",
        "2 to 5 is usual. Much higher, with a median as ever: locks, garbage collection, a cold cache, a connection made "
        "anew. Median and p95 both up: the work itself grew. Never average percentiles over operations: sum their buckets.",
        Group.SLOWER,
    ),
    Question(
        f"What share of calls is faster than {_HUNDREDTH * 1000:g} ms?",
        f"sort(sum by (operation) (rate({select(OPERATION_DURATION, PROBE, _UP_TO, suffix='_bucket')}[5m]))\n"
        f"  / sum by (operation) (rate({select(OPERATION_DURATION, PROBE, suffix='_count')}[5m])))",
        "1 is all, the worst come first. `le` must be an edge: those of the ladder are the same for all operations "
        f"({', '.join(f'{seconds:g}' for seconds in LADDER)}), each one's baseline and budget are edges too. Successes "
        f"only: failures are not in the histogram.",
        Group.SLOWER,
    ),
    Question(
        "Which operation will break its budget first?",
        f"topk(10, {RUN_P95.name} / {SAME_OPERATION} group_left ()\n"
        f"  max by (operation, backend, target, driver) ({BASELINE_BUDGET.name}))",
        "p95 as a share of the absolute limit; 1 breaks it. Below 0.1 there is room for a tenfold slowdown. Above 0.5: act "
        "before a busy day does. A call that timed out is in no percentile: it counts as a failure.",
        Group.SLOWER,
    ),
    Question(
        "Where does a mean hide a slow few?",
        f"sort_desc({select(RUN_MEAN, PROBE)} / {select(RUN_P50, PROBE)})",
        "Near 1: calls are alike. 2 and more: a few long ones carry the mean, and R with it; look for what they share.",
        Group.SLOWER,
    ),
)
