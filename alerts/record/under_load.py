"""Whether a load run was under way in a span: what is measured meanwhile is no baseline of a quiet system."""

from pathlib import Path

from steadyline import durations
from steadyline.errors import UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.promql import Selection
from steadyline.vocabulary import RUN_INFO, Driver


def under_load(prometheus: Prometheus, start: float, end: float) -> bool:
    """Whether Prometheus scraped a load run between two moments.

    Raises:
        UnreachableError: it does not answer.
    """
    runs = Selection(("driver", "=", Driver.LOAD)).of(RUN_INFO)
    return bool(prometheus.query(f"count(last_over_time({runs}[{durations.promql(max(1, end - start))}]))", end))


def known_under_load(prometheus: Prometheus, announced: Path, start: float, end: float) -> bool | None:
    """Likewise where there may be no Prometheus; None where nobody can tell.

    Args:
        prometheus: asked first.
        announced: the folder in which load runs under way leave their addresses for Prometheus.
        start: Unix time.
        end: Unix time.
    """
    try:
        return under_load(prometheus, start, end)
    except UnreachableError:
        return True if any(announced.glob("[!.]*")) else None
