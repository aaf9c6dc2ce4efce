"""`compare` against what was recorded: what may be compared is measured again, and what may not is said."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from rich.console import Console

from alerts.judgement.gate import Family
from runner.choice import Choice, Chosen, Key, LeftOut, choose
from runner.effort import THOROUGH
from steadyline import catalogue
from steadyline.baseline import ANY, Baseline
from steadyline.cli import run_options as options
from steadyline.cli.against import Against, resolve
from steadyline.cli.compare_asked import Asked
from steadyline.cli.loaded import is_loaded
from steadyline.cli.measuring import Order, measure
from steadyline.cli.refusals import Cause, Forced, Now, Refusal, refusals, told
from steadyline.cli.run import finish, settled_by
from steadyline.cli.run_result import Judging
from steadyline.cli.run_rows import Row, unmeasured
from steadyline.cli.run_screen import Screen
from steadyline.cli.verdicts.outcome import counted
from steadyline.errors import ConfigurationError, NoDataError, SteadylineError
from steadyline.operation_version import version_of
from steadyline.printable import printable
from steadyline.provenance import UNKNOWN, host
from steadyline.severity import Severity
from steadyline.vocabulary import Driver

_DRIVERS = (Driver.BENCH, Driver.PROBE, Driver.LOAD)
"""Of several baselines of one operation the first is the nearest to what is measured."""
MOST_SOURCES = 3
"""Of which runs a revision's baselines are is told so often."""
LOAD_NOT_KNOWN = "It is not known whether load runs now; the baselines were recorded without"


@dataclass(frozen=True, slots=True)
class Facing:
    """One operation and what it is held to.

    Attributes:
        chosen: which, where.
        baseline: as it was recorded.
        differences: between then and now.
        is_loaded: whether load runs now; None where that is not known.
    """

    chosen: Chosen
    baseline: Baseline
    differences: tuple[Refusal, ...]
    is_loaded: bool | None = None

    def refused(self, forced: Forced) -> list[Refusal]:
        """What nobody said is meant."""
        return [one for one in self.differences if not forced.allows(one.cause)]

    @property
    def held(self) -> Baseline:
        """As the runner's judgement takes it."""
        return replace(self.baseline, driver=Driver.BENCH, profile=ANY, target=self.chosen.alias)


def recorded(asked: Asked, given: str | None, forced: Forced) -> NoReturn:
    """Measure what may be compared, judge, and conclude.

    Raises:
        ConfigurationError: nothing may be compared, and why.
        NoDataError: nothing that was asked for has a baseline there, or all have too few runs.
    """
    against = resolve(asked.settings, given, asked.wanted)
    choice, facing = _facing(asked, against)
    allowed = [one for one in facing if not one.refused(forced)]
    if not allowed:
        raise _nothing(facing, forced)
    held = tuple(one.held for one in allowed)
    of = Family(len(held), asked.settings.gate_false_alarm_rate)
    order = Order(
        choice=replace(choice, chosen=tuple(one.chosen for one in allowed)),
        effort=replace(THOROUGH, rounds=asked.rounds),
        seed=asked.seed,
        baselines=held,
        settled=settled_by(held, of),
    )
    ran = measure(asked.settings, order, Screen(Console(stderr=True, highlight=False), verbose=asked.outlet.verbose))
    judging = replace(_judging(against, allowed, asked.fail_on, of), seconds_more=order.effort.seconds_more)
    beside = [_refused_row(one, forced) for one in facing if one.refused(forced)]
    finish(asked.settings, order.choice, ran, held, judging, again=asked.command, outlet=asked.outlet, beside=beside)


def _nothing(facing: Sequence[Facing], forced: Forced) -> SteadylineError:
    """Why nothing is compared: there is too little data, or none of it is of here and now."""
    refused = [(one.chosen.operation.name, why) for one in facing for why in one.refused(forced)]
    faults = told(refused, len(facing))
    if all(why.cause is Cause.FEW_RUNS for _, why in refused):
        return NoDataError("\n".join(faults))
    return ConfigurationError(faults)


