"""Every metric, label and recorded series, named once; docs/metrics.md is generated from here.

Prefix `steadyline_`, base units, `_total` on counters. Labels are bounded: never a URL, key, SQL, exception text or run id.
"""

from dataclasses import dataclass

OPERATION_LABELS = ("operation", "backend", "target", "driver")
"""The labels of everything an operation causes; `target` is an alias from the settings."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric family.

    Attributes:
        name: the full name as PromQL knows it (`_total` included).
        kind: counter, gauge, histogram or info.
        help: a sentence, shown as HELP.
        labels: its label names, in order.
        moves: when its value changes, for docs/metrics.md.
        unit: what it is measured in, where its name does not say it (`_seconds`, `_bytes`, `_ratio`, `_info`).
    """

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    moves: str = ""
    unit: str = ""


OPERATION_DURATION = Metric(
    "steadyline_operation_duration_seconds",
    "histogram",
    "How long the verified successes of an operation took.",
    OPERATION_LABELS,
    "at each success of any driver; failures do not count, so that a refused connection's 1 ms cannot hide a regression",
)
OPERATION_PHASE = Metric(
    "steadyline_operation_phase_duration_seconds",
    "histogram",
    "How long a phase of an operation's successes took: connect, first_byte or transfer.",
    (*OPERATION_LABELS, "phase"),
    "at each success, where the client shows its phases",
)
OPERATION_FAILURES = Metric(
    "steadyline_operation_failures_total",
    "counter",
    "How many attempts at an operation failed, by reason.",
    (*OPERATION_LABELS, "reason"),
    "at each failure; all reasons stand at 0 before the first",
    unit="attempts",
)
OPERATION_STREAK = Metric(
    "steadyline_operation_consecutive_failures",
    "gauge",
    "How many attempts at an operation have failed since its last success.",
    OPERATION_LABELS,
    "up at each failure, to 0 at each success",
    unit="attempts",
)
OPERATION_ITEMS = Metric(
    "steadyline_operation_items_total",
    "counter",
    "How many items the successes of an operation handled.",
    OPERATION_LABELS,
    "at each success",
    unit="items",
)
OPERATION_BYTES = Metric(
    "steadyline_operation_bytes_total",
    "counter",
    "How many payload bytes an operation moved, sent and received.",
    (*OPERATION_LABELS, "direction"),
    "at each attempt, where the client shows its bytes",
)
SCHEDULE_INTERVAL = Metric(
    "steadyline_schedule_interval_seconds",
    "gauge",
    "How often an operation is scheduled; the series exists exactly while it is.",
    OPERATION_LABELS,
    "with the settings",
)
SCHEDULE_DELAY = Metric(
    "steadyline_schedule_delay_seconds",
    "histogram",
    "How long after its scheduled start an attempt began.",
    OPERATION_LABELS,
    "at each attempt",
)
RUNS_SKIPPED = Metric(
    "steadyline_runs_skipped_total",
    "counter",
    "How many scheduled starts were left out: the attempt before was still under way, or the target's cap was used up.",
    OPERATION_LABELS,
    "at each start left out",
    unit="starts",
)
LEAKED_ARTEFACTS = Metric(
    "steadyline_leaked_artefacts",
    "gauge",
    "How many artefacts of ours lie in a target and should be gone, counted from outside.",
    ("backend", "target"),
    "when the janitor counts; should be 0",
    unit="artefacts",
)
SWEPT_ARTEFACTS = Metric(
    "steadyline_swept_artefacts_total",
    "counter",
    "How many artefacts of crashed runs the janitor deleted.",
    ("backend", "target"),
    "when the janitor sweeps",
    unit="artefacts",
)
BASELINE_VALUE = Metric(
    "steadyline_baseline_seconds",
    "gauge",
    "The baseline of an operation as seconds per call.",
    OPERATION_LABELS,
    "with the baselines",
)
BASELINE_TOLERANCE = Metric(
    "steadyline_baseline_tolerance_ratio",
    "gauge",
    "The tolerance of an operation's baseline, a fraction.",
    OPERATION_LABELS,
    "with the baselines",
)
BASELINE_BUDGET = Metric(
    "steadyline_baseline_budget_seconds",
    "gauge",
    "The absolute limit of an operation, judged apart from its baseline.",
    OPERATION_LABELS,
    "with the catalogue",
)
BASELINE_INFO = Metric(
    "steadyline_baseline_info",
    "gauge",
    "Which baseline an operation is held to: its id, its source, its quantity.",
    (*OPERATION_LABELS, "id", "source", "quantity"),
    "with the baselines; 1 while it holds",
)
PROCESS_RESIDENT = Metric(
    "steadyline_process_resident_memory_bytes",
    "gauge",
    "Resident memory of a watched process and its children.",
    ("process",),
    "every few seconds",
)
PROCESS_PEAK = Metric(
    "steadyline_process_peak_resident_memory_bytes",
    "gauge",
    "The largest resident memory seen of a watched process and its children.",
    ("process",),
    "every few seconds",
)
PROCESS_CPU = Metric(
    "steadyline_process_cpu_seconds_total",
    "counter",
    "User and system time of a watched process and its children.",
    ("process",),
    "every few seconds",
)
PROCESS_THREADS = Metric(
    "steadyline_process_threads",
    "gauge",
    "Threads of a watched process and its children.",
    ("process",),
    "every few seconds",
    unit="threads",
)
PROCESS_FDS = Metric(
    "steadyline_process_open_fds",
    "gauge",
    "Open file descriptors of a watched process and its children.",
    ("process",),
    "every few seconds",
    unit="descriptors",
)
BUILD_INFO = Metric(
    "steadyline_build_info",
    "gauge",
    "The version that runs, as labels.",
    ("version", "python_version"),
    "at start",
)
RELOAD_SUCCESS = Metric(
    "steadyline_config_last_reload_successful",
    "gauge",
    "Whether the last reload of settings, baselines and web config was taken (1) or refused (0).",
    (),
    "at each reload",
    unit="0 or 1",
)
RELOAD_TIMESTAMP = Metric(
    "steadyline_config_last_reload_success_timestamp_seconds",
    "gauge",
    "When settings and baselines were last taken, Unix time.",
    (),
    "at each reload that is taken",
)
COLLECTOR_SUCCESS = Metric(
    "steadyline_collector_success",
    "gauge",
    "Whether a collector answered in time at this scrape; a 0 costs its own series only.",
    ("collector",),
    "at each scrape",
    unit="0 or 1",
)
COLLECTOR_DURATION = Metric(
    "steadyline_collector_duration_seconds",
    "gauge",
    "How long a collector took at this scrape.",
    ("collector",),
    "at each scrape",
)
RUN_INFO = Metric(
    "steadyline_run_info",
    "gauge",
    "The run under way, as labels.",
    ("driver", "run", "profile", "shape", "revision"),
    "at the start of a run",
)
RUN_START = Metric(
    "steadyline_run_start_timestamp_seconds",
    "gauge",
    "When the run began, Unix time.",
    ("driver", "run"),
    "at the start of a run",
)
PROBE_SUCCESS = Metric(
    "steadyline_probe_success",
    "gauge",
    "Whether the attempt that /probe made succeeded.",
    OPERATION_LABELS,
    "only on /probe",
    unit="0 or 1",
)
PROBE_DURATION = Metric(
    "steadyline_probe_duration_seconds",
    "gauge",
    "How long the body of the attempt that /probe made took.",
    OPERATION_LABELS,
    "only on /probe",
)
PROBE_FAILURE = Metric(
    "steadyline_probe_failure_info",
    "gauge",
    "Why the attempt that /probe made failed.",
    (*OPERATION_LABELS, "reason"),
    "only on /probe, only for a failure",
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order of this module."""


@dataclass(frozen=True, slots=True)
class RecordedSeries:
    """A series that a recording rule makes, as boards, `watch` and `baseline record` ask for it.

    Attributes:
        name: `level:metric:operation`, Prometheus' convention for recording rules.
        means: a sentence.
        unit: what it is measured in.
        labels: those it always has; what is judged under a load profile has `profile` and `load` more.
    """

    name: str
    means: str
    unit: str
    labels: tuple[str, ...] = OPERATION_LABELS


RUN_MEAN = RecordedSeries(
    "steadyline:operation_duration_seconds:run_mean", "Mean seconds per call over one fast window: one run.", "seconds"
)
RUN_LOG_MEAN = RecordedSeries(
    "steadyline:operation_duration_seconds:run_log_mean",
    "Natural logarithm of the run mean, for the slow rule.",
    "log seconds",
)
RUN_P50 = RecordedSeries("steadyline:operation_duration_seconds:run_p50", "Median over one fast window, seconds.", "seconds")
RUN_P95 = RecordedSeries(
    "steadyline:operation_duration_seconds:run_p95", "95th percentile over one fast window, seconds.", "seconds"
)
RUN_P99 = RecordedSeries(
    "steadyline:operation_duration_seconds:run_p99", "99th percentile over one fast window, seconds.", "seconds"
)
RUN_ATTEMPTS = RecordedSeries("steadyline:operation_attempts:run", "Successes and failures in one fast window.", "attempts")
RUN_RATE = RecordedSeries(
    "steadyline:operation_attempts:rate_run", "Attempts per second over one fast window.", "attempts per second"
)
RUN_STARTS = RecordedSeries(
    "steadyline:operation_starts:run",
    "Attempts and skipped starts in one fast window: whether its schedule is alive.",
    "starts",
)
SLOW_RUNS = RecordedSeries(
    "steadyline:operation_duration_seconds:slow_runs", "m: how many runs the slow rule has, from its minimum on.", "runs"
)
SLOW_LOG_MEAN = RecordedSeries(
    "steadyline:operation_duration_seconds:slow_log_mean", "Mean of the run log means over the last 20 runs.", "log seconds"
)
SLOW_LOG_SPREAD = RecordedSeries(
    "steadyline:operation_duration_seconds:slow_log_spread", "Standard deviation of the last 20 run log means.", "log seconds"
)
SLOW_ERROR = RecordedSeries(
    "steadyline:operation_ratio:slow_error", "Standard error of log R over the last 20 runs: s x sqrt(1/m + 1/k).", "log ratio"
)
RATIO_FAST = RecordedSeries(
    "steadyline:operation_ratio:fast", "R of the last run: above 1 is worse than the baseline.", "ratio"
)
RATIO_SLOW = RecordedSeries("steadyline:operation_ratio:slow", "R of the log mean over the last 20 runs.", "ratio")
LOWER99_FAST = RecordedSeries("steadyline:operation_ratio:fast_lower99", "Lower limit of R that detects, last run.", "ratio")
LOWER90_FAST = RecordedSeries("steadyline:operation_ratio:fast_lower90", "Lower limit of R that grades, last run.", "ratio")
LOWER99_SLOW = RecordedSeries(
    "steadyline:operation_ratio:slow_lower99", "Lower limit of R that detects, last 20 runs.", "ratio"
)
LOWER90_SLOW = RecordedSeries(
    "steadyline:operation_ratio:slow_lower90", "Lower limit of R that grades, last 20 runs.", "ratio"
)
UPPER90_SLOW = RecordedSeries("steadyline:operation_ratio:slow_upper90", "Upper limit of R, last 20 runs.", "ratio")
BLIND_FACTOR = RecordedSeries(
    "steadyline:baseline_blind:factor",
    "The smallest slowdown, as a multiple of the present mean, that the baseline can show.",
    "ratio",
)

RECORDED: tuple[RecordedSeries, ...] = tuple(value for value in list(globals().values()) if isinstance(value, RecordedSeries))


class AlertName:
    """The alerts' names; the runbook has a heading for each."""

    REGRESSION = "SteadylineRegression"
    BUDGET = "SteadylineBudgetBroken"
    MEMORY_BUDGET = "SteadylineMemoryBudgetBroken"
    FAILING = "SteadylineFailing"
    NO_DATA = "SteadylineNoData"
    EXPORTER_DOWN = "SteadylineExporterDown"
    NOT_STORED = "SteadylineNotStored"
    LOG_TORN = "SteadylineLogTorn"
    BASELINE_DRIFT = "SteadylineBaselineDrift"
    BASELINES_STALE = "SteadylineBaselinesStale"
    EXPECTATION = "SteadylineExpectationBroken"
    SATURATED = "SteadylineGeneratorSaturated"
    REMOTE_WRITE_BEHIND = "SteadylineRemoteWriteBehind"
    REMOTE_WRITE_REFUSED = "SteadylineRemoteWriteRefused"
    WATCHDOG = "SteadylineWatchdog"


EXPORTER_PROCESS = "exporter"
"""The exporter among the watched processes: the label `process`."""

EXPORTER_JOB = "steadyline-exporter"
"""Prometheus' `job` of the exporter."""


class Driver:
    """Who ran an operation: the label `driver`."""

    PROBE = "probe"
    LOAD = "load"
    BENCH = "bench"
