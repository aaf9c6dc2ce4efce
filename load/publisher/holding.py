"""The end of a run: its final values stay until Prometheus has them, for a bounded time."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from load.publisher import discovery
from steadyline.errors import UnreachableError
from steadyline.load_vocabulary import RUN_END
from steadyline.prometheus import Prometheus

ASK_SECONDS = 2.0
"""Of one question: a Prometheus that is slower is as good as none."""


class Held(StrEnum):
    """Who has the final values."""

    PROMETHEUS = "prometheus"
    """Prometheus' API answers with them."""
    SCRAPE = "scrape"
    """Somebody fetched the page after they were on it; no Prometheus that we can ask says more."""
    NOBODY = "nobody"
    """Nobody came, or nobody was expected."""


@dataclass(slots=True)
class Scrapes:
    """When the page was fetched.

    Attributes:
        count: how often.
        final: how often since the run ended.
        gap_seconds: between the last two.
    """

    count: int = 0
    final: int = 0
    gap_seconds: float = 0.0
    _last: float | None = None

    def note(self, now: float, *, final: bool) -> None:
        """The page was fetched.

        Args:
            now: seconds, monotonic.
            final: whether the run's end was on it.
        """
        self.gap_seconds = 0.0 if self._last is None else now - self._last
        self._last = now
        self.count += 1
        self.final += final


class Evidence:
    """What the Prometheus of the settings says.

    Args:
        base_url: where it is.
        targets_folder: where it finds the page, if it is the stack's.
        port: of the page, if it is another one that names it.
    """

    def __init__(self, base_url: str, targets_folder: str, port: int) -> None:
        """Nothing is asked yet."""
        self._prometheus = Prometheus(base_url, ASK_SECONDS)
        self._pattern = discovery.pattern(Path(targets_folder))
        self._port = f":{port}"

    def will_scrape(self) -> bool:
        """Whether its configuration names this page: a short run may end before the first scrape."""
        try:
            configuration = yaml.safe_load(self._prometheus.configuration())
        except (UnreachableError, yaml.YAMLError):
            return False
        jobs = configuration.get("scrape_configs") or ()
        files = {file for job in jobs for found in job.get("file_sd_configs") or () for file in found["files"]}
        static = [target for job in jobs for found in job.get("static_configs") or () for target in found.get("targets") or ()]
        return self._pattern in files or any(target.endswith(self._port) for target in static)

    def holds(self, run: str) -> bool | None:
        """Whether it has the run's end, and so the values that stood on the same page; None where it does not answer."""
        try:
            return bool(self._prometheus.query(f"{RUN_END.name}{{run={json.dumps(run)}}}"))
        except UnreachableError:
            return None


@dataclass(slots=True)
class Hold:
    """One run's wait.

    Attributes:
        run: its id.
        scrapes: of its page.
        evidence: asked from a thread of the caller's; it blocks.
        seconds: how long to wait at most.
        clock: seconds, monotonic.
    """

    run: str
    scrapes: Scrapes
    evidence: Evidence
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _expected: bool | None = None
    _end: float | None = None

    def look(self) -> Held | None:
        """Who has the values, or None: look again soon."""
        if self._end is None:
            self._end = self.clock() + self.seconds
        if self._expected is None:
            self._expected = self.scrapes.count > 0 or self.evidence.will_scrape()
        if self.scrapes.final:
            holds = self.evidence.holds(self.run)
            if holds is not False:
                return Held.PROMETHEUS if holds else Held.SCRAPE
        if self._expected and self.clock() < self._end:
            return None
        return self.so_far

    @property
    def so_far(self) -> Held:
        """Who has them where nobody waits longer."""
        return Held.SCRAPE if self.scrapes.final else Held.NOBODY
