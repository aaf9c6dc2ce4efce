"""`steadyline compare`: held to what was recorded, to a revision, to another system, or to what ran lately."""

import os
from pathlib import Path
from typing import Annotated

import typer

from steadyline import settings as settings_module
from steadyline.baseline import GATE_RUNS
from steadyline.cli import compare_ab, compare_live, compare_recorded
from steadyline.cli import run_options as options
from steadyline.cli.compare_asked import Asked
from steadyline.cli.conclude import STANDARD_OUTPUT, Outlet, can_be_files
from steadyline.cli.measuring import new_seed
from steadyline.cli.refusals import Forced
from steadyline.cli.verdicts.form import Form
from steadyline.errors import ConfigurationError
from steadyline.severity import Severity

LIVE = "live"
"""In place of a file or a revision: what the exporter measured lately."""
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="FILE|REVISION|live",
        help="A baseline file, a git revision whose runs the history has, or what runs now. Default: the recorded baselines.",
    ),
]
Ab = Annotated[
    tuple[str, str] | None,
    typer.Option("--ab", metavar="A B", help="Measure two systems in turn: URLs, or git revisions of an embedded target."),
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance",
        min=0.01,
        max=1.0,
        show_default="0.05",
        help="With --ab: from this fraction on B counts as a little slower.",
    ),
]
Writes = Annotated[
    bool, typer.Option("--allow-writes", help="With --ab: the URLs may be written to; those on this machine may anyway.")
]
Formed = Annotated[Form, typer.Option("--format", help="How the verdicts are written.")]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write that format there, and show the text on standard output.")
]
OtherVersion = Annotated[bool, typer.Option("--other-version", help="Also where the operation itself was changed since.")]
OtherLoad = Annotated[bool, typer.Option("--other-load", help="Also where load was running, or another driver measured.")]


def compare(  # noqa: PLR0917 - Typer calls it by name
    operation: options.Pattern = options.EVERYTHING,
    backend: options.OfBackend = None,
    target: options.OfTarget = None,
    against: Against = None,
    ab: Ab = None,
    tolerance: Tolerance = None,
    allow_writes: Writes = False,
    rounds: options.Rounds = GATE_RUNS,
    fail_on: options.FailOn = Severity.WARNING,
    form: Formed = Form.TEXT,
    out: Out = None,
    other_host: options.OtherHost = False,
    other_version: OtherVersion = False,
    other_load: OtherLoad = False,
    verbose: options.Verbose = False,
    as_json: options.Json = None,
    seed: options.Seed = None,
) -> None:
    """Measure again, and say what got slower: silent on noise, loud on a real step, and honest where it cannot tell.

    Every operation that has a baseline is measured in interleaved rounds and held to it; what is not settled then is
    measured again by itself, up to a bound of runs and for a minute at most. What was recorded on another host, under
    another load or for another version of its operation is refused with the reason, unless an --other option says it is meant.

    steadyline compare                                    # with the recorded baselines
    steadyline compare --against main                     # with the runs of that revision in the history
    steadyline compare --against base.json --fail-on critical
    steadyline compare --ab main HEAD                     # both now, in turn: for CI on shared runners
    steadyline compare --against live                     # what the exporter measured lately; nothing is asked anew
    steadyline compare --format markdown --out comment.md # text in the log, a pull request's comment in the file

    Exit codes: 0 pass, 1 a regression at or above --fail-on, a broken budget or a failing operation, 2 usage or settings,
    or nothing may be compared, 3 nothing recorded, too few runs or not settled, 4 a target did not answer.
    """
    if ab is not None and against is not None:
        raise ConfigurationError("--ab and --against: say one of them; --ab measures both sides itself")
    if ab is None and (tolerance is not None or allow_writes):
        raise ConfigurationError("--tolerance, --allow-writes: they are of --ab; baselines and targets say their own")
    if as_json == STANDARD_OUTPUT and form is not Form.TEXT and out in (None, STANDARD_OUTPUT):
        raise ConfigurationError(f"--json - and --format {form}: one of them has standard output; give the other a file")
    can_be_files(as_json, out)
    settings = settings_module.load(os.environ)
    dice = new_seed() if seed is None else seed
    command = options.command(
        "compare",
        operation=operation,
        backend=backend,
        target=target,
        against=against,
        rounds=rounds,
        fail_on=fail_on,
        other_host=other_host,
        other_version=other_version,
        other_load=other_load,
        seed=dice,
    )
    wanted = options.wanted(False, False, False, True, operation, backend, target)
    outlet = Outlet(form, None if out == STANDARD_OUTPUT else out, as_json, verbose=verbose)
    asked = Asked(settings, wanted, rounds, dice, fail_on, outlet, command)
    if ab is not None:
        compare_ab.ab(asked, *ab, tolerance=tolerance, allow_writes=allow_writes)
    if against == LIVE:
        compare_live.live(asked)
    compare_recorded.recorded(asked, against, Forced(other_host, other_version, other_load))
