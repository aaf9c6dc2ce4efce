"""A run's marks in Grafana: start, steady and end as annotations, which any board shows; from start to end a region."""

from typing import Any

from load.publisher.page import Run
from steadyline.boards import TAG
from steadyline.grafana import Grafana


class Marks:
    """The annotations of one run; each call blocks, and takes a bounded time.

    Args:
        base_url: of Grafana; a user and password in it are used where there is no token.
        token: of a service account, or None.
        run: whose marks they are.
    """

    def __init__(self, base_url: str, token: str | None, run: Run) -> None:
        """Nothing is written yet."""
        self._grafana = Grafana(base_url, token)
        self._run = run
        self._tags = [tag for tag in (TAG, run.run, run.profile) if tag]
        self._begun: Any = None

    def start(self) -> None:
        """The run begins.

        Raises:
            UnreachableError: Grafana does not take it; the text holds no secret.
        """
        self._begun = self._write(self._run.start, None, "begins")

    def steady(self, at: float) -> None:
        """All users are there; raises as `start` does."""
        self._write(at, None, "is steady")

    def end(self, at: float) -> None:
        """The first mark becomes a region up to here; raises as `start` does."""
        self._write(self._run.start, at, "ran", self._begun)

    def _write(self, start: float, end: float | None, what: str, known: Any = None) -> Any:
        profile = f"profile {self._run.profile}, " if self._run.profile else ""
        facts: dict[str, Any] = {
            "time_from": round(start * 1000),
            "time_to": None if end is None else round(end * 1000),
            "tags": self._tags,
            "text": f"load run {self._run.run} {what}: {profile}shape {self._run.shape}",
        }
        annotations = self._grafana.api.annotations
        if known is None:
            return self._grafana.ask("a mark", lambda: annotations.add_annotation(**facts)["id"])
        self._grafana.ask("a mark", lambda: annotations.partial_update_annotation(known, **facts))
        return known
