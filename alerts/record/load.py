"""From the windows of load runs to the recorded baselines of a profile; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.record.baseline import Circumstances, log_mean_and_spread
from steadyline.baseline import GATE_RUNS, Baseline, LoadShape, Quantity
from steadyline.live import LIVE
from steadyline.vocabulary import Driver


@dataclass(frozen=True, slots=True)
class Loaded:
    """One operation on one target under a profile's load.

    Attributes:
        operation: its full name.
        target: the target's alias.
        profile: the profile's name.
        load: how much load there was.
        run_means: mean seconds per call, one a window of the steady phase.
        samples: successes over all windows.
        failed: attempts that failed, those cut short by the end left out.
    """

    operation: str
    target: str
    profile: str
    load: LoadShape
    run_means: Sequence[float]
    samples: int
    failed: int = 0

    @property
    def refusal(self) -> str:
        """Why it gets no baseline from these windows, as one sentence; empty where it gets one."""
        name = f"{self.operation} on {self.target}"
        if self.failed:
            return f"{name}: {self.failed} attempts failed; mend that first"
        if len(self.run_means) < GATE_RUNS:
            return (
                f"{name}: {len(self.run_means)} windows of {LIVE.load_run_seconds:g} s with {LIVE.minimum_samples} successes "
                f"or more, and a baseline needs {GATE_RUNS}; run longer (--duration)"
            )
        return "" if min(self.run_means) > 0 else f"{name}: it took no time at all; there is nothing to hold it to"

    def baseline(self, tolerated: tuple[float, bool], facts: Circumstances) -> Baseline:
        """The baseline; only where nothing refuses it.

        Args:
            tolerated: the tolerance, and whether it is the default.
            facts: what else is kept.
        """
        value, spread = log_mean_and_spread(self.run_means)
        return Baseline(
            operation=self.operation,
            driver=Driver.LOAD,
            quantity=Quantity.DURATION,
            value=value,
            tolerance=tolerated[0],
            tolerance_is_default=tolerated[1],
            spread=spread,
            source=f"recorded {facts.at} over {len(self.run_means)} windows of {self.load.words}",
            target=self.target,
            profile=self.profile,
            recorded=facts.recorded(len(self.run_means), self.samples, None, self.load),
        )
