"""Unit tests of the alerts on remote write."""

from alerts.rule_tests.part import Document, Part, firing
from alerts.rule_tests.series import STEP_SECONDS, constant
from alerts.rules.remote_write import BEHIND_SECONDS, REFUSED_WINDOW_SECONDS
from steadyline.live import LIVE
from steadyline.promql import duration, quoted
from steadyline.remote_storage import SAMPLES_FAILED, SENT_UNTIL, TAKEN_UNTIL
from steadyline.vocabulary import AlertName, Metric

_WELL_SECONDS = 120.0
_AT = _WELL_SECONDS + REFUSED_WINDOW_SECONDS


def remote_write_parts() -> list[Part]:
    """Both alerts, and a Prometheus that writes to nobody: there neither fires."""
    return [_behind_part(), _refused_part()]


def _rising(seconds: float, start: float = 0.0) -> str:
    steps = int(seconds / STEP_SECONDS)
    return f"{start:g}+{STEP_SECONDS:g}x{steps}"


def _series(metric: Metric, storage: str, values: str) -> Document:
    labels = f'instance="writer",remote_name={quoted(storage)},url="http://storage"'
    return {"series": f"{metric.name}{{{labels}}}", "values": values}


def _asked(alert: str, storages: tuple[str, ...], at: float) -> Document:
    samples = [{"labels": f"{{remote_name={quoted(storage)}}}", "value": 1} for storage in storages]
    return {"expr": f"count by (remote_name) ({firing(alert)})", "eval_time": duration(at), "exp_samples": samples}


def _behind_part() -> Part:
    """As far behind as it may be is silent, further fires; one that stands still falls behind."""
    seconds = _AT + LIVE.for_seconds + STEP_SECONDS
    newest = 1000.0
    inputs = [
        {"series": f'{TAKEN_UNTIL.name}{{instance="writer"}}', "values": _rising(seconds, newest)},
        {"series": f'{TAKEN_UNTIL.name}{{instance="alone"}}', "values": _rising(seconds, newest)},
        _series(SENT_UNTIL, "prompt", _rising(seconds, newest)),
        _series(SENT_UNTIL, "just in time", _rising(seconds, newest - BEHIND_SECONDS)),
        _series(SENT_UNTIL, "standing", constant(newest, seconds)),
    ]
    checks = [
        _asked(AlertName.REMOTE_WRITE_BEHIND, (), BEHIND_SECONDS),
        _asked(AlertName.REMOTE_WRITE_BEHIND, ("standing",), BEHIND_SECONDS + LIVE.for_seconds + 2 * STEP_SECONDS),
    ]
    return Part(inputs, checks)


def _refused_part() -> Part:
    """None that failed is silent, and so is a count that stands; one that grows fires, and lets go of a window without."""
    seconds = 2 * _AT
    failing = f"{constant(0, _WELL_SECONDS)} {constant(5, seconds - _WELL_SECONDS)}"
    inputs = [
        _series(SAMPLES_FAILED, "taking", constant(0, seconds)),
        _series(SAMPLES_FAILED, "refused before", constant(7, seconds)),
        _series(SAMPLES_FAILED, "refusing", failing),
    ]
    over = _AT + LIVE.keep_firing_seconds + 2 * STEP_SECONDS
    checks = [
        _asked(AlertName.REMOTE_WRITE_REFUSED, (), _WELL_SECONDS - STEP_SECONDS),
        _asked(AlertName.REMOTE_WRITE_REFUSED, ("refusing",), _WELL_SECONDS + LIVE.for_seconds + 2 * STEP_SECONDS),
        _asked(AlertName.REMOTE_WRITE_REFUSED, (), over + LIVE.for_seconds),
    ]
    return Part(inputs, checks)
