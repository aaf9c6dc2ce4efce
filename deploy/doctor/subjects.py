"""Every subject, in the order in which one thing stands on another: what is wrong further up explains what is wrong below."""

from typing import Any

from deploy.doctor import (
    alerting,
    baselines,
    clocks,
    disk,
    exporter,
    listening,
    operations,
    processes,
    reachability,
    rules,
    scrapes,
    secrecy,
    settings_read,
    versions,
)
from deploy.doctor.subject import Subject

SUBJECTS: tuple[Subject[Any], ...] = (
    settings_read.SUBJECT,
    versions.SUBJECT,
    processes.SUBJECT,
    listening.SUBJECT,
    clocks.SUBJECT,
    disk.SUBJECT,
    secrecy.SUBJECT,
    reachability.SUBJECT,
    scrapes.SUBJECT,
    exporter.SUBJECT,
    operations.SUBJECT,
    rules.SUBJECT,
    baselines.SUBJECT,
    alerting.SUBJECT,
)
