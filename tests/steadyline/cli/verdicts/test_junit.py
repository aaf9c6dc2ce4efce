from xml.etree import ElementTree as ET

import compared
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadyline.cli.verdicts import junit
from steadyline.severity import Severity

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
"""Control characters and lone surrogates among it, which no XML may hold."""


def parsed(found):
    """The suite in a document that is well-formed."""
    (suite,) = ET.fromstring(junit.write(found).encode())
    return suite


def cases(suite, kind):
    """Names of the test cases that have such a child."""
    return {case.get("name") for case in suite.findall("testcase") if case.find(kind) is not None}


def test_one_case_an_operation():
    """A regression is a failure, what is open an error, what was left out skipped; the suite counts them."""
    suite = parsed(compared.compared(*compared.EVERY))
    assert cases(suite, "failure") == {"sql.critical", "sql.failing"}
    assert cases(suite, "error") == {"sql.suspect", "sql.bound", "sql.few"}
    counted = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": len(compared.EVERY), "failures": 2, "errors": 3, "skipped": 0}


def test_target_that_does_not_answer():
    """It is an error of its own, for the exit code is no pass."""
    suite = parsed(compared.compared(compared.OK, unreachable=("s3: away",)))
    assert cases(suite, "error") == {"a target answers"}


@pytest.mark.parametrize("fail_on", [Severity.CRITICAL, Severity.WARNING, Severity.INFO])
@pytest.mark.parametrize("row", compared.EVERY, ids=lambda row: row["operation"])
def test_agrees_with_the_exit_code(row, fail_on):
    """Whoever reads the file comes to what the exit code says."""
    found = compared.compared(row, fail_on=fail_on)
    suite = parsed(found)
    assert {0: (0, 0), 1: (1, 0), 3: (0, 1)}[found.exit_code] == (int(suite.get("failures")), int(suite.get("errors")))


@given(text=ANY_TEXT)
def test_any_text_is_well_formed(text):
    """Whatever a name, a cause or a host holds, the document is XML, and what XML may hold is unchanged."""
    found = compared.named(compared.compared(compared.FAILING, unreachable=(text,)), operation=text, target=text, detail=text)
    suite = parsed(found)
    kept = "".join(
        one for one in text if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff"
    )
    assert suite.find("testcase").get("name").replace("\ufffd", "") == kept.replace("\ufffd", "")
