import json
from pathlib import Path

import compared

from steadyline.cli import run_result
from steadyline.cli.verdicts import document
from steadyline.severity import Severity


def test_report_reads_what_is_written():
    """All that a format shows is in the document: read again it is the same."""
    found = compared.compared(
        *compared.EVERY,
        fail_on=Severity.CRITICAL,
        judging={"forced": ("--other-host: x",), "against_hosts": ("PDP-11",), "against_revisions": ("abc",), "again": 3},
        unreachable=("s3: away",),
    )
    assert run_result.read(document.write(found), Path("x")) == found


def test_outcome_in_words():
    """A program need not put the outcome together itself."""
    found = json.loads(document.write(compared.compared(compared.OK)))
    assert found["outcome"] == {
        "tone": "quiet",
        "words": "As fast as it was",
        "exit": "Exit code 0: nothing is at warning or worse, and nothing is open.",
    }
