"""From runs to a recorded baseline, or to the sentence why there is none; pure."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts.record.runs import Key, Run, Scheduled
from steadyline import durations
from steadyline.baseline import Baseline, LoadShape, Quantity, Recorded, most_specific
from steadyline.live import LIVE
from steadyline.vocabulary import Driver


@dataclass(frozen=True, slots=True)
class Slowed:
    """A span in which `regress` made an operation slow on purpose; what ran then is no baseline.

    Attributes:
        operation: its full name.
        target: the target's alias.
        start: Unix time.
        end: Unix time at which it ended, or will at the latest.
    """

    operation: str
    target: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Sifted:
    """An operation's runs, those that count and how many do not.

    Attributes:
        kept: runs with enough attempts, without a failure, not slowed on purpose.
        sparse: windows with fewer attempts than a judgement needs.
        failing: windows with a failure.
        slowed: windows in a span that `regress` made slow.
        failing_fraction: failures of all attempts.
    """

    kept: tuple[Run, ...]
    sparse: int
    failing: int
    slowed: int
    failing_fraction: float

    @property
    def note(self) -> str:
        """What was left out, for people; empty where nothing was."""
        reasons = {"too few attempts": self.sparse, "failures": self.failing, "slowed by regress": self.slowed}
        told = [f"{count} for {reason}" for reason, count in reasons.items() if count]
        return f"left out {', '.join(told)}" if told else ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a recorded baseline keeps beside its numbers (`steadyline.baseline.Recorded` says what each is)."""

    at: str
    host: str
    revision: str
    quantiles: Mapping[str, float]
    edges: tuple[float, ...]
    versions: Mapping[str, str]
    operation_version: str | None = None
    histogram: tuple[int, ...] = ()
    load_running: bool | None = None

    def recorded(self, runs: int, samples: int, cadence_seconds: float | None, load: LoadShape | None = None) -> Recorded:
        """What the baseline of so many runs and samples, at such a cadence or load, keeps."""
        return Recorded(
            at=self.at,
            host=self.host,
            revision=self.revision,
            runs=runs,
            samples=samples,
            cadence_seconds=cadence_seconds,
            quantiles=dict(self.quantiles),
            edges=self.edges,
            versions=dict(self.versions),
            load=load,
            operation_version=self.operation_version,
            histogram=self.histogram,
            load_running=self.load_running,
        )


def sift(of: Scheduled, runs: Iterable[Run], slowed: Iterable[Slowed] = ()) -> Sifted:
    """Part the runs of one operation into those that count and those that do not."""
    spans = [span for span in slowed if (span.operation, span.target) == of.key]
    kept: list[Run] = []
    left_out = {"sparse": 0, "failing": 0, "slowed": 0}
    attempts = failures = 0.0
    for run in runs:
        attempts, failures = attempts + run.attempts, failures + run.failures
        why = _left_out(run, of.run_seconds, spans)
        if why:
            left_out[why] += 1
        else:
            kept.append(run)
    return Sifted(tuple(kept), **left_out, failing_fraction=failures / attempts if attempts else 0.0)


def _left_out(run: Run, run_seconds: float, spans: Sequence[Slowed]) -> str:
    if any(span.start < run.end and run.end - run_seconds < span.end for span in spans):
        return "slowed"
    if run.failures > 0:
        return "failing"
    # A mean that is none, or zero, has no logarithm: constant and zero input must not become a baseline of NaN.
    return "" if run.attempts >= LIVE.minimum_samples and run.mean_seconds > 0 else "sparse"


def refusal(of: Scheduled, sifted: Sifted, slowed: Iterable[Slowed], now: float) -> str:
    """Why the operation gets no baseline from these runs, as one sentence; empty where it gets one."""
    name = f"{of.operation} on {of.target}"
    until = slowed_until(of, slowed)
    if until > now:
        return being_slowed(of, until - now)
    if sifted.failing_fraction > LIVE.failing_fraction:
        return f"{name} fails in {sifted.failing_fraction:.0%} of its attempts; mend that first (steadyline probe --debug)"
    missing = LIVE.minimum_baseline_runs - len(sifted.kept)
    if missing > 0:
        wait = durations.spoken(missing * of.run_seconds)
        run = durations.spoken(of.run_seconds)
        note = f", {sifted.note}" if sifted.note else ""
        return (
            f"{name} has {len(sifted.kept)} usable runs of {run} and a baseline needs {LIVE.minimum_baseline_runs}{note}; "
            f"wait another {wait}"
        )
    return ""


def slowed_until(of: Scheduled, slowed: Iterable[Slowed]) -> float:
    """When the last span in which the operation is slowed ends, Unix time; 0 without one."""
    return max((span.end for span in slowed if (span.operation, span.target) == of.key), default=0.0)


def being_slowed(of: Scheduled, left_seconds: float) -> str:
    """The sentence for an operation that is slowed on purpose now."""
    left = durations.spoken(left_seconds)
    return f"{of.operation} on {of.target} is being slowed by steadyline regress for another {left}; record then"


def log_mean_and_spread(means: Sequence[float]) -> tuple[float, float]:
    """The exponential of the mean logarithm, and the logarithms' sample standard deviation (0 for equal runs)."""
    logs = [math.log(mean) for mean in means]
    return math.exp(statistics.fmean(logs)), statistics.stdev(logs) if len(logs) > 1 else 0.0


def tolerance(key: Key, sourced: Iterable[Baseline], default: float, driver: str = Driver.PROBE) -> tuple[float, bool]:
    """The tolerance that the source of an operation on a target gives, else the default; and whether it is the default."""
    found = most_specific(sourced, *key, driver)
    if found and not found.tolerance_is_default:
        return found.tolerance, False
    return (found.tolerance if found else default), True


def baseline(of: Scheduled, runs: Sequence[Run], tolerated: tuple[float, bool], facts: Circumstances) -> Baseline:
    """The recorded baseline of one operation on one target.

    The spread is kept as measured, even under the floor: the floor is applied where it judges (`alerts.judgement.limits`).

    Args:
        of: the operation as it was scheduled.
        runs: those that count, two or more.
        tolerated: the tolerance, and whether it is the default.
        facts: what else is kept.
    """
    value, spread = log_mean_and_spread([run.mean_seconds for run in runs])
    return Baseline(
        operation=of.operation,
        driver=Driver.PROBE,
        quantity=Quantity.DURATION,
        value=value,
        tolerance=tolerated[0],
        tolerance_is_default=tolerated[1],
        spread=spread,
        source=f"recorded {facts.at} over {len(runs)} runs of {of.run_seconds:g} s",
        target=of.target,
        recorded=facts.recorded(len(runs), round(sum(run.attempts for run in runs)), of.cadence_seconds),
    )


def replacing(recorded: Iterable[Baseline], new: Iterable[Baseline]) -> list[Baseline]:
    """The recorded baselines with the new ones in place of those of the same key."""
    fresh = {one.key: one for one in new}
    return [one for one in recorded if one.key not in fresh] + list(fresh.values())
