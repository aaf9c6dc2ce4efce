"""The state folder: where everything that runs keeps its files; the only module that knows their names."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class State:
    """Paths under one folder (`.steadyline/` by default); none is made by asking for it."""

    root: Path

    @property
    def logs(self) -> Path:
        """One log file per process of the native stack."""
        return self.root / "logs"

    @property
    def generated(self) -> Path:
        """Configuration made for this stack: Prometheus, Alertmanager, the supervisor."""
        return self.root / "generated"

    @property
    def rules(self) -> Path:
        """The rules that this stack's Prometheus loads: those of the recorded baselines where there are any."""
        return self.generated / "steadyline.rules.yml"

    @property
    def prometheus_config(self) -> Path:
        """Prometheus' configuration."""
        return self.generated / "prometheus.yml"

    @property
    def alertmanager_config(self) -> Path:
        """Alertmanager's configuration."""
        return self.generated / "alertmanager.yml"

    @property
    def baselines(self) -> Path:
        """The recorded baselines."""
        return self.root / "baselines.json"

    @property
    def notifications(self) -> Path:
        """What the receiver was told, one JSON object a line."""
        return self.root / "notifications.jsonl"

    @property
    def regressions(self) -> Path:
        """When `regress` made an operation slow on purpose, one JSON object a line."""
        return self.root / "regressions.jsonl"

    @property
    def results(self) -> Path:
        """What the last run of the suite runner measured."""
        return self.root / "results.json"

    @property
    def history(self) -> Path:
        """Every run that was kept, unless the settings say where."""
        return self.root / "history.db"

    @property
    def runs(self) -> Path:
        """One folder for each run under way that serves targets of its own."""
        return self.root / "runs"

    @property
    def unscraped(self) -> Path:
        """Attempts that the exporter counted and that no Prometheus has scraped yet, one a line."""
        return self.data("exporter") / "unscraped.jsonl"

    @property
    def load_targets(self) -> Path:
        """One file for each load run under way; the stack's Prometheus finds there whom to scrape."""
        return self.root / "load_targets"

    @property
    def scrape(self) -> Path:
        """Where the user's own targets are named for the stack's Prometheus, unless the settings say where."""
        return self.root / "scrape"

    @property
    def own_rules(self) -> Path:
        """Where rules of the user's own lie, unless the settings say where."""
        return self.root / "rules"

    @property
    def load_results(self) -> Path:
        """One file for each load run, with what it came to."""
        return self.root / "load"

    def data(self, program: str) -> Path:
        """The folder in which one program keeps its data."""
        return self.root / "data" / program
