"""`steadyline compare` from end to end, on a target that it serves itself: what is refused, forced, written, shown again."""

import json
import subprocess
from xml.etree import ElementTree as ET

import pytest
from command_line import beginning, ended

READ, BROWSE = "sql.item_read", "sql.item_browse"


@pytest.fixture(scope="module")
def steadyline(tmp_path_factory):
    """`steadyline(*arguments)` runs it to its end in one folder: a repository with one commit, and recorded baselines."""
    folder = tmp_path_factory.mktemp("compare")
    who = ("-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "--quiet", "--allow-empty", "--message", "x"], cwd=folder, check=True)
    with beginning(folder) as begin:

        def run(*arguments, **environ):
            code, out, err = ended(begin(*arguments, **environ), 240)
            assert "Traceback" not in err, err
            return code, out, err

        run.folder = folder
        code, _, err = run("baseline", "record", "--rounds", "5", "--operation", "sql.item_[rb]*")
        assert code == 0, err
        yield run


@pytest.fixture(scope="module")
def base(steadyline):
    """`base(item_read={...})` writes base.json: what was recorded, fifty times as slow, and of some operations other facts."""

    def write(**changed):
        document = json.loads((steadyline.folder / ".steadyline/baselines.json").read_text())
        for one in document["baselines"]:
            one["value"] *= 50
            one["recorded"].update(changed.get(one["operation"].partition(".")[2], {}))
        (steadyline.folder / "base.json").write_text(json.dumps(document))
        return "base.json"

    return write


def verdicts(out):
    """Each operation's verdict in the text."""
    return {line.split()[0]: line.split()[2] for line in out.splitlines() if line.startswith("sql.")}


def test_what_differs_is_refused_or_forced(steadyline, base):
    """What was recorded for another version has a line that says so and makes no pass; forced, it is judged, and said."""
    path = base(item_read={"operation_version": "00000000"})
    code, out, err = steadyline("compare", "--against", path)
    assert code == 3, err
    assert verdicts(out) == {READ: "NO_DATA", BROWSE: "IMPROVED"}
    assert "recorded for another version of the operation (00000000; this is " in out
    assert "(--other-version" in out
    assert out.splitlines()[-1] == f"Exit code 3: {READ} is not settled or without data, which is no pass."
    code, out, err = steadyline("compare", "--against", path, "--other-version", "--format", "github", "--out", "lines.txt")
    assert code == 0, err
    assert verdicts(out) == {READ: "IMPROVED", BROWSE: "IMPROVED"}
    assert "Forced: --other-version: 1 of 2 baselines were not made as this was (sql.item_read: recorded for another" in out
    written = (steadyline.folder / "lines.txt").read_text().splitlines()
    assert [line.partition(" ")[0] for line in written] == ["::notice"] * 4


@pytest.fixture(scope="module")
def unwritten(steadyline, base):
    """A comparison whose file has no room."""
    return steadyline("compare", "--against", base(), "--operation", BROWSE, "--format", "junit", "--out", "/dev/full")


def test_no_room_for_the_file(unwritten):
    """A full disk costs the file; all is shown, and what went wrong is said."""
    code, out, err = unwritten
    assert code == 2
    assert verdicts(out) == {BROWSE: "IMPROVED"}
    assert err.splitlines()[-1] == "steadyline: /dev/full: cannot be written: No space left on device"


def test_shown_again(steadyline, unwritten):
    """`report` shows the last comparison as `compare` did, and in its other formats."""
    assert steadyline("report")[1] == unwritten[1]
    (suite,) = ET.fromstring(steadyline("report", "--format", "junit")[1])
    assert [case.get("name") for case in suite.findall("testcase") if case.find("skipped") is None] == [BROWSE]
    assert steadyline("report", "--format", "markdown")[1].startswith("### Steadyline: As fast as it was\n")


def test_nothing_may_be_compared(steadyline, base):
    """Then nothing is measured: every cause is named, with both sides and what is to be done."""
    path = base(item_read={"host": "PDP-11", "operation_version": "00000000"}, item_browse={"host": "PDP-11"})
    code, out, err = steadyline("compare", "--against", path, "--other-version")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "2 of 2 baselines cannot be compared with (sql.item_read: recorded on another host (PDP-11; this is " in err
    assert "record them here, or say --other-host" in err
    assert "--other-version" in steadyline("compare", "--against", path)[2]


def test_revision(steadyline):
    """The rounds that a revision has in the history are its baseline, and the file agrees with the exit code."""
    code, out, err = steadyline("compare", "--against", "HEAD", "--operation", BROWSE, "--format", "junit")
    (suite,) = ET.fromstring(out)
    counts = int(suite.get("failures")), int(suite.get("errors"))
    assert counts == {0: (0, 0), 1: (1, 0), 3: (0, 1)}[code], err
    assert "Held to the runs of revision " in suite.find("system-out").text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(("--against", "none"), 2, "--against none: no such file, and no such revision; give a", id="neither"),
        pytest.param(
            ("--against", "HEAD", "--operation", "sql.link_create"),
            3,
            "nothing of sql.link_create has clean runs of",
            id="no runs",
        ),
        pytest.param(("--ab", "HEAD", "HEAD", "--against", "HEAD"), 2, "--ab and --against: say one of them", id="two ways"),
        pytest.param(
            ("--json", "-", "--format", "junit"), 2, "--json - and --format junit: one of them has standard", id="twice"
        ),
    ],
)
def test_bad_input(steadyline, arguments, code, message):
    """It is one message, before anything is measured."""
    found, out, err = steadyline("compare", *arguments)
    assert (found, out) == (code, "")
    assert len(err.splitlines()) == 1
    assert err.startswith(f"steadyline: {message}")
