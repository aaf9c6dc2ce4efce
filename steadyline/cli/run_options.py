"""The options that say what is measured and how long, as `run`, `compare` and `baseline record` share them."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from runner.choice import Wanted
from steadyline.baseline import GATE_BASELINE_RUNS
from steadyline.operation import Suite
from steadyline.severity import Severity

EVERYTHING = "*"
RECORD = f"steadyline baseline record --rounds {GATE_BASELINE_RUNS}"
"""What gives operations baselines of the runner's."""


def _alarm(value: Severity) -> Severity:
    """One that an operation can have: `none` is the watchdog's."""
    if value is Severity.NONE:
        raise typer.BadParameter("'none' is not one of 'critical', 'warning', 'info'.")
    return value


Fast = Annotated[bool, typer.Option("--fast", help="Only what is light, within a minute.")]
Stress = Annotated[bool, typer.Option("--stress", help="The stress suite: many at once, large data, memory under load.")]
Scalability = Annotated[bool, typer.Option("--scalability", help="Growing sizes, and how the cost grows with them.")]
All = Annotated[bool, typer.Option("--all", help="All three suites.")]
Pattern = Annotated[str, typer.Option("--operation", metavar="GLOB", help="Name or glob, such as 'sql.bulk_*', of any suite.")]
OfBackend = Annotated[str | None, typer.Option("--backend", help="Of this backend alone: sql, trace, s3, vast, tams.")]
OfTarget = Annotated[str | None, typer.Option("--target", help="On the target of this alias alone.")]
Rounds = Annotated[int, typer.Option("--rounds", min=1, max=1000, help="Runs of each operation; 5 or more to be judged.")]
FailOn = Annotated[
    Severity,
    typer.Option(
        "--fail-on",
        metavar="critical|warning|info",
        callback=_alarm,
        show_default=True,
        help="Exit with 1 from this severity on.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Each operation's turn, and every judgement's reason.")]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there; - is standard output.")]
OtherHost = Annotated[bool, typer.Option("--other-host", help="Hold it to baselines that were recorded on another host.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Repeat the order of an earlier run.")]


def command(name: str, *words: str, **given: str | bool | float | Sequence[str] | None) -> str:
    """What asks the same again, as it is typed: the options that were given, by their parameters' names, and then the words.

    Files that were to be written are no part of it. An option with several values stands once for each.
    """
    options = []
    for option, value in given.items():
        for one in (value,) if isinstance(value, str) or not isinstance(value, Sequence) else value:
            if one not in (None, False, EVERYTHING):
                options += [f"--{option.replace('_', '-')}", *([] if one is True else [str(one)])]
    return shlex.join(["steadyline", name, *options, *words])


def wanted(  # noqa: PLR0917 - one for each option
    fast: bool, stress: bool, scalability: bool, every: bool, pattern: str, backend: str | None, target: str | None
) -> Wanted:
    """What the options ask for: the performance suite where no kind is named, any kind where operations are."""
    flags = {Suite.PERFORMANCE: fast, Suite.STRESS: stress, Suite.SCALABILITY: scalability}
    asked = frozenset(suite for suite, is_asked in flags.items() if is_asked)
    otherwise = frozenset({Suite.PERFORMANCE}) if pattern == EVERYTHING else frozenset(Suite)
    return Wanted(frozenset(Suite) if every else asked or otherwise, fast, pattern, backend, target)
