"""The journal of what was slowed on purpose."""

from pathlib import Path

import pytest

from alerts.record import slowed
from alerts.record.baseline import Slowed
from steadyline.errors import ConfigurationError


def test_the_last_note_of_a_span_counts(tmp_path: Path) -> None:
    """It is noted with its planned end, then with its own; another span stays apart."""
    path = tmp_path / "new" / "regressions.jsonl"
    for end in (280.0, 130.0):
        slowed.note(path, Slowed("trace.item_create", "embedded", 100.0, end))
    slowed.note(path, Slowed("trace.item_create", "embedded", 500.0, 680.0))
    assert [span.end for span in slowed.noted(path)] == [130.0, 680.0]


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    """A killed process costs its own line only."""
    path = tmp_path / "regressions.jsonl"
    slowed.note(path, Slowed("trace.item_create", "embedded", 100.0, 130.0))
    path.write_text(path.read_text() + '{"operation": "tra\n[]\n{}\n')
    assert len(slowed.noted(path)) == 1


def test_no_file_is_no_span(tmp_path: Path) -> None:
    """Nothing was slowed yet."""
    assert slowed.noted(tmp_path / "regressions.jsonl") == []


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    """The path and the reason, no traceback."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        slowed.noted(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        slowed.note(tmp_path, Slowed("trace.item_create", "embedded", 100.0, 130.0))
