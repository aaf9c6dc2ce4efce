from dataclasses import replace

import compared
import pytest

from steadyline.cli.verdicts.outcome import ending


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        pytest.param(
            compared.compared(compared.OK), "Exit code 0: nothing is at warning or worse, and nothing is open.", id="pass"
        ),
        pytest.param(
            compared.compared(compared.CRITICAL), "Exit code 1: sql.critical is at warning or worse (--fail-on).", id="one"
        ),
        pytest.param(
            compared.compared(*(compared.run_results.row(f"sql.x{number}", 1.6 + number / 100) for number in range(5))),
            "Exit code 1: sql.x4, sql.x3, sql.x2 and 2 more are at warning or worse (--fail-on).",
            id="many",
        ),
        pytest.param(
            compared.compared(compared.FEW),
            "Exit code 3: sql.few is not settled or without data, which is no pass.",
            id="open",
        ),
        pytest.param(
            compared.compared(compared.OK, unreachable=("s3: away",)), "Exit code 4: 1 target did not answer.", id="no answer"
        ),
        pytest.param(
            compared.compared(compared.OK, exit_code=130), "Exit code 130: a signal ended it early.", id="ended early"
        ),
        pytest.param(replace(compared.compared(compared.OK), exit_code=None), "", id="an older file"),
    ],
)
def test_exit_code_in_words(found, sentence):
    """The exit code has its reason in words."""
    assert ending(found) == sentence
