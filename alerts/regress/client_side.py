"""What the exporter's /metrics says of one operation now: sum and count, without waiting for a scrape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from steadyline.errors import UnreachableError
from steadyline.vocabulary import OPERATION_DURATION, Driver


@dataclass(frozen=True, slots=True)
class Totals:
    """Successes so far, and their seconds."""

    count: float = 0.0
    seconds: float = 0.0

    def __sub__(self, before: "Totals") -> "Totals":
        """What came since; after a restart of the exporter all that it counts is new."""
        if self.count < before.count:
            return self
        return Totals(self.count - before.count, self.seconds - before.seconds)

    @property
    def mean_seconds(self) -> float:
        """Mean of the successes; 0 without one."""
        return self.seconds / self.count if self.count else 0.0


class ExporterPage:
    """The /metrics of one exporter.

    Args:
        base_url: of the exporter.
        timeout_seconds: of one question.
        asking: how it is asked, as the settings say.
    """

    def __init__(self, base_url: str, timeout_seconds: float = 10, asking: Mapping[str, Any] | None = None) -> None:
        """Make ready to ask; nothing is sent yet."""
        self.host = base_url.rstrip("/")
        self._http = httpx.Client(
            timeout=timeout_seconds, limits=httpx.Limits(max_keepalive_connections=0), **(asking or {"trust_env": False})
        )

    def totals(self, operation: str, target: str) -> Totals:
        """What the exporter counted of one operation so far."""
        return totals(self._send("GET", "metrics").text, operation, target)

    def reload(self) -> None:
        """Have it read its settings and baselines again."""
        self._send("POST", "-/reload")

    def _send(self, method: str, path: str) -> httpx.Response:
        try:
            answer = self._http.request(method, f"{self.host}/{path}")
        except httpx.HTTPError as error:
            raise UnreachableError(f"no exporter answers at {self.host} ({error}); run steadyline up") from None
        if not answer.is_success:
            raise UnreachableError(
                f"the exporter at {self.host} refused /{path}: HTTP {answer.status_code} {answer.text.strip()}"
            )
        return answer


def totals(page: str, operation: str, target: str) -> Totals:
    """The sum and count of one operation's probes on a page; zero where it is not there.

    Only the two families' lines are parsed: a page of ten thousand series is read in a millisecond.
    """
    wanted = {f"{OPERATION_DURATION.name}_count": 0.0, f"{OPERATION_DURATION.name}_sum": 0.0}
    lines = "\n".join(line for line in page.splitlines() if line.startswith(tuple(wanted)))
    labels = {"operation": operation, "target": target, "driver": Driver.PROBE}
    for family in text_string_to_metric_families(lines + "\n"):
        for sample in family.samples:
            if sample.name in wanted and labels.items() <= sample.labels.items():
                wanted[sample.name] += sample.value
    return Totals(*wanted.values())
