"""The formats that verdicts are written in; one module each, listed here."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from steadyline.cli.run_result import Results
from steadyline.cli.verdicts import document, github, junit, markdown


class Form(StrEnum):
    """How results are written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


WRITERS: Mapping[Form, Callable[[Results], str]] = {
    Form.MARKDOWN: markdown.write,
    Form.JSON: document.write,
    Form.JUNIT: junit.write,
    Form.GITHUB: github.write,
}
"""Each format but the text, which is drawn for a terminal (`verdicts.text`)."""
