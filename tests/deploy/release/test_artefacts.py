"""Wheel and sdist of a commit."""

import re
import subprocess
import zipfile

import pytest

from deploy.release import artefacts
from steadyline.errors import ConfigurationError

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "small"
version = "1.0"
[tool.hatch.build.targets.wheel]
packages = ["small"]
[tool.hatch.build.targets.wheel.force-include]
"page.md" = "small/page.md"
"""
EPOCH = 1_700_000_000


@pytest.fixture
def checkout(tmp_path):
    """A small project, committed, beside a file that is not."""
    root = tmp_path / "checkout"
    (root / "small").mkdir(parents=True)
    for name, text in {"pyproject.toml": PROJECT, "page.md": "#", "small/__init__.py": "", "small/data.toml": ""}.items():
        (root / name).write_text(text)
    who = ["-c", "user.name=a", "-c", "user.email=a@host.example"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", root, *words], check=True)
    (root / "small/secret.key").write_text("of this machine")
    return root


def wheel(made):
    """The wheel among the artefacts."""
    return next(path for path in made if path.suffix == ".whl")


def test_the_same_bytes(checkout, tmp_path):
    """Two builds of a commit are alike, and have only what is committed."""
    first, second = (artefacts.build(checkout, "HEAD", tmp_path / name, EPOCH) for name in ("a", "b"))
    assert artefacts.unlike(first, second) == []
    assert [path.suffix for path in first] == [".whl", ".gz"]
    assert "small/secret.key" not in zipfile.ZipFile(wheel(first)).namelist()


def test_another_time_is_told(checkout, tmp_path):
    """What differs between two builds is named."""
    first, second = (artefacts.build(checkout, "HEAD", tmp_path / str(epoch), epoch) for epoch in (EPOCH, EPOCH + 1000))
    assert wheel(first).name in artefacts.unlike(first, second)


def test_complete(checkout, tmp_path):
    """A wheel with every committed file of its packages, and those put in beside, lacks nothing."""
    assert list(artefacts.missing(checkout, "HEAD", wheel(artefacts.build(checkout, "HEAD", tmp_path / "a", EPOCH)))) == []


def test_what_is_missing_and_what_is_too_much(checkout, tmp_path):
    """Both are told by name."""
    wrong = tmp_path / "small.whl"
    with zipfile.ZipFile(wrong, "w") as archive:
        for name in ("small/__init__.py", "small/page.md", "small/left.pyc", "small-1.0.dist-info/RECORD"):
            archive.writestr(name, "")
    assert list(artefacts.missing(checkout, "HEAD", wrong)) == [
        "small.whl: lacks small/data.toml",
        "small.whl: has small/left.pyc, which is not committed",
    ]


def test_what_does_not_build(checkout, tmp_path):
    """A project that the builder refuses is told in one message."""
    (checkout / "pyproject.toml").write_text(PROJECT.replace('"1.0"', '"one"'))
    who = ["-c", "user.name=a", "-c", "user.email=a@host.example"]
    subprocess.run(["git", "-C", checkout, *who, "commit", "-qam", "two"], check=True)
    with pytest.raises(ConfigurationError, match="release: it does not build"):
        artefacts.build(checkout, "HEAD", tmp_path / "a", EPOCH)


def test_sums(tmp_path):
    """They are as sha256sum checks them."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    text = artefacts.sums([tmp_path / "b", tmp_path / "a"])
    assert re.findall(r"^[0-9a-f]{64}  (\w)$", text, re.MULTILINE) == ["a", "b"]
    subprocess.run(["sha256sum", "--check", "--status"], input=text, text=True, cwd=tmp_path, check=True)
