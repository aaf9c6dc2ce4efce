"""What is said of a setting that its kind refuses: how to write it, in words of the file and not of the checker."""

from collections.abc import Mapping
from typing import Any

_WHOLE, _NUMBER, _TRUTH = "write a whole number", "write a number", "write true or false"
_TEXT, _TABLE, _LIST = (
    "write text, in quotes",
    "write a table, of names with a value each",
    'write a list, such as ["one", "two"]',
)
_CURES: Mapping[str, str] = {
    "missing": "is missing; say it",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "string_type": _TEXT,
    "path_type": "write a path, in quotes",
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "tuple_type": _LIST,
    "string_too_short": "must not be empty",
    "greater_than": "write a number above {gt}",
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
}
"""By pydantic's name of the fault."""


def cure(fault: Any) -> str:
    """How to write it; what a check of ours raised says so itself.

    Args:
        fault: one of pydantic's `ValidationError.errors()`.
    """
    known = _CURES.get(fault["type"])
    return known.format(**fault.get("ctx", {})) if known else str(fault["msg"]).removeprefix("Value error, ")
