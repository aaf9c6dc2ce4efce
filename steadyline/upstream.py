"""What Prometheus and Alertmanager tell of themselves, as boards ask for it: 2.42 and 0.25 have it, and all since.

`up` and the series about scrapes are made by Prometheus for each target, whoever it is.
"""

from steadyline.vocabulary import Metric

PROMETHEUS_JOB = "prometheus"
"""Prometheus' `job` of itself."""
ALERTMANAGER_JOB = "alertmanager"
"""Prometheus' `job` of Alertmanager."""

UP = Metric("up", "gauge", "Whether the target answered its last scrape.", ("job", "instance"))
SCRAPE_DURATION = Metric("scrape_duration_seconds", "gauge", "How long the last scrape took.", ("job", "instance"))
SCRAPE_SAMPLES = Metric("scrape_samples_scraped", "gauge", "How many samples the target exposed.", ("job", "instance"))

PROCESS_START = Metric("process_start_time_seconds", "gauge", "When the process that is scraped began, Unix time.")
CPU = Metric("process_cpu_seconds_total", "counter", "User and system time of the process that is scraped.")

PROMETHEUS_BUILD = Metric("prometheus_build_info", "gauge", "Its version, as a label.", ("version",))
PROMETHEUS_RELOAD = Metric("prometheus_config_last_reload_successful", "gauge", "Whether its configuration was taken.")
PROMETHEUS_RELOADED = Metric(
    "prometheus_config_last_reload_success_timestamp_seconds", "gauge", "When its configuration was last taken."
)
RULE_GROUP_DURATION = Metric(
    "prometheus_rule_group_last_duration_seconds", "gauge", "How long a group's last evaluation took.", ("rule_group",)
)
RULE_GROUP_INTERVAL = Metric(
    "prometheus_rule_group_interval_seconds", "gauge", "How often a group is evaluated.", ("rule_group",)
)
RULE_GROUP_MISSED = Metric(
    "prometheus_rule_group_iterations_missed_total",
    "counter",
    "Evaluations left out, the one before being under way.",
    ("rule_group",),
)
RULE_FAILURES = Metric(
    "prometheus_rule_evaluation_failures_total", "counter", "Evaluations of a rule that failed.", ("rule_group",)
)
ALERTS_SENT = Metric("prometheus_notifications_sent_total", "counter", "Alerts sent to Alertmanager.", ("alertmanager",))
ALERTS_NOT_SENT = Metric(
    "prometheus_notifications_errors_total", "counter", "Alerts that Alertmanager did not take.", ("alertmanager",)
)
ALERTS_DROPPED = Metric("prometheus_notifications_dropped_total", "counter", "Alerts that reached no Alertmanager.")
HEAD_SERIES = Metric("prometheus_tsdb_head_series", "gauge", "Series that it holds in memory.")
SAMPLES_APPENDED = Metric("prometheus_tsdb_head_samples_appended_total", "counter", "Samples that it took in.")
LOG_WRITES_FAILED = Metric(
    "prometheus_tsdb_wal_writes_failed_total", "counter", "Writes to its write-ahead log that failed, as on a full disk."
)
BLOCKS_BYTES = Metric("prometheus_tsdb_storage_blocks_bytes", "gauge", "Bytes of its blocks on disk.")

ALERTMANAGER_BUILD = Metric("alertmanager_build_info", "gauge", "Its version, as a label.", ("version",))
ALERTMANAGER_RELOAD = Metric("alertmanager_config_last_reload_successful", "gauge", "Whether its configuration was taken.")
ALERTMANAGER_RELOADED = Metric(
    "alertmanager_config_last_reload_success_timestamp_seconds", "gauge", "When its configuration was last taken."
)
ALERTS_HELD = Metric("alertmanager_alerts", "gauge", "Alerts that it holds, by state.", ("state",))
NOTIFICATIONS = Metric("alertmanager_notifications_total", "counter", "Notifications that it tried to send.", ("integration",))
NOTIFICATIONS_FAILED = Metric(
    "alertmanager_notifications_failed_total", "counter", "Notifications that were not taken.", ("integration",)
)

SCRAPES = (UP, SCRAPE_DURATION, SCRAPE_SAMPLES)
PROMETHEUS = tuple(value for value in list(globals().values()) if isinstance(value, Metric) and value.name.startswith("prom"))
ALERTMANAGER = tuple(
    value for value in list(globals().values()) if isinstance(value, Metric) and value.name.startswith("alert")
)
UPSTREAM = (*SCRAPES, CPU, *PROMETHEUS, *ALERTMANAGER)
"""All of them."""