def _judging(against: Against, allowed: Sequence[Facing], fail_on: Severity, of: Family) -> Judging:
    """What the other side is, as far as the baselines say it."""
    known = [one.baseline.recorded for one in allowed if one.baseline.recorded]
    return Judging(
        fail_on,
        of,
        against=against.words,
        against_revisions=tuple(dict.fromkeys(one.revision for one in known if one.revision != UNKNOWN)),
        against_hosts=tuple(dict.fromkeys(one.host for one in known)),
        forced=_forced(allowed),
        notes=(*notes(allowed), *(() if against.is_renewable else sources(allowed))),
        is_renewable=against.is_renewable,
    )


def notes(found: Iterable[Facing]) -> tuple[str, ...]:
    """What a reader should know of it, though nothing is refused for it."""
    quiet = any(
        one.is_loaded is None and one.baseline.recorded and one.baseline.recorded.load_running is False for one in found
    )
    return (LOAD_NOT_KNOWN,) if quiet else ()


def sources(found: Iterable[Facing]) -> tuple[str, ...]:
    """What the runs of a revision are, most operations' first: rounds of one session are more alike than sessions are."""
    counts = Counter(one.baseline.source for one in found)
    return tuple(
        f"Of {counted(count, 'operation', 'operations')}: {source}" for source, count in counts.most_common(MOST_SOURCES)
    )


def _facing(asked: Asked, against: Against) -> tuple[Choice, list[Facing]]:
    """What was asked for beside what it is held to; the choice says what is left out."""
    choice = choose(catalogue.operations(), asked.settings, asked.wanted)
    nearest = _nearest(against.baselines)
    loaded, here = is_loaded(asked.settings, nearest.values()), host()
    facing = [
        Facing(one, held, tuple(refusals(held, Now(here, version_of(one.operation), loaded))), loaded)
        for one in choice.chosen
        if (held := nearest.get(one.key))
    ]
    if not facing:
        what = "nothing" if asked.wanted.pattern == options.EVERYTHING else f"nothing of {asked.wanted.pattern}"
        raise NoDataError(f"{what} has {against.wanted}{elsewhere(nearest, choice)}; {against.cure}")
    bare = [LeftOut(*one.key, f"without {against.wanted}") for one in choice.chosen if one.key not in nearest]
    known = catalogue.operations()
    gone = [LeftOut(*key, "there is no such operation any more") for key in nearest if key[0] not in known]
    read_only = [one for one in choice.left_out if (one.operation, one.target) in nearest]
    return Choice(choice.chosen, (*read_only, *gone, *bare)), facing


def elsewhere(held: Iterable[Key], choice: Choice) -> str:
    """For which other targets there are baselines of what was asked for; empty where there are none."""
    names = {one.operation.name for one in choice.chosen} | {one.operation for one in choice.left_out}
    there = sorted({printable(target) for name, target in held if name in names})
    here = sorted({one.alias for one in choice.chosen})
    return f" on {', '.join(here)}; there are some on {', '.join(there)}" if there else ""


def _nearest(baselines: Iterable[Baseline]) -> dict[Key, Baseline]:
    """One for each operation and target: the runner's own where there is one."""
    ordered = sorted(baselines, key=lambda one: _DRIVERS.index(one.driver), reverse=True)
    return {(one.operation, one.target): one for one in ordered}


def _refused_row(one: Facing, forced: Forced) -> Row:
    """A line without a number: nothing can be said, and why."""
    why = "; ".join(f"{refusal.why}{_forcing(refusal.cause)}" for refusal in one.refused(forced))
    return unmeasured(one.chosen, one.held, why)


def _forcing(cause: Cause) -> str:
    return f" ({cause} compares all the same)" if cause else ""


def _forced(found: Sequence[Facing]) -> tuple[str, ...]:
    """What is compared though it differs: one sentence a cause, with the first operation's reason."""
    sentences = []
    for cause in Cause:
        whys = [(one.chosen.operation.name, why.why) for one in found for why in one.differences if why.cause is cause]
        if whys:
            name, why = whys[0]
            sentences.append(f"{cause}: {len(whys)} of {len(found)} baselines were not made as this was ({name}: {why})")
    return tuple(sentences)
