"""What an exporter that was killed had counted and nobody had scraped: the next one counts it, once."""

from pathlib import Path

import pytest

from exporters.unscraped import RECENT_SECONDS, Unscraped
from steadyline import catalogue
from steadyline.outcome import Outcome, Reason
from steadyline.recorder import Recorder
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, Driver

OPERATION, TARGET = "sql.item_read", "embedded"
SUCCESS = Outcome(0.002, items=1, bytes_received=10, phases={"transfer": 0.001})
FAILURE = Outcome(0.5, Reason.TIMEOUT, detail="secret words")


@pytest.fixture
def begin(tmp_path):
    """`begin()` is one more exporter's, over the same file."""
    begun = []

    def beginning(at: float = 1000.0) -> tuple[Unscraped, Recorder]:
        recorder = Recorder(Driver.PROBE)
        recorder.declare(catalogue.named(OPERATION), TARGET, ())
        made = Unscraped(recorder, tmp_path / "data" / "unscraped.jsonl", lambda: at)
        begun.append(made)
        made.replay()
        return made, recorder

    yield beginning
    for made in begun:
        made.close()


def _counts(recorder):
    lines = recorder.render().decode().splitlines()
    names = (f"{OPERATION_DURATION.name}_count", OPERATION_FAILURES.name)
    return tuple(sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)) for name in names)


def test_what_was_not_scraped_is_counted_by_the_next(begin) -> None:
    """Successes and failures alike, with all that is told of them."""
    first, recorder = begin()
    first.record(OPERATION, TARGET, SUCCESS)
    first.record(OPERATION, TARGET, FAILURE)
    _, next_recorder = begin()
    assert next_recorder.render() == recorder.render()
    assert _counts(next_recorder) == (1, 1)


def test_what_was_scraped_is_not(begin) -> None:
    """It is Prometheus' already; what came after it is not."""
    first, _ = begin()
    first.record(OPERATION, TARGET, SUCCESS)
    with first.scraped():
        pass
    first.record(OPERATION, TARGET, FAILURE)
    assert _counts(begin()[1]) == (0, 1)


@pytest.mark.parametrize("later", [RECENT_SECONDS + 1, -1.0], ids=["long ago", "to come"])
def test_what_is_none_of_now_is_left_out(begin, later) -> None:
    """An exporter that starts long after, or on a clock that was set back, shows no burst."""
    begin()[0].record(OPERATION, TARGET, SUCCESS)
    assert _counts(begin(1000.0 + later)[1]) == (0, 0)


def test_a_torn_line_and_an_operation_that_is_gone_are_passed_over(begin, tmp_path) -> None:
    """The rest is counted."""
    begin()[0].record(OPERATION, TARGET, SUCCESS)
    file = tmp_path / "data" / "unscraped.jsonl"
    file.write_bytes(file.read_bytes().replace(OPERATION.encode(), b"sql.gone") + file.read_bytes() + b'[1000.0, "sql')
    assert _counts(begin()[1]) == (1, 0)


def test_no_secret_is_kept(begin, tmp_path) -> None:
    """An exception's text stays in memory."""
    begin()[0].record(OPERATION, TARGET, FAILURE)
    assert "secret" not in (tmp_path / "data" / "unscraped.jsonl").read_text()


def test_a_folder_that_cannot_be_written_costs_no_attempt(tmp_path, caplog) -> None:
    """It is said once, and everything is counted."""
    (tmp_path / "data").write_text("a file")
    recorder = Recorder(Driver.PROBE)
    recorder.declare(catalogue.named(OPERATION), TARGET, ())
    made = Unscraped(recorder, Path(tmp_path / "data" / "unscraped.jsonl"))
    assert made.replay() == 0
    made.record(OPERATION, TARGET, SUCCESS)
    assert "loses what was not scraped" in caplog.text
    assert _counts(recorder) == (1, 0)
