"""What `compare --against` names: the recorded baselines, those of a file, or the runs of a git revision."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from runner.choice import Wanted
from steadyline import provenance
from steadyline.baseline import Baseline
from steadyline.baselines import load_recorded
from steadyline.cli.against_revision import baselines_of
from steadyline.cli.run_options import RECORD, command
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

_GIT_SECONDS = 10.0
_SHOWN_DIGITS = 12
DIRTY = "-dirty"
"""Ends the revision of a changed working tree."""
EVERYTHING = Wanted()
"""No option narrows it."""


@dataclass(frozen=True, slots=True)
class Against:
    """What operations are held to.

    Attributes:
        words: what it is, after "held to".
        baselines: all that it holds, of any driver.
        wanted: what an operation has where it is held to that, in words that follow "has".
        cure: what to do where nothing that was asked for has it.
        is_renewable: whether it can be recorded anew, as the runs of a revision cannot.
    """

    words: str
    baselines: tuple[Baseline, ...]
    wanted: str
    cure: str
    is_renewable: bool = True


def resolve(settings: Settings, given: str | None, asked: Wanted = EVERYTHING) -> Against:
    """Find it; the cure asks for the same operations as was asked.

    Raises:
        ConfigurationError: there is neither such a file nor such a revision, or the file is no baseline file.
        UnreachableError: the history's database does not answer.
    """
    if given is None:
        found = tuple(one for one in load_recorded(settings.state.baselines) if one.driver == Driver.BENCH)
        return Against("the recorded baselines", found, "a baseline of the runner's yet", f"{RECORD} records them")
    path = Path(given)
    if path.is_file():
        cure = f"{RECORD} --out FILE writes such a file"
        return Against(str(path), load_recorded(path, unknown_too=True), f"a baseline in {path}", cure)
    commit = revision(given)
    if commit is None:
        raise ConfigurationError(f"--against {given}: {_tried(path)}; give a baseline file, a git revision, or live")
    return _of_revision(settings, given, commit, asked)


def _of_revision(settings: Settings, given: str, commit: str, asked: Wanted) -> Against:
    short = commit[:_SHOWN_DIGITS]
    name = f"revision {short}" if commit.startswith(given) else f"revision {short} ({given})"
    return Against(
        words=f"the runs of {name} in the history",
        baselines=baselines_of(settings, commit),
        wanted=f"clean runs of {name} in the history",
        cure=_measured(short, asked, is_here=commit == revision("HEAD")),
        is_renewable=False,
    )


def _measured(short: str, asked: Wanted, *, is_here: bool) -> str:
    """How a revision comes to runs; those of a changed working tree would not be its own."""
    same = {"operation": asked.pattern, "backend": asked.backend}
    run, both = command("run", **same, target=asked.target), f"{command('compare', **same)} --ab {short}"
    if not is_here:
        return f"measure both in turn now: {both} HEAD; or check it out and run it there: git checkout {short}, {run}"
    if provenance.revision(Path.cwd()).endswith(DIRTY):
        return f"it is checked out with changes; measure it and them in turn now: {both} ."
    return f"it is checked out; measure it: {run}"


def _tried(path: Path) -> str:
    """Why neither a file nor a revision was found."""
    file = "a folder, not a file" if path.is_dir() else "no such file"
    return f"{file}, and no such revision" if revision("HEAD") else f"{file}, and no git repository with commits to look in"


def revision(name: str) -> str | None:
    """The commit that git knows by that name in this folder, all its digits; None where it knows none."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the name is an argument, not shell text
            command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
