"""What Prometheus tells of its remote write; there are no such series but of a storage in its configuration."""

from steadyline.vocabulary import Metric

_STORAGE = ("remote_name", "url")

TAKEN_UNTIL = Metric(
    "prometheus_remote_storage_highest_timestamp_in_seconds", "gauge", "Time of the newest sample that it took in itself."
)
SENT_UNTIL = Metric(
    "prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
    "gauge",
    "Time of the newest sample that the storage has acknowledged.",
    _STORAGE,
)
SAMPLES = Metric("prometheus_remote_storage_samples_total", "counter", "Samples sent.", _STORAGE)
SAMPLES_FAILED = Metric(
    "prometheus_remote_storage_samples_failed_total",
    "counter",
    "Samples that the storage refused for good, and that are not sent again.",
    _STORAGE,
)
