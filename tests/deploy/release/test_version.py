"""Whether the version is the same wherever it stands."""

import subprocess

import pytest

from deploy.release.version import Stated, head, stated

RIGHT = {"version": "1.2.0", "head": "1.2.0", "dated": True, "tags": ("v1.2.0",), "changed": (), "commit": "c", "epoch": 1}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, []),
        ({"head": "Unreleased"}, ["CHANGELOG.md: its head is Unreleased: write ## 1.2.0 - YYYY-MM-DD"]),
        ({"head": ""}, ["CHANGELOG.md: its head is missing: write ## 1.2.0 - YYYY-MM-DD"]),
        ({"dated": False}, ["CHANGELOG.md: 1.2.0 has no day: write ## 1.2.0 - YYYY-MM-DD"]),
        ({"tags": ("v1.1.0",)}, ["git: this commit has no tag v1.2.0: git tag --sign v1.2.0"]),
        ({"changed": ("a", "b")}, ["git: not committed: a, b"]),
        ({"changed": tuple("abcdef")}, ["git: not committed: a, b, c, d, e …"]),
    ],
)
def test_faults(other, told):
    """Each thing that differs is told, with what to do."""
    assert list(Stated(**RIGHT | other).faults()) == told


def test_faults_are_told_together():
    """All at once."""
    assert len(list(Stated(**RIGHT | {"head": "", "tags": (), "changed": ("a",)}).faults())) == 3


@pytest.mark.parametrize(
    ("changelog", "found"),
    [
        ("# Changelog\n\n## Unreleased\n\n## 1.0.0 - 2026-01-01\n", ("Unreleased", False)),
        ("# Changelog\n\n## [1.0.0] - 2026-01-01\n\n### Added\n", ("1.0.0", True)),
        ("# Changelog\n\n## 1.0.0\n", ("1.0.0", False)),
        ("# Changelog\n", ("", False)),
    ],
)
def test_head(changelog, found):
    """The first heading of a version, and whether it has a day."""
    assert head(changelog) == found


def test_a_checkout(tmp_path):
    """A tagged commit with all in it has no fault; a file that was written since is one."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0 - 2026-11-27\n")
    who = ["-c", "user.name=a", "-c", "user.email=a@host.example"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "one"], ["tag", "v1.2.0"]):
        subprocess.run(["git", "-C", tmp_path, *words], check=True)
    assert list(stated(tmp_path).faults()) == []
    (tmp_path / "new.txt").write_text("")
    assert list(stated(tmp_path).faults()) == ["git: not committed: new.txt"]
