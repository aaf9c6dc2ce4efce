"""Whether load is running now, asked only where a baseline says what it was while it was recorded."""

import time
from collections.abc import Iterable

from alerts.record.under_load import known_under_load
from steadyline.baseline import Baseline
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings


def is_loaded(settings: Settings, held: Iterable[Baseline]) -> bool | None:
    """None where that cannot be told, or where no baseline asks for it."""
    if all(one.recorded is None or one.recorded.load_running is None for one in held):
        return None
    now = time.time()
    span = LIVE.scrape_seconds * 2
    return known_under_load(Prometheus(settings.prometheus), settings.state.load_targets, now - span, now)
