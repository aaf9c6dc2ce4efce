"""The verdicts as JUnit's XML, which every CI system reads: a test case an operation.

A regression at or above `--fail-on` is a failure; what is open or did not answer is an error, for it is no pass; what was left
out is skipped. So a reader of the file and the exit code come to the same.
"""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import Row
from steadyline.cli.verdicts import about, words
from steadyline.cli.verdicts.outcome import ending, outcome
from steadyline.severity import Severity

SUITE = "steadyline"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold, escaped or not."""


def write(results: Results) -> str:
    """The document."""
    fail_on = results.judging.fail_on if results.judging else Severity.WARNING
    suite = Element("testsuite", name=SUITE, timestamp=_clean(results.made.started), hostname=_clean(results.made.host))
    for name, value in _properties(results).items():
        SubElement(_under(suite, "properties"), "property", name=name, value=_clean(value))
    for row in results.rows:
        _case(suite, row, fail_on)
    for sentence in results.unreachable:
        case = SubElement(suite, "testcase", classname=SUITE, name="a target answers")
        SubElement(case, "error", type="UNREACHABLE", message=_clean(sentence))
    for one in results.left_out:
        case = SubElement(suite, "testcase", classname=_clean(one.target), name=_clean(one.operation))
        SubElement(case, "skipped", message=_clean(one.why))
    _text(suite, "system-out", "\n".join((outcome(results)[1], *about.lines(results), ending(results))))
    for count, kind in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f".//{kind}"))))
    root = Element("testsuites", name=SUITE)
    root.append(suite)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False).join(('<?xml version="1.0" encoding="UTF-8"?>\n', "\n"))


def _case(suite: Element, row: Row, fail_on: Severity) -> None:
    seconds = f"{row.mean or 0:.6f}"
    case = SubElement(suite, "testcase", classname=_clean(row.target), name=_clean(row.operation), time=seconds)
    if row.fails(fail_on):
        SubElement(case, "failure", type=words.verdict(row), message=_clean(words.reason(row))).text = _clean(
            words.sentence(row)
        )
    elif row.is_open:
        SubElement(case, "error", type=words.verdict(row), message=_clean(words.reason(row))).text = _clean(
            words.sentence(row)
        )
    else:
        _text(case, "system-out", words.sentence(row))


def _under(parent: Element, name: str) -> Element:
    found = parent.find(name)
    return SubElement(parent, name) if found is None else found


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _properties(results: Results) -> dict[str, str]:
    made = results.made
    plain = {"revision": made.revision, "host": made.host, "seed": made.seed, "rounds": made.rounds, "command": made.command}
    return {name: str(value) for name, value in plain.items() if value not in (None, "")}


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
