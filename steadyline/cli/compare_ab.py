"""`steadyline compare --ab A B`: two systems, or two revisions of an embedded target, measured in turn on this machine."""

import shlex
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from alerts.judgement.gate import Family
from runner.choice import Choice, LeftOut, choose
from runner.effort import Effort
from runner.pairs import Pair
from steadyline import catalogue, provenance
from steadyline.baseline import GATE_RUNS
from steadyline.cli import ab_rows, keeping
from steadyline.cli import run_options as options
from steadyline.cli.ab_sides import Side, backends, side
from steadyline.cli.ab_targets import at_url
from steadyline.cli.compare_asked import Asked
from steadyline.cli.conclude import conclude
from steadyline.cli.measuring import moment
from steadyline.cli.measuring_pairs import Compared, PairOrder, measure_pairs
from steadyline.cli.run import SIGNALLED
from steadyline.cli.run_result import Judging, Made, Results
from steadyline.cli.run_rows import worst_first
from steadyline.cli.run_screen import Screen
from steadyline.cli.verdicts.outcome import counted
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation, Suite
from steadyline.settings import Settings
from steadyline.target import Target

TOLERANCE = 0.05
"""What counts as a little slower: less than beside a baseline, because the machine's noise cancels; 10 % are named."""
SECONDS_IN_ALL = 60.0
"""Of the first rounds of all operations, shared among them; as long again at most to settle what is open."""
SECONDS_EACH = (0.25, 1.0)
"""Of one operation in one round, both sides together: at least, so that a pair is precise, and at most: more gains little."""
ALONE = frozenset({Suite.PERFORMANCE})
"""What is asked where no operation is named: load and growth take longer than a comparison should."""
DRIVER = "pairs"
"""Measured in turn with another system: no run that had the machine for itself, and none for a series of such."""


def ab(asked: Asked, a: str, b: str, *, tolerance: float | None = None, allow_writes: bool = False) -> NoReturn:
    """Measure both, judge B against A, show, keep and exit.

    Args:
        asked: the options.
        a: a URL, a git revision of this checkout, or `.` for its working tree.
        b: likewise.
        tolerance: from which fraction on B counts as a little slower; TOLERANCE where not said.
        allow_writes: whether what is not on this machine may be written to.

    Raises:
        typer.Exit: always, with the exit code of DESIGN.md.
        SteadylineError: a side is nothing that can be measured.
    """
    tolerance = TOLERANCE if tolerance is None else tolerance
    if asked.wanted.target is not None:
        raise ConfigurationError("--target: --ab names both sides itself; leave it out")
    sides = side("A", a, Path.cwd()), side("B", b, Path.cwd())
    operations, left_out = _operations(asked, sides, allow_writes=allow_writes)
    family = Family(len(operations), asked.settings.gate_false_alarm_rate)
    effort = Effort(rounds=asked.rounds, seconds_each=seconds_each(len(operations)), seconds_more=SECONDS_IN_ALL)
    order = PairOrder(sides, operations, effort, asked.seed, ab_rows.settled_at(tolerance, family), allow_writes)
    screen = Screen(Console(stderr=True, highlight=False), verbose=asked.outlet.verbose)
    count = counted(len(operations), "operation", "operations")
    screen.say(f"{count} of {', '.join(order.backends)}, A and B in turn; seed {asked.seed}")
    started = time.time()
    compared = measure_pairs(asked.settings, order, screen)
    results = Results(
        made=_made(asked, order, tolerance, started, compared),
        rows=worst_first(ab_rows.row(pair, tolerance, family) for pair in compared.pairs if _was_asked(pair, compared)),
        left_out=left_out,
        exit_code=SIGNALLED + compared.signal if compared.signal else None,
        judging=Judging(
            asked.fail_on,
            family,
            against=f"A, {sides[0].shown}, both measured in turn with a tolerance of {tolerance:.0%}; B is {sides[1].shown}",
            again=compared.again,
            seconds_more=effort.seconds_more,
        ),
    )
    told = [*_told(order, left_out, compared), *_kept(asked.settings, order, results.made, compared)]
    conclude(asked.settings, results, asked.outlet, told=told)


def seconds_each(operations: int) -> float:
    """What each of so many operations has in a round: few are asked more often, so that they are told more precisely."""
    least, most = SECONDS_EACH
    return min(most, max(least, SECONDS_IN_ALL / (GATE_RUNS * operations)))


