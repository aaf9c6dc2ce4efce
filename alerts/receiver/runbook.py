"""The runbook as a page, so that the link in an alert opens on a machine that has nothing but the stack."""

from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_HERE = Path(__file__)
_PLACES = (_HERE.with_name("runbook.md"), _HERE.parents[2] / "docs" / "runbook.md")
"""In a wheel it lies beside this module, in a checkout with the other documents."""
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em}table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.3em .6em}"
    ":target{background:#fc06}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}"
)


def source() -> str:
    """The runbook's Markdown."""
    return next(place for place in _PLACES if place.exists()).read_text(encoding="utf-8")


@cache
def page() -> str:
    """The runbook as HTML; each heading's id is its text in small letters, which is what the alerts link to."""
    markdown = MarkdownIt("commonmark").enable("table")
    markdown.add_render_rule("heading_open", _heading)
    title = "<title>Steadyline runbook</title>"
    return f'<!doctype html><meta charset="utf-8">{title}<style>{_STYLE}</style>{markdown.render(source())}'


def _heading(renderer: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    tokens[index].attrSet("id", tokens[index + 1].content.lower().replace(" ", "-"))
    return renderer.renderToken(tokens, index, options, env)
