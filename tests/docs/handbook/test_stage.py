"""A page as it stands on the site: the same text, with each link led to where its file stands there."""

from pathlib import Path

import pytest

from docs.handbook import places, stage

PAGES = {
    "README.md": "# Home\n",
    "ARCHITECTURE.md": "# Architecture\n",
    "docs/compose.md": "# Compose\n",
    "docs/adr/README.md": "# Decisions\n",
    "docs/adr/0001-own.md": "# 1\n",
    "examples/own/README.md": "# Own\n\n[workflow](../../deploy/ci.yml)\n",
    "deploy/ci.yml": "on: push\n",
    "deploy/empty/one.txt": "",
    ".env.example": "A=1\n",
}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of these files alone."""
    root = tmp_path.resolve()
    for path, text in PAGES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    monkeypatch.setattr(places, "ROOT", root)
    monkeypatch.setattr(places, "DOCS", root / "docs")
    monkeypatch.setattr(stage, "ROOT", root)
    return root


@pytest.mark.parametrize(
    ("page", "written", "staged"),
    [
        ("README.md", "[a](docs/compose.md#b)", "[a](compose.md#b)"),
        ("README.md", "[a](ARCHITECTURE.md)", "[a](architecture.md)"),
        ("docs/compose.md", "[a](../README.md#b)", "[a](index.md#b)"),
        ("docs/compose.md", "[a](../.env.example)", "[a](env.example)"),
        ("docs/compose.md", "[a](../examples/own/README.md)", "[a](examples/own/README.md)"),
        (
            "docs/adr/0001-own.md",
            "[a](../../ARCHITECTURE.md), [b](../compose.md)",
            "[a](../architecture.md), [b](../compose.md)",
        ),
        ("docs/adr/README.md", "[1](0001-own.md)", "[1](0001-own.md)"),
        ("examples/own/README.md", "![a](../../docs/picture.svg)", "![a](../../picture.svg)"),
        ("README.md", "[a](examples/own)", "[a](examples/own/README.md)"),
        ("README.md", "see [a folder](deploy/empty).", "see a folder."),
        (
            "README.md",
            "[a](https://host.example/docs/compose.md) [b](#c)",
            "[a](https://host.example/docs/compose.md) [b](#c)",
        ),
        ("README.md", "[a](docs/nowhere.md)", "[a](nowhere.md)"),
        ("README.md", "```\n[a](docs/compose.md)\n```", "```\n[a](docs/compose.md)\n```"),
    ],
)
def test_links(repository, page, written, staged):
    """Of a page anywhere, to anything: pages, files, hidden ones, folders with a page and without; code stays as it is."""
    (repository / page).write_text(written)
    assert stage.page(repository / page, places.place(repository / page)) == staged


def test_what_pages_link_to_is_there(repository):
    """A file that a page links to stands on the site, and so does what a page links to that was linked to."""
    (repository / "docs/compose.md").write_text("[own](../examples/own/README.md)")
    assert {"index.md", "architecture.md", "compose.md", "examples/own/README.md", "deploy/ci.yml"} <= set(places.files())


@pytest.mark.usefixtures("repository")
def test_what_none_links_to_is_not_there():
    """The site holds pages, and no other file of the repository."""
    assert "deploy/empty/one.txt" not in places.files()


def test_the_handbooks_own_first_page(repository):
    """Where docs/index.md is written, it is the first page, and what links to the README means it."""
    (repository / "docs/index.md").write_text("# Handbook")
    stage.stage(repository / "staged")
    assert (repository / "staged/index.md").read_text() == "# Handbook"


def test_anew(repository):
    """What an earlier staging left, a page that is no more, is gone."""
    for _ in range(2):
        stage.stage(repository / "staged")
        (repository / "docs/compose.md").unlink(missing_ok=True)
    assert not Path(repository / "staged/compose.md").exists()
