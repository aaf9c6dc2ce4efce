"""Whether what measures can be believed."""

from dashboards.queries import select
from docs.question import PROBE, SAME_OPERATION, Group, Question
from steadyline.live import LIVE
from steadyline.vocabulary import (
    BASELINE_INFO,
    BASELINE_VALUE,
    BLIND_FACTOR,
    BUILD_INFO,
    COLLECTOR_DURATION,
    COLLECTOR_SUCCESS,
    EXPORTER_JOB,
    EXPORTER_PROCESS,
    PROCESS_CPU,
    RELOAD_SUCCESS,
    RELOAD_TIMESTAMP,
    RUNS_SKIPPED,
    SCHEDULE_DELAY,
    SCHEDULE_INTERVAL,
)

_LATE = select(SCHEDULE_DELAY, PROBE, suffix="_bucket")
_EXPORTER = f'process="{EXPORTER_PROCESS}"'

QUESTIONS = (
    Question(
        "Is the exporter late?",
        f"topk(10, histogram_quantile(0.95, sum by (operation, le) (rate({_LATE}[5m]))))",
        "Seconds by which 95 % of the attempts began too late. Tens of milliseconds are good. Near the cadence: the measuring "
        "machine is overloaded, and its latencies are its own.",
        Group.JUDGE,
    ),
    Question(
        "Are scheduled starts left out?",
        f"topk(10, sum by (operation, target) (increase({RUNS_SKIPPED.name}[15m])))",
        "0 is good. Else the attempt before was still under way, or the target's cap is too small for its cadences: fewer "
        "operations, or a larger cap.",
        Group.JUDGE,
    ),
    Question(
        "Which baselines are blind?",
        f"sort_desc({BLIND_FACTOR.name} > {LIVE.blind_factor:g})",
        "The slowdown from now on that they can show at all: 9 means that nothing under ninefold is seen. Nothing is good. "
        "Else `steadyline baseline record` on this machine.",
        Group.JUDGE,
        empty_until="a system is much faster than its baselines",
    ),
    Question(
        "Which operations have no baseline?",
        f"{SCHEDULE_INTERVAL.name} unless {SAME_OPERATION} {BASELINE_VALUE.name}",
        "Only their budget judges these. Record baselines for those that you want to hear of. `unless` needs `on`: the two "
        "series' own labels would do, but those of rules have no `instance`.",
        Group.JUDGE,
        empty_until="an operation is scheduled that has no baseline",
    ),
    Question(
        "Whose baselines changed since yesterday?",
        f"{BASELINE_INFO.name} unless on (operation, target, driver, id) {BASELINE_INFO.name} offset 1d",
        "Nothing means the same as yesterday, or no exporter then: in that case all are here. A verdict that turned with the "
        "baseline is no change of the system.",
        Group.JUDGE,
        empty_until="a baseline changes",
        horizon="1d",
    ),
    Question(
        "Were the last settings taken?",
        f"{RELOAD_SUCCESS.name}",
        "1 is good. 0: the file on disk has a fault, and the exporter goes on with what it had; `steadyline doctor` names it.",
        Group.JUDGE,
    ),
    Question(
        "Since when do these settings hold?",
        f"(time() - {RELOAD_TIMESTAMP.name}) / 3600",
        "Hours. Younger than the change that you look at: perhaps it is the cause.",
        Group.JUDGE,
    ),
    Question(
        "Was the exporter there all the time?",
        f'avg by (job, instance) (avg_over_time(up{{job="{EXPORTER_JOB}"}}[1d]))',
        "1 is good; 0.99 is a quarter of an hour of a day without data. Before the first scrape there is no `up` at all, so a "
        "new one is at 1.",
        Group.JUDGE,
    ),
    Question(
        "Which part of the exporter does not answer?",
        f"{COLLECTOR_SUCCESS.name} == 0",
        "Nothing is good. What is here gave no series at this scrape; the others did.",
        Group.JUDGE,
        empty_until="a collector does not answer in time",
    ),
    Question(
        "How long does a scrape take?",
        f"sort_desc(max_over_time({COLLECTOR_DURATION.name}[15m]))",
        f"The slowest of a quarter of an hour, seconds. Under 0.5 is good; a scrape each {LIVE.scrape_seconds:g} s that "
        f"takes longer than that is lost.",
        Group.JUDGE,
    ),
    Question(
        "What does measuring cost?",
        f"rate({select(PROCESS_CPU, _EXPORTER)}[5m])",
        "Cores of the exporter with its clients: 0.1 to 0.2 of one for all five backends. More: fewer operations, or longer "
        "cadences.",
        Group.JUDGE,
    ),
    Question(
        "Which versions run?",
        f"count by (version, python_version) ({BUILD_INFO.name})",
        "One line is good. Two: exporters of different versions, whose numbers may differ.",
        Group.JUDGE,
    ),
)
