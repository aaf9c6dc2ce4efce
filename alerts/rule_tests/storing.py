"""Unit tests of the alerts on what Prometheus stores."""

from alerts.rule_tests.part import Part, firing, is_one
from alerts.rule_tests.series import constant
from steadyline.promql import duration, quoted
from steadyline.upstream import LOG_WRITES_FAILED, PROMETHEUS_JOB
from steadyline.vocabulary import AlertName

_QUIET_SECONDS = 300.0


def storing_parts(stored_seconds: float) -> list[Part]:
    """Both alerts.

    Args:
        stored_seconds: until then a test's inputs have samples that say that scrapes are kept, and none from then on.
    """
    return [_not_stored_part(stored_seconds), _log_torn_part()]


def _not_stored_part(stored_seconds: float) -> Part:
    """Silent while a scrape is kept, whatever it came to; firing when none is for a while."""
    expression = f"count({firing(AlertName.NOT_STORED)})"
    times = (30, stored_seconds, stored_seconds + 60)
    silent = [{"expr": expression, "eval_time": duration(at), "exp_samples": []} for at in times]
    return Part([], [*silent, is_one(expression, stored_seconds + 135)])


def _log_torn_part() -> Part:
    """Silent while no write has failed; firing from the first that did, until the process is another."""
    began_anew = 2 * _QUIET_SECONDS
    values = [constant(0, _QUIET_SECONDS), constant(3, _QUIET_SECONDS), constant(0, _QUIET_SECONDS)]
    failed = {"series": f"{LOG_WRITES_FAILED.name}{{job={quoted(PROMETHEUS_JOB)}}}", "values": " ".join(values)}
    others = {"series": f'{LOG_WRITES_FAILED.name}{{job="users-own"}}', "values": constant(9, 3 * _QUIET_SECONDS)}
    expression = f"count({firing(AlertName.LOG_TORN)})"
    over = began_anew + 60
    silent = [{"expr": expression, "eval_time": duration(at), "exp_samples": []} for at in (_QUIET_SECONDS - 15, over)]
    return Part([failed, others], [*silent, is_one(expression, began_anew - 15)])
