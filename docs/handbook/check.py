"""What is wrong with a built site: what leads nowhere, what would be fetched from elsewhere, pictures without words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src", "source": "src", "object": "data"}
_FETCHED = frozenset(_LINKS) - {"a"}
NOT_FOUND = "404.html"
"""It is shown at any path, so that its links begin at the host's top, wherever the site stands."""


@dataclass(slots=True)
class Page(HTMLParser):
    """What a page names and has.

    Attributes:
        links: each with its element.
        anchors: the ids that a link may lead to.
        unnamed: the pictures without words for who does not see them.
    """

    links: list[tuple[str, str]] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    unnamed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element says."""
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        target = found.get(_LINKS.get(tag, ""))
        if target:
            self.links.append((tag, target))
        if tag == "img" and not found.get("alt"):
            self.unnamed.append(found.get("src", ""))


def read(file: Path) -> Page:
    """A page of the site."""
    page = Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def faults(site: Path) -> Iterator[str]:
    """One line for each, with its page."""
    pages = {file: read(file) for file in sorted(site.rglob("*.html")) if file.name != NOT_FOUND}
    if not pages:
        yield f"{site.name}: there is no page"
    for file, page in pages.items():
        where = file.relative_to(site)
        yield from (f"{where}: a picture without alt text: {source}" for source in page.unnamed)
        for tag, target in page.links:
            fault = _fault(site, file, tag, target, pages)
            if fault:
                yield f"{where}: {fault}: {target}"


def _fault(site: Path, file: Path, tag: str, target: str, pages: dict[Path, Page]) -> str:
    parts = urlsplit(target)
    if parts.scheme == "data":
        return ""
    if parts.scheme or parts.netloc:
        return f"<{tag}> is fetched from elsewhere" if tag in _FETCHED else ""
    there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    there = there / "index.html" if there.is_dir() else there
    if not there.is_relative_to(site.resolve()) or not there.is_file():
        return "leads nowhere"
    if parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].anchors:
        return "no such anchor"
    return ""
