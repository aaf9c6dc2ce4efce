"""Which baselines say nothing of what is measured now: of another host, load or version of the operation; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from steadyline.baseline import GATE_RUNS, Baseline
from steadyline.printable import printable
from steadyline.vocabulary import Driver

_DRIVERS: Mapping[str, str] = {Driver.PROBE: "by the exporter's schedule", Driver.LOAD: "under load"}


class Cause(StrEnum):
    """What differs; also the option that forces it, without which the baseline is refused."""

    HOST = "--other-host"
    LOAD = "--other-load"
    VERSION = "--other-version"
    FEW_RUNS = ""


@dataclass(frozen=True, slots=True)
class Now:
    """What an operation's baseline must have in common with this measurement.

    Attributes:
        host: coarse host fingerprint.
        version: of the operation.
        is_loaded: whether load is running; None where that is not known.
    """

    host: str
    version: str
    is_loaded: bool | None = None


@dataclass(frozen=True, slots=True)
class Forced:
    """What is compared all the same."""

    host: bool = False
    version: bool = False
    load: bool = False

    def allows(self, cause: Cause) -> bool:
        """Whether that difference was said to be meant."""
        return {Cause.HOST: self.host, Cause.VERSION: self.version, Cause.LOAD: self.load}.get(cause, False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One difference.

    Attributes:
        cause: which.
        why: in words that follow "it was".
    """

    cause: Cause
    why: str


def refusals(baseline: Baseline, now: Now) -> list[Refusal]:
    """All that differs; what an older baseline does not say is taken to be the same.

    One of a loaded system wants load that is known to run; one of a quiet system is compared where nobody knows, for quiet is
    the rule.
    """
    recorded = baseline.recorded
    if recorded is None:
        return []
    found = []
    if recorded.host != now.host:
        found.append(Refusal(Cause.HOST, f"recorded on another host ({printable(recorded.host)}; this is {now.host})"))
    version = recorded.operation_version
    if version is not None and version != now.version:
        there = f"({printable(version)}; this is {now.version})"
        found.append(Refusal(Cause.VERSION, f"recorded for another version of the operation {there}"))
    found += [Refusal(Cause.LOAD, why) for why in _loads(baseline, now)]
    if recorded.runs < GATE_RUNS:
        found.append(Refusal(Cause.FEW_RUNS, f"recorded in {recorded.runs} runs, and a judgement needs {GATE_RUNS}"))
    return found


def _loads(baseline: Baseline, now: Now) -> Iterable[str]:
    recorded = baseline.recorded
    if baseline.driver != Driver.BENCH:
        load = f" of {recorded.load.words}" if recorded and recorded.load else ""
        how = _DRIVERS.get(baseline.driver, baseline.driver)
        yield f"recorded {how}{load}, and this is the suite runner, which asks alone"
    elif recorded and recorded.load_running and not now.is_loaded:
        known = "none is" if now.is_loaded is False else "whether load runs now is not known"
        yield f"recorded while load was running, and {known}"
    elif recorded and recorded.load_running is False and now.is_loaded:
        yield "recorded without load, and load is running"


def told(causes: Sequence[tuple[str, Refusal]], of: int) -> list[str]:
    """One sentence a cause, with the first operation's reason and what forces it.

    Args:
        causes: names of operations with what differs.
        of: how many baselines there are in all.
    """
    sentences = []
    for cause in Cause:
        found = [(name, refusal.why) for name, refusal in causes if refusal.cause is cause]
        if found:
            name, why = found[0]
            cure = f"; record them here, or say {cause}" if cause else "; record them in more rounds"
            sentences.append(f"{len(found)} of {of} baselines cannot be compared with ({name}: {why}){cure}")
    return sentences
