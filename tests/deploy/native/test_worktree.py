"""A revision's sources in a git worktree, that is gone afterwards whatever happens."""

import os
import shutil
import signal
import subprocess

import pytest

from deploy.native import worktree
from deploy.native.interruption import Interruption, interruptible
from steadyline.errors import ConfigurationError

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.com")


def git(folder, *arguments):
    """What git prints."""
    done = subprocess.run(["git", "-C", folder, *AUTHOR, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    """One with two commits, whose targets say which, and a hook that would be noticed."""
    folder = tmp_path / "checkout"
    (folder / "targets").mkdir(parents=True)
    git(tmp_path, "init", "--quiet", "--initial-branch=main", folder)
    for text in ("old", "new"):
        (folder / "targets/who.txt").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", text)
    hook = folder / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    hook.chmod(0o755)
    return folder


@pytest.fixture
def asked():
    """Nobody asks to stop."""
    return Interruption(lambda: None)


def worktrees(checkout):
    """How many git lists."""
    return git(checkout, "worktree", "list").count("\n") + 1


def test_files(checkout, tmp_path, asked):
    """The revision's files are there meanwhile, no hook has run, and afterwards neither they nor git's note of them are."""
    runs = tmp_path / "runs"
    with worktree.sources(worktree.revision("HEAD~1", checkout / "targets"), runs / "x/A", runs, asked) as folder:
        assert (folder / "targets/who.txt").read_text() == "old"
        assert not (folder / "hooked").exists()
        assert worktrees(checkout) == 2
    assert not folder.exists()
    assert (worktrees(checkout), git(checkout, "status", "--porcelain")) == (1, "")


def test_working_tree(checkout, tmp_path, asked):
    """`.` is the files as they are, uncommitted ones too, and nothing is made of it."""
    (checkout / "targets/who.txt").write_text("newest")
    found = worktree.revision(".", checkout)
    with worktree.sources(found, tmp_path / "x/A", tmp_path, asked) as folder:
        assert (folder / "targets/who.txt").read_text() == "newest"
        assert worktrees(checkout) == 1
    assert checkout.exists()
    assert found.shown == "the working tree"


def test_failure_meanwhile(checkout, tmp_path, asked):
    """What fails meanwhile leaves nothing behind, also where a file was being changed."""
    with (
        pytest.raises(ZeroDivisionError),
        worktree.sources(worktree.revision("main", checkout), tmp_path / "x/A", tmp_path, asked) as folder,
    ):
        (folder / "targets/who.txt").write_text(str(1 / len(list(folder.glob("none")))))
    assert (worktrees(checkout), folder.exists()) == (1, False)


def test_asked_to_stop_while_git_works(checkout, tmp_path, monkeypatch):
    """The request waits until git is done, so that what it made can be removed."""
    really = subprocess.run

    def interrupted(command, **facts):
        if "add" in command:
            os.kill(os.getpid(), signal.SIGTERM)
        return really(command, **facts)

    found = worktree.revision("main", checkout)
    monkeypatch.setattr(subprocess, "run", interrupted)
    with (
        interruptible() as asked,
        pytest.raises(KeyboardInterrupt),
        worktree.sources(found, tmp_path / "x/A", tmp_path, asked),
    ):
        pytest.fail("it went on")
    monkeypatch.undo()
    assert (worktrees(checkout), (tmp_path / "x/A").exists()) == (1, False)


def test_left_by_a_killed_process(checkout, tmp_path, asked):
    """What git still lists of a process that was killed goes with the next one; a folder that is there stays."""
    runs = tmp_path / "runs"
    for name in ("killed", "living"):
        git(checkout, "worktree", "add", "--detach", runs / name / "A", "HEAD")
    git(checkout, "worktree", "add", "--detach", tmp_path / "users", "HEAD")
    shutil.rmtree(runs / "killed")
    shutil.rmtree(tmp_path / "users")
    with worktree.sources(worktree.revision("main", checkout), runs / "x/A", runs, asked):
        pass
    assert worktrees(checkout) == 3
    assert (runs / "living/A").exists()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no-such", "no-such: no such revision in "),
        ("--help", "--help: no such revision in "),
        ("HEAD:targets", "HEAD:targets: no such revision in "),
    ],
)
def test_no_such_revision(checkout, said, told):
    """What is no commit is said so, and nothing of it is taken for an option."""
    with pytest.raises(ConfigurationError, match=f"^{told}"):
        worktree.revision(said, checkout)


def test_no_checkout(tmp_path):
    """Outside of a checkout there are no revisions."""
    with pytest.raises(ConfigurationError, match=r"^main: .* is not in a git checkout, so it has no revisions"):
        worktree.revision("main", tmp_path)


@pytest.mark.parametrize("said", ["HEAD", "."])
def test_no_targets(checkout, said):
    """A checkout of something else has nothing to serve."""
    git(checkout, "rm", "--quiet", "-r", "targets")
    git(checkout, "commit", "--quiet", "--message", "none")
    with pytest.raises(ConfigurationError, match="no embedded targets there"):
        worktree.revision(said, checkout)


def test_folder_that_git_cannot_make(checkout, tmp_path, asked):
    """Git's own last line is the message."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfigurationError, match=r"^main \([0-9a-f]{12}\): git worktree add: fatal: "),
        worktree.sources(worktree.revision("main", checkout), tmp_path / "file/A", tmp_path, asked),
    ):
        pytest.fail("it went on")
