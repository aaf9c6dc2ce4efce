"""What `--against` names: files and git revisions, real ones."""

import json
import subprocess

import pytest

from alerts.history.kept import KeptResult, KeptRun, Kind
from alerts.history.store import History
from alerts.record.baseline import Slowed
from runner.choice import Wanted
from steadyline import provenance
from steadyline import settings as settings_module
from steadyline.baselines import save_recorded
from steadyline.cli import against
from steadyline.cli.against_revision import by_operation, counted, most_alike
from steadyline.cli.refusals import Now
from steadyline.errors import ConfigurationError


def git(folder, *arguments):
    """What git answers."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder that is the present one, with its settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return settings_module.load({"STEADYLINE_STATE_DIR": str(tmp_path / "state")})


@pytest.fixture
def commit(here, tmp_path):  # noqa: ARG001 - its folder is the present one
    """The one commit of a repository in that folder, tagged v1."""
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "x")
    git(tmp_path, "tag", "v1")
    return git(tmp_path, "rev-parse", "HEAD")


def run(revision, number=1, **facts):
    """A kept run of the suite, five rounds of one operation."""
    result = {"means": (0.1, 0.11, 0.1, 0.09, 0.1), "version": None, "failures": {}} | facts.pop("result", {})
    about = {"kind": Kind.RUN, "host": provenance.host(), "started": 100.0 * number} | facts
    kept = KeptResult("sql.item_read", "embedded", 50, result["means"], result["version"], failures=result["failures"])
    return KeptRun(f"run{number}", driver="bench", ended=about["started"] + 50, revision=revision, results=(kept,), **about)


def test_recorded(here):
    """Nothing named is what was recorded here, which may be nothing."""
    found = against.resolve(here, None)
    assert (found.words, found.baselines) == ("the recorded baselines", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"format": 1, "baselines": [', "x.json: not JSON", id="cut off"),
        pytest.param('{"format": 99, "baselines": [], "new": 1}', "x.json: format 99 is newer", id="newer"),
        pytest.param('{"format": 1, "baselines": [{"value": NaN}]}', "x.json: ", id="not a number"),
        pytest.param("", "x.json: not JSON", id="empty"),
    ],
)
def test_file_that_is_none(here, tmp_path, text, message):
    """A file that cannot be used is told of by its name."""
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        against.resolve(here, "x.json")
    assert caught.value.faults[0].startswith(message)


@pytest.mark.parametrize(
    ("name", "tried"),
    [
        pytest.param("none", "no such file, and no git repository with commits to look in", id="nothing"),
        pytest.param("state", "a folder, not a file, and no git repository with commits to look in", id="a folder"),
    ],
)
def test_neither(here, tmp_path, name, tried):
    """What is neither a file nor a revision says that both were tried."""
    (tmp_path / "state").mkdir()
    with pytest.raises(
        ConfigurationError, match=f"^--against {name}: {tried}; give a baseline file, a git revision, or live$"
    ):
        against.resolve(here, name)


@pytest.mark.parametrize("name", ["none", "--help", "v1 v1", "v1..v1", "", "\x00"])
@pytest.mark.usefixtures("commit")
def test_no_such_revision(here, name):
    """In a repository, too; an option of git's is no revision."""
    with pytest.raises(ConfigurationError, match="no such revision"):
        against.resolve(here, name)


def test_revision(here, commit):
    """All rounds of a revision's runs are one baseline, however it is named; another revision's are not in it."""
    History(here).keep(run(commit[:12], 1))
    History(here).keep(run(commit[:12], 2, result={"means": (0.2,) * 5}))
    History(here).keep(run("f" * 12, 3))
    History(here).keep(run(f"{commit[:12]}-dirty", 4))
    for name in ("v1", "HEAD", commit, commit[:8]):
        (found,) = against.resolve(here, name).baselines
        assert (found.operation, found.target, found.driver, found.runs, found.recorded.samples) == (
            *("sql.item_read", "embedded", "bench"),
            10,
            100,
        )
        assert 0.1 < found.value < 0.2
        assert found.spread > 0.3


