"""The sources of a git revision: the working tree itself, or a temporary `git worktree` that is gone afterwards.

A worktree shares the checkout's objects, so that nothing is copied but the files; no branch, index or hook is touched.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.native.interruption import Interruption
from steadyline.errors import ConfigurationError

WORKING_TREE = "."
"""In place of a revision: the files as they are."""
_TARGETS = "targets"
_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_GIT_SECONDS = 120.0
_OF_ANOTHER = "GIT_"
"""Variables that begin so would send git to another checkout, as they do within a hook."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of a checkout.

    Attributes:
        checkout: its folder.
        said: as the user named it.
        commit: its full name; None of the working tree.
    """

    checkout: Path
    said: str
    commit: str | None

    @property
    def shown(self) -> str:
        """For people: as it was named, and which commit that is."""
        return f"{self.said} ({self.commit[:12]})" if self.commit else "the working tree"


def revision(said: str, folder: Path) -> Revision:
    """The revision of the checkout that a folder is in.

    Args:
        said: anything that git takes for a commit, or `.`.
        folder: somewhere in the checkout.

    Raises:
        ConfigurationError: the folder is in no checkout of ours, or it has no such revision.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top.returncode:
        raise ConfigurationError(
            f"{said}: {folder} is not in a git checkout, so it has no revisions; go to a checkout of steadyline, or give URLs"
        )
    checkout = Path(top.stdout.strip())
    if said == WORKING_TREE:
        commit, holds = None, (checkout / _TARGETS).is_dir()
    else:
        found = _git(checkout, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{said}^{{commit}}")
        commit = found.stdout.strip()
        if found.returncode:
            raise ConfigurationError(f"{said}: no such revision in {checkout}; git log shows them, and git fetch gets more")
        holds = _git(checkout, "cat-file", "-e", f"{commit}:{_TARGETS}").returncode == 0
    if not holds:
        raise ConfigurationError(f"{said}: no embedded targets there ({checkout} has no {_TARGETS}/); give URLs instead")
    return Revision(checkout, said, commit)


@contextmanager
def sources(wanted: Revision, folder: Path, runs: Path, asked: Interruption) -> Iterator[Path]:
    """The folder with its files; a worktree is removed in any case.

    Args:
        wanted: of which revision.
        folder: where a worktree is made; not there yet.
        runs: under which such folders lie; what git still lists of those that are gone, it forgets.
        asked: holds a request to stop back while git makes the worktree: half of one could not be removed.

    Raises:
        ConfigurationError: git cannot make it.
    """
    if wanted.commit is None:
        yield wanted.checkout
        return
    _remove_left(wanted.checkout, runs.resolve())
    try:
        with asked.held():
            made = _git(wanted.checkout, *_NO_HOOKS, "worktree", "add", "--detach", str(folder), wanted.commit)
        if made.returncode:
            why = (made.stderr.strip().splitlines() or ["it does not say why"])[-1]
            raise ConfigurationError(f"{wanted.shown}: git worktree add: {why}")
        yield folder
    finally:
        _remove(wanted.checkout, folder)


def _remove(checkout: Path, folder: Path) -> None:
    _git(checkout, "worktree", "remove", "--force", "--force", str(folder))
    shutil.rmtree(folder, ignore_errors=True)


def _remove_left(checkout: Path, runs: Path) -> None:
    """Those of processes that were killed: their folders went when the next one began (`own_targets.own_folder`)."""
    listed = _git(checkout, "worktree", "list", "--porcelain").stdout.splitlines()
    for place in [Path(line.removeprefix("worktree ")) for line in listed if line.startswith("worktree ")]:
        if place.is_relative_to(runs) and not place.exists():
            _git(checkout, "worktree", "remove", "--force", "--force", str(place))


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run git in a session of its own: a Ctrl-C is for us, who clean up by git."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OF_ANOTHER)}
    try:
        return subprocess.run(  # noqa: S603 - a fixed program; what the user named is an argument, not shell text
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - git from PATH, as everywhere
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
            env=environment,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise ConfigurationError("git: not found; install it, or give URLs") from None
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"git {arguments[0]}: no end within {_GIT_SECONDS:g} s in {folder}") from None
