"""The live defaults: every interval and threshold of continuous judgement, once (DESIGN.md, table "live default")."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Live:
    """Intervals of scraping, judging and notifying, and the thresholds that hang on them.

    All `_seconds` are seconds; counts are counts.
    """

    scrape_seconds: float = 5
    evaluation_seconds: float = 5
    load_run_seconds: float = 30
    """A run of a load profile, as it is judged and as its baseline is recorded: this long in the steady phase."""
    saturated_seconds: float = 30
    """A load generator that is the bottleneck for so long is told of."""
    neighbours_alike: float = 1.8
    """The mean of runs that lie side by side varies so many times as much as that of independent ones, in an environment that
    drifts (docs/judgement.md: 30 s runs, a drift over a minute, 10 % noise)."""
    samples_per_run: int = 15
    """A run is one fast window: this many samples at the operation's cadence."""
    slow_runs: int = 20
    minimum_slow_runs: int = 10
    """The slow rule judges from so many runs on."""
    minimum_samples: int = 10
    """Fewer attempts than this in a fast window are no data."""
    minimum_successes: int = 3
    """A mean of fewer successes is one attempt's luck: a single slow one among skipped starts is no regression."""
    for_seconds: float = 10
    not_stored_seconds: float = 30
    """A Prometheus that has kept nothing for so long, six scrapes, cannot write."""
    unseen_seconds: float = 3600
    """So long an alert outlives a Prometheus that cannot write."""
    start_grace_seconds: float = 60
    """So long after Prometheus began, what it scrapes may still be starting."""
    keep_firing_seconds: float = 60
    keep_firing_mild_seconds: float = 30
    """Milder than critical lets go first, so that a mended critical does not come back as a new warning."""
    failing_minimum: int = 2
    failing_fraction: float = 0.05
    failing_window_floor_seconds: float = 60
    failing_streak: int = 3
    minimum_baseline_runs: int = 20
    recommended_baseline_runs: int = 120
    blind_factor: float = 2
    """A baseline that shows only slowdowns beyond this is called stale."""
    detect_level_z: float = 2.33
    """One-sided 99 % normal quantile: that there is a regression."""
    grade_level_z: float = 1.28
    """One-sided 90 % normal quantile: how bad it is."""
    assumed_spread: float = 0.05
    spread_floor: float = 0.03
    false_alarms_per_month: float = 1
    gate_false_alarm_rate: float = 0.01
    """Of the gate's comparisons in which nothing got slower, so many have an alarm of any operation."""
    group_wait_critical_seconds: float = 5
    group_wait_warning_seconds: float = 60
    group_interval_critical_seconds: float = 10
    group_interval_warning_seconds: float = 60
    repeat_seconds: float = 4 * 3600
    told_kept_seconds: float = 10
    """So often Alertmanager keeps on disk whom it told of what: killed, it tells no recovery of an alert that it forgot, and a
    silence that it forgot is none. Its own default is a quarter of an hour."""

    def fast_window_seconds(self, cadence_seconds: float) -> float:
        """The length of one run of an operation probed every `cadence_seconds`."""
        return self.samples_per_run * cadence_seconds

    def failing_window_seconds(self, cadence_seconds: float) -> float:
        """The window over which failures are counted."""
        return max(self.failing_window_floor_seconds, self.fast_window_seconds(cadence_seconds))


LIVE = Live()
