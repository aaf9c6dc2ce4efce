"""What the exporter's log does not say."""

import logging

import pytest

from exporters.exporter import Exporter
from exporters.lines import Lines
from steadyline.errors import ConfigurationError

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("connecting to postgresql://me:{}@far/db failed", id="authority"),
        pytest.param("postgresql://far/db?user=me&password={}", id="parameter"),
        pytest.param("host=far password={} dbname=db", id="keyword"),
    ],
)
def test_line_of_an_unknown_target(said: str) -> None:
    """A line and its traceback are without the secret of a URL, though no target is known yet."""
    text = said.format(CANARY)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "%s", (text,), (RuntimeError, RuntimeError(text), None))
    shown = Lines(str).format(record)
    assert CANARY not in shown
    assert "RuntimeError" in shown


def test_check_with_a_bug(house, caplog) -> None:
    """An unexpected exception of a target's first check is told with its traceback and without the password."""
    house.far["sql"].check_raises = RuntimeError(f"the bare word {house.secret}")
    exporter = Exporter(house.plan)
    exporter.open()
    exporter.close()
    assert "sql target main: its check raised; trying on\nTraceback" in caplog.text
    assert "RuntimeError: the bare word ***" in caplog.text
    assert house.secret not in caplog.text


def test_refused_check(house) -> None:
    """A fault that a target's first check finds in the settings is told without the password."""
    house.far["sql"].check_raises = ConfigurationError(f"targets.main.url: {house.secret} is no password")
    with pytest.raises(ConfigurationError) as caught:
        Exporter(house.plan).open()
    assert caught.value.faults == ["targets.main.url: *** is no password"]