def _operations(
    asked: Asked, sides: tuple[Side, Side], *, allow_writes: bool
) -> tuple[tuple[Operation, ...], tuple[LeftOut, ...]]:
    """What both sides may be asked, and what one of them may not, with the reason."""
    known = catalogue.operations()
    names = backends(sides, known.values(), asked.wanted)
    targets = {
        _alias(one, backend, names): _allowed(one, asked.settings, backend, allow_writes=allow_writes)
        for one in sides
        for backend in names
    }
    wanted = replace(asked.wanted, suites=ALONE) if asked.wanted.pattern == options.EVERYTHING else asked.wanted
    settings = asked.settings.model_copy(update={"targets": targets, "embedded": False})
    try:
        choice = choose(known, settings, wanted)
    except ConfigurationError as error:
        raise ConfigurationError([_cured(fault) for fault in error.faults]) from None
    left_out = tuple(replace(one, why=_cured(one.why)) for one in choice.left_out)
    kept_out = {one.operation for one in left_out}
    both = dict.fromkeys(one.operation for one in choice.chosen if one.operation.name not in kept_out)
    if not both:
        raise ConfigurationError([f"{one.operation} on {one.target}: {one.why}" for one in left_out])
    return tuple(both), left_out


def _alias(one: Side, backend: str, among: Sequence[str]) -> str:
    return one.name if len(among) == 1 else f"{one.name} {backend}"


def _allowed(one: Side, settings: Settings, backend: str, *, allow_writes: bool) -> Target:
    """What a side's target allows; an embedded one that is served later allows everything."""
    if one.url is None:
        return settings.embedded_target(backend)
    return at_url(one, settings, backend, allow_writes=allow_writes)


def _kept(settings: Settings, order: PairOrder, made: Made, compared: Compared) -> list[str]:
    """Both sides go into the history, apart from the runs that had the machine for themselves; or why they do not."""
    pairs = [pair for pair in compared.pairs if pair.rounds]
    if not pairs:
        return []
    a, b = (one.revision.shown if one.revision else provenance.UNKNOWN for one in order.sides)
    return keeping.kept_pair(settings, made, {"a": (a, [pair.a for pair in pairs]), "b": (b, [pair.b for pair in pairs])})


def _cured(sentence: str) -> str:
    """A URL of the command line has no settings; it has an option."""
    return sentence.replace("set allow_writes for what writes to run", "--allow-writes lets what writes run")


def _was_asked(pair: Pair, compared: Compared) -> bool:
    """An early end leaves out what had no turn yet."""
    return not compared.signal or bool(pair.rounds)


def _made(asked: Asked, order: PairOrder, tolerance: float, started: float, compared: Compared) -> Made:
    a, b = order.sides
    return Made(
        started=moment(started),
        ended=moment(time.time()),
        host=provenance.host(),
        revision=b.revision.shown if b.revision else provenance.UNKNOWN,
        rounds=asked.rounds,
        interrupted=compared.signal is not None,
        seed=asked.seed,
        targets=f"A: {a.shown}; B: {b.shown}",
        driver=DRIVER,
        versions={name: version for one in order.backends for name, version in provenance.versions(one).items()},
        command=_command(asked, order, tolerance),
        id=str(uuid.uuid4()),
        machine=provenance.busyness(),
    )


def _command(asked: Asked, order: PairOrder, tolerance: float) -> str:
    """What asks the same again; in place of a URL, which may be nobody's business, stands which it was."""
    said = [one.revision.said if one.revision else f"URL_{one.name}" for one in order.sides]
    writes = ["--allow-writes"] if order.allow_writes else []
    return f"{asked.command} {shlex.join(['--ab', *said, '--tolerance', f'{tolerance:g}', *writes])}"


def _told(order: PairOrder, left_out: Iterable[LeftOut], compared: Compared) -> Iterator[str]:
    a, b = order.sides
    if a.shown == b.shown and a.url == b.url:
        yield f"A and B are the same, {a.shown}: what differs is noise"
    yield from Choice((), tuple(left_out)).reasons
    yield from ab_rows.remarks(compared.pairs)
    for (operation, where), kind in compared.bugs.items():
        yield f"{operation} on {where}: a bug, not a failure of the target: {kind}"
    if compared.signal:
        yield "Ended early; what was measured until then is above, and what was written is deleted."
