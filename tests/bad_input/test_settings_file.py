"""The settings file as a file: its place, its encoding, its syntax."""

import pytest
from bad_input import HERE, Case, Place, check

NAME = "steadyline.toml"
SAVE = "save it as UTF-8"


def file(content, says):
    """A settings file, and what is said of it."""
    return Case(f"{NAME}: {says}", files={NAME: content})


def named(path, says):
    """A settings file that is named by the variable."""
    return Case(says, environ={"STEADYLINE_CONFIG": path})


CASES = {
    "named and missing": named("nowhere.toml", "nowhere.toml: no such file; STEADYLINE_CONFIG names it"),
    "named and a folder": named(HERE, f"{HERE}: cannot be read: Is a directory"),
    "named below a file": named(f"{NAME}/x", f"{NAME}/x: no such file; STEADYLINE_CONFIG names it"),
    "named and without end": named("/dev/zero", "/dev/zero: is larger than 1 MiB; name another file"),
    "a folder": file(None, "cannot be read: Is a directory"),
    "larger than settings are": file(b"#" * (1024 * 1024 + 1), "is larger than 1 MiB; name another file"),
    "UTF-16": file("embedded = true".encode("utf-16"), f"not UTF-8 (byte 0); {SAVE}"),
    "Latin 1": file(b"state_dir = '\xe9'\n", f"not UTF-8 (byte 13); {SAVE}"),
    "a program": file(b"\x7fELF\2\1\1\0\0\0\xff\xfe", f"not UTF-8 (byte 10); {SAVE}"),
    "NUL in a text": file(b"state_dir = '\0'\n", r"not TOML: Found invalid character '\x00' (at line 1, column 14)"),
    "NUL after a value": file(
        b"embedded = true\0\n", "not TOML: Expected newline or end of document after a statement (at line 1, column 16)"
    ),
    "NUL alone": file(b"\0", "not TOML: Invalid statement (at line 1, column 1)"),
    "nested too deeply": file("a = " + "[" * 5000 + "]" * 5000, "not TOML: nested too deeply"),
    "tables nested too deeply": file("a = " + "{a=" * 5000 + "1" + "}" * 5000, "not TOML: nested too deeply"),
    "endless number": file("a = " + "9" * 5000, "a number has thousands of digits"),
    "JSON": file('{"state_dir": "x"}', "not TOML: Invalid statement (at line 1, column 1)"),
    "YAML": file("state_dir: x\n", "not TOML: Expected '=' after a key in a key/value pair (at line 1, column 10)"),
    "a word": file("hello", "not TOML: Expected '=' after a key in a key/value pair (at end of document)"),
    "text without its end": file('state_dir = "x\n', "not TOML: Illegal character '\\n' (at line 1, column 15)"),
    "no value": file("state_dir =", "not TOML: Invalid value (at end of document)"),
    "text without quotes": file("state_dir = x\n", "not TOML: Invalid value (at line 1, column 13)"),
    "table without its bracket": file(
        "[ports", "not TOML: Expected ']' at the end of a table declaration (at end of document)"
    ),
    "True as in Python": file("embedded = True\n", "not TOML: Invalid value (at line 1, column 12)"),
    "a day that is none": file("a = 2026-02-30\n", "not TOML: Invalid date or datetime (at line 1, column 5)"),
    "one table twice": file(
        "[ports]\ntrace = 1\n[ports]\nload = 2\n", "not TOML: Cannot declare ('ports',) twice (at line 3, column 7)"
    ),
    "one target twice": file(
        '[targets.a]\nbackend = "sql"\n[targets.a]\n', "not TOML: Cannot declare ('targets', 'a') twice (at line 3, column 11)"
    ),
    "backslashes of another system": file(
        'state_dir = "C:\\users\\x"\n', "not TOML: Invalid hex value (at line 1, column 18)"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(place: Place, case: Case) -> None:
    """The file is named, and what is wrong with it."""
    check(place, case, "operations")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbfembedded = true\n", b"# nothing\r\n"], ids=["empty", "BOM", "CRLF"])
def test_taken(place: Place, content: bytes) -> None:
    """What editors write is no mistake."""
    place.lay({NAME: content})
    assert place.run("operations", "--json").code == 0
