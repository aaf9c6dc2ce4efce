"""Why a criterion had no data."""

import pytest

from load.missing import why
from steadyline.criterion import parse

READ = "trace.item_read"
STEADY_SECONDS = 20.0


@pytest.mark.parametrize(
    ("text", "steady_seconds", "is_open", "told"),
    [
        ("* drops <= 0/s", STEADY_SECONDS, False, "only the open model has it (--arrival-rate)"),
        (
            f"{READ} response p95 < 1s",
            STEADY_SECONDS,
            False,
            "only the open model has it (--arrival-rate), and S3User, VastUser and SqlUser",
        ),
        (
            "trace.item_red response p95 < 1s",
            STEADY_SECONDS,
            False,
            f"nothing of that name was asked; did you mean {READ}?",
        ),
        ("else p95 < 1s", STEADY_SECONDS, True, "nothing of that name was asked"),
        (f"{READ} p95 < 1s", 0.0, False, "the run was never steady: not all users were there"),
        (f"{READ} p95 < 1s for 30s", STEADY_SECONDS, False, "the steady phase, 20 s, was shorter than its window"),
        (f"{READ} p95 < 1s for 10s", STEADY_SECONDS, False, "nothing succeeded in a window"),
        ("* p95 < 1s", STEADY_SECONDS, False, "nothing succeeded in the steady phase"),
    ],
)
def test_what_was_missing(text, steady_seconds, is_open, told):
    """In the order in which it would have to be mended."""
    assert why(parse(text), {READ}, steady_seconds, is_open=is_open) == told
