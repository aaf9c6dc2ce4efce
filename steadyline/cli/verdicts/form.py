"""The formats that verdicts are written in; one module each, listed here."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from steadyline.cli import run_result
from steadyline.cli.run_result import Results


class Form(StrEnum):
    """How results are written."""

    TEXT = "text"
    JSON = "json"


WRITERS: Mapping[Form, Callable[[Results], str]] = {Form.JSON: run_result.text}
"""Each format that a program reads; text is drawn for a terminal."""
