"""When `regress` made an operation slow on purpose: noted as JSON lines, so that no such run becomes a baseline."""

import json
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from alerts.record.baseline import Slowed
from steadyline.errors import ConfigurationError

_SPAN = TypeAdapter(Slowed)


def note(path: Path, span: Slowed) -> None:
    """Add a span.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(span)) + "\n")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None


def noted(path: Path) -> list[Slowed]:
    """The spans noted so far; none where there is no file, and a torn line is passed over.

    A span is noted when it begins, with the end that it should have, and again with the end that it had: the last counts.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    found = {(span.operation, span.target, span.start): span for span in map(_span, lines) if span}
    return list(found.values())


def _span(line: str) -> Slowed | None:
    try:
        return _SPAN.validate_json(line, strict=True)
    except ValueError:
        return None
