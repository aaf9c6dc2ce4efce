"""`compare` against what was recorded: what may be compared is measured again, and what may not is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from rich.console import Console

from alerts.judgement.gate import Family
from runner.choice import Choice, Chosen, Key, LeftOut, choose
from runner.effort import THOROUGH
from steadyline import catalogue, provenance
from steadyline.baseline import ANY, Baseline
from steadyline.cli import run_options as options
from steadyline.cli.against import Against, resolve
from steadyline.cli.compare_asked import Asked
from steadyline.cli.measuring import Order, measure
from steadyline.cli.refusals import Cause, Forced, Now, Refusal, refusals, told
from steadyline.cli.run import finish, settled_by
from steadyline.cli.run_result import Judging
from steadyline.cli.run_rows import Row, unmeasured
from steadyline.cli.run_screen import Screen
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.operation_version import version_of
from steadyline.vocabulary import Driver

_DRIVERS = (Driver.BENCH, Driver.PROBE, Driver.LOAD)
"""Of several baselines of one operation the first is the nearest to what is measured."""


@dataclass(frozen=True, slots=True)
class Facing:
    """One operation and what it is held to.

    Attributes:
        chosen: which, where.
        baseline: as it was recorded.
        differences: between then and now.
    """

    chosen: Chosen
    baseline: Baseline
    differences: tuple[Refusal, ...]

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
        NoDataError: nothing that was asked for has a baseline there.
    """
    against = resolve(asked.settings, given)
    choice, facing = _facing(asked, against)
    open_to = [one for one in facing if not one.refused(forced)]
    if not open_to:
        raise ConfigurationError(
            told([(one.chosen.operation.name, why) for one in facing for why in one.refused(forced)], len(facing))
        )
    held = tuple(one.held for one in open_to)
    measured = replace(choice, chosen=tuple(one.chosen for one in open_to))
    of = Family(len(held), asked.settings.gate_false_alarm_rate)
    effort = replace(THOROUGH, rounds=asked.rounds)
    order = Order(measured, effort, asked.seed, held, settled_by(held, of))
    ran = measure(asked.settings, order, Screen(Console(stderr=True, highlight=False), verbose=asked.outlet.verbose))
    judging = Judging(
        asked.fail_on,
        of,
        against=against.words,
        against_revisions=_each(one.recorded.revision for one in held if one.recorded),
        against_hosts=_each(one.recorded.host for one in held if one.recorded),
        seconds_more=effort.seconds_more,
        forced=_forced(open_to),
    )
    beside = [_refused_row(one, forced) for one in facing if one.refused(forced)]
    finish(asked.settings, measured, ran, held, judging, again=asked.command, outlet=asked.outlet, beside=beside)


def _facing(asked: Asked, against: Against) -> tuple[Choice, list[Facing]]:
    """What was asked for beside what it is held to; the choice says what is left out."""
    choice = choose(catalogue.operations(), asked.settings, asked.wanted)
    nearest = _nearest(against.baselines)
    facing = [
        Facing(one, nearest[one.key], tuple(refusals(nearest[one.key], _now(one))))
        for one in choice.chosen
        if one.key in nearest
    ]
    if not facing:
        what = "nothing" if asked.wanted.pattern == options.EVERYTHING else f"nothing of {asked.wanted.pattern}"
        raise NoDataError(f"{what} {against.without.replace('has no', 'has a', 1)}; {against.cure}")
    bare = [LeftOut(*one.key, f"it {against.without}") for one in choice.chosen if one.key not in nearest]
    known = catalogue.operations()
    gone = [LeftOut(*key, "there is no such operation any more") for key in nearest if key[0] not in known]
    read_only = [one for one in choice.left_out if (one.operation, one.target) in nearest]
    return Choice(choice.chosen, (*read_only, *gone, *bare)), facing


def _nearest(baselines: Iterable[Baseline]) -> dict[Key, Baseline]:
    """One for each operation and target: the runner's own where there is one."""
    ordered = sorted(baselines, key=lambda one: _DRIVERS.index(one.driver), reverse=True)
    return {(one.operation, one.target): one for one in ordered}


def _now(chosen: Chosen) -> Now:
    return Now(provenance.host(), version_of(chosen.operation))


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


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