def test_five_sessions_are_five_runs():
    """Rounds of one session are alike: from five sessions on each is one run, fewer are pooled, and which it was is said."""
    of = [(one, one.results[0]) for one in (run("a", number) for number in range(1, 6))]
    means, how = counted(of)
    assert (len(means), how) == (5, "one mean each of 5 sessions")
    means, how = counted(of[:4])
    assert (len(means), how) == (20, "20 rounds of 4 sessions")
    assert counted(of[:1])[1] == "5 rounds of 1 session"


def test_named_as_it_was_said(here, commit):
    """The commit is named, and what it was called."""
    assert against.resolve(here, "v1").words == f"the runs of revision {commit[:12]} (v1) in the history"
    assert against.resolve(here, commit[:8]).words == f"the runs of revision {commit[:12]} in the history"


def test_revision_without_runs(here, commit, tmp_path):
    """It has no baselines, and what to do is said."""
    found = against.resolve(here, "v1", Wanted(pattern="sql.item_*", target="main"))
    assert (found.baselines, found.is_renewable) == ((), False)
    assert found.cure == "it is checked out; measure it: steadyline run --operation 'sql.item_*' --target main"
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "y")
    assert against.resolve(here, "v1", Wanted(pattern="sql.item_*")).cure == (
        f"measure both in turn now: steadyline compare --operation 'sql.item_*' --ab {commit[:12]} HEAD; "
        f"or check it out and run it there: git checkout {commit[:12]}, steadyline run --operation 'sql.item_*'"
    )


def test_changed_revision_without_runs(here, commit, tmp_path):
    """What is checked out and changed would not be measured by a run: its changes are held to it."""
    (tmp_path / "x").write_text("x")
    git(tmp_path, "add", "x")
    assert against.resolve(here, commit).cure == (
        f"it is checked out with changes; measure it and them in turn now: steadyline compare --ab {commit[:12]} ."
    )


@pytest.mark.usefixtures("commit")
def test_file_before_revision(here, tmp_path):
    """A file of the name of a revision is the file."""
    save_recorded(tmp_path / "v1", ())
    assert json.loads((tmp_path / "v1").read_text())["baselines"] == []
    assert against.resolve(here, "v1").words == "v1"


def test_what_does_not_count():
    """A run with failures, one side of a comparison of two, and what was slowed on purpose are no baseline."""
    failing = run("a", 1, result={"failures": {"timeout": 1}})
    side = run("a", 2, kind=Kind.AB)
    slowed = run("a", 3)
    spans = [Slowed("sql.item_read", "embedded", slowed.started, slowed.ended)]
    counted = run("a", 4)
    assert by_operation([failing, side, slowed, counted], spans) == {
        ("sql.item_read", "embedded"): [(counted, counted.results[0])]
    }


@pytest.mark.parametrize(
    ("runs", "taken"),
    [
        pytest.param([run("a", 1), run("a", 2)], [1, 2], id="all alike"),
        pytest.param([run("a", 1), run("a", 2, host="there")], [1], id="this host's"),
        pytest.param([run("a", 1, host="x"), run("a", 2, host="y")], [2], id="of other hosts the latest"),
        pytest.param(
            [run("a", 1, result={"version": "now"}), run("a", 2, result={"version": "then"})], [1], id="this version's"
        ),
        pytest.param(
            [run("a", 1, result={"version": "x"}), run("a", 2, result={"version": "y"})], [2], id="of others the latest"
        ),
    ],
)
def test_what_goes_together(runs, taken):
    """Only runs of one host and one version are one baseline: those that are as here and now, else the latest."""
    found = most_alike([(one, one.results[0]) for one in runs], Now(provenance.host(), "now"))
    assert [one.id for one, _ in found] == [f"run{number}" for number in taken]
