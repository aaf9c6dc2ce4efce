"""The metrics of a load run beside those of its operations; docs/metrics.md is generated from here too.

What an operation took and how it failed are the ordinary operation metrics with `driver="load"`; what load alone has stands
here. A worker is known by its index, which Locust's master gives: it is bounded by the number of workers.
"""

from steadyline.vocabulary import OPERATION_LABELS, Metric, RecordedSeries

LOAD_RESPONSE = Metric(
    "steadyline_load_response_seconds",
    "histogram",
    "How long the verified successes took from the moment they were meant to start: a late start counts.",
    OPERATION_LABELS,
    "at each success of an open-model run; with the service time beside it, coordinated omission shows",
)
LOAD_STARTED = Metric(
    "steadyline_load_started_total",
    "counter",
    "How many attempts were begun; each ends as a success or as a failure, `cancelled` where its user or worker was ended.",
    OPERATION_LABELS,
    "as the workers report",
    unit="attempts",
)
LOAD_DROPPED = Metric(
    "steadyline_load_dropped_total",
    "counter",
    "How many starts of the open model did not happen: no user was free, or their worker was lost.",
    ("reason",),
    "at each start left out; never a silent delay",
    unit="starts",
)
LOAD_ARRIVAL_RATE = Metric(
    "steadyline_load_arrival_rate",
    "gauge",
    "How many starts per second the open model asks for now.",
    (),
    "with the shape; only in an open-model run",
    unit="starts per second",
)
LOAD_USERS = Metric(
    "steadyline_load_users",
    "gauge",
    "How many users are active, by user class.",
    ("user_class",),
    "as users are spawned and stopped",
    unit="users",
)
LOAD_TARGET_USERS = Metric(
    "steadyline_load_target_users",
    "gauge",
    "How many users there should be now.",
    (),
    "with the shape",
    unit="users",
)
LOAD_PHASE = Metric(
    "steadyline_load_phase",
    "gauge",
    "Which phase the run is in: 1 for ramp, steady or stop, 0 for the others.",
    ("phase",),
    "when spawning begins, is complete, and ends",
    unit="0 or 1",
)
LOAD_OVERFLOW = Metric(
    "steadyline_load_names_overflow_total",
    "counter",
    "How many requests were counted under `overflow`, because there were too many different names.",
    (),
    "at each request whose name came after the cap; give requests a name=",
    unit="requests",
)
LOAD_REPORTS_LOST = Metric(
    "steadyline_load_reports_lost_total",
    "counter",
    "How many reports of workers never arrived; their counts are missing.",
    (),
    "when a report's number is not the next one; should be 0",
    unit="reports",
)
LOAD_WORKER_UP = Metric(
    "steadyline_load_worker_up",
    "gauge",
    "Whether a worker reports (1) or was lost (0).",
    ("worker",),
    "when a worker comes, and when it misses its heartbeats",
    unit="0 or 1",
)
LOAD_WORKER_USERS = Metric(
    "steadyline_load_worker_users",
    "gauge",
    "How many users run on a worker.",
    ("worker",),
    "as workers report",
    unit="users",
)
LOAD_WORKER_CPU = Metric(
    "steadyline_load_worker_cpu_ratio",
    "gauge",
    "How much of one core a worker's own process used since its last report; near 1 it is the bottleneck.",
    ("worker",),
    "as workers report",
)
LOAD_WORKER_LAG = Metric(
    "steadyline_load_worker_lag_seconds",
    "gauge",
    "The longest that a greenlet of a worker was woken too late since its last report.",
    ("worker",),
    "as workers report",
)
LOAD_WORKER_RESIDENT = Metric(
    "steadyline_load_worker_resident_memory_bytes",
    "gauge",
    "Resident memory of a worker's own process.",
    ("worker",),
    "as workers report",
)
LOAD_SATURATED = Metric(
    "steadyline_load_saturated",
    "gauge",
    "Whether a worker is the bottleneck itself (1): do not trust the run's latencies.",
    ("worker",),
    "when processor or lag stays over its limit for several reports; at the end of a run, whether it ever did while steady",
    unit="0 or 1",
)
LOAD_CRITERION_LIMIT = Metric(
    "steadyline_load_criterion_limit",
    "gauge",
    "The limit of a criterion of this run, in base units: seconds, ratio or per second.",
    ("criterion", "operation", "statistic"),
    "at the start of a run",
    unit="its statistic's",
)
LOAD_CRITERION_VALUE = Metric(
    "steadyline_load_criterion_value",
    "gauge",
    "What a criterion compares with its limit, over its latest window.",
    ("criterion", "operation", "statistic"),
    "each second of the steady phase",
    unit="its statistic's",
)
LOAD_CRITERION_MET = Metric(
    "steadyline_load_criterion_met",
    "gauge",
    "Whether a criterion has held so far (1) or was broken (0); no series before it has a full window.",
    ("criterion", "operation", "statistic"),
    "with its first full window, and when it breaks",
    unit="0 or 1",
)
RUN_STEADY = Metric(
    "steadyline_run_steady_timestamp_seconds",
    "gauge",
    "When the run's load stopped rising for the first time, Unix time.",
    ("driver", "run"),
    "when all users are there",
)
RUN_END = Metric(
    "steadyline_run_end_timestamp_seconds",
    "gauge",
    "When the run ended, Unix time; the series ends soon after.",
    ("driver", "run"),
    "at the end of a run",
)

LOAD_METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order of this module."""

LOAD_STEADY = RecordedSeries(
    "steadyline:load_steady:window",
    "1 while the last `window` of a load run lies in its steady phase as a whole; load rules ask it.",
    "0 or 1",
    ("instance", "profile", "window", "load"),
)
LOAD_RECORDED: tuple[RecordedSeries, ...] = (LOAD_STEADY,)

LOAD_JOB = "steadyline-load"
"""Prometheus' `job` of a load run."""
FLOW_SUFFIX = "_flow"
"""What the names of flows end with: their steps are counted too, so a sum over all operations leaves flows out."""
OVERFLOW = "overflow"
"""The name under which requests are counted once there are too many different names."""


class Phase:
    """The phases of a run: the label `phase`."""

    RAMP = "ramp"
    STEADY = "steady"
    STOP = "stop"


class Dropped:
    """Why a start of the open model did not happen: the label `reason`."""

    NO_FREE_USER = "no_free_user"
    WORKER_LOST = "worker_lost"
