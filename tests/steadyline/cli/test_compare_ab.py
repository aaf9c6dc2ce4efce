"""`steadyline compare --ab`: two Trace APIs of which one is slower, two revisions, and what cannot be compared."""

import asyncio
import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from command_line import beginning, ended
from trace_target import serving, trace_api

from alerts.history.store import History
from runner.choice import Wanted
from steadyline import settings as settings_module
from steadyline.cli import compare as comparing
from steadyline.cli import compare_ab
from steadyline.cli.compare_asked import Asked
from steadyline.cli.conclude import Outlet
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.severity import Severity
from targets.trace.app import make_app
from targets.trace.model import make_engine, make_tables

CHECKOUT = Path(__file__).parents[3]
ENDS_SECONDS = 120


@pytest.fixture
def begin(tmp_path):
    """`begin(*arguments)` starts steadyline compare in this checkout, with its state in a folder of the test's own."""
    with beginning(CHECKOUT, lambda: {"STEADYLINE_STATE_DIR": str(tmp_path / "state")}) as begin:
        yield lambda *arguments, **environ: begin("compare", *arguments, **environ)


@pytest.fixture
def compare(begin):
    """The same, to its end: exit code, standard output and standard error."""

    def run(*arguments, **environ):
        code, out, err = ended(begin(*arguments, **environ), ENDS_SECONDS)
        assert "Traceback" not in err, err
        return code, out, err

    return run


@pytest.fixture
def slower_api(tmp_path):
    """A Trace API whose answers take 30 ms more."""
    engine = make_engine(f"sqlite:///{tmp_path / 'slower.db'}")
    make_tables(engine)
    app = make_app(engine)

    async def slower(scope, receive, send):
        if scope["type"] == "http":
            await asyncio.sleep(0.03)
        await app(scope, receive, send)

    with serving(slower) as url:
        yield url
    engine.dispose()


def checkout_only():
    """Revisions need git's own folder, which a source archive has not."""
    if not (CHECKOUT / ".git").exists():
        pytest.skip("the sources are no git checkout")


def worktrees():
    """What git lists."""
    return subprocess.run(["git", "worktree", "list"], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout


def items_left(database):
    """How many items a database holds, soft-deleted ones with them."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT count(*) FROM items").fetchone()[0]


@pytest.mark.parametrize(("operations", "seconds"), [(1, 1.0), (12, 1.0), (24, 0.5), (50, 0.25), (500, 0.25)])
def test_seconds_each(operations, seconds):
    """A minute is shared among the operations, within bounds."""
    assert compare_ab.seconds_each(operations) == seconds


def test_slower_api(compare, slower_api, tmp_path):
    """What B is slower at is critical, with both sides' times, and nothing that was written is left on either."""
    with trace_api(f"sqlite:///{tmp_path / 'a.db'}") as url:
        code, out, err = compare("--ab", url, slower_api, "--operation", "trace.item_[r]*", "--json", tmp_path / "out.json")
    assert code == 1, err
    found = json.loads((tmp_path / "out.json").read_text())
    rows = {row["operation"]: row for row in found["operations"]}
    assert set(rows) == {"trace.item_read"}
    assert {row["verdict"] for row in rows.values()} == {"CRITICAL"}
    assert all(row["mean"] > row["baseline"] + 0.03 and len(row["run_means"]) >= 5 for row in rows.values())
    assert "A, " + url in out
    assert "about" in err
    assert found["run"]["command"].endswith("--ab URL_A URL_B --tolerance 0.05")
    assert [items_left(tmp_path / name) for name in ("a.db", "slower.db")] == [0, 0]
    kept = list(History(settings_module.load({"STEADYLINE_STATE_DIR": str(tmp_path / "state")})).runs())
    assert sorted((run.kind, run.side, run.id == kept[0].id) for run in kept) == [("ab", "a", True), ("ab", "b", True)]
    means = {run.side: run.results[0].mean_seconds for run in kept}
    assert means["b"] > means["a"] + 0.03


def test_revisions(compare, tmp_path):
    """HEAD and the working tree, each serving its own target, are compared, and no worktree is left."""
    checkout_only()
    code, out, err = compare(
        "--ab", "HEAD", ".", "--operation", "trace.item_read", "--format", "markdown", "--fail-on", "critical"
    )
    assert code in {0, 3}, err
    assert out.startswith("### Steadyline: ")
    assert "A: HEAD (" in err
    assert str(tmp_path) not in worktrees()


def test_ended_early(begin, tmp_path):
    """SIGTERM while it measures shows what there is, and leaves neither worktree nor folder nor target behind."""
    checkout_only()
    process = begin("--ab", "HEAD", ".", "--operation", "trace.item_read", "--rounds", "1000", "--json", "-")
    said = ""
    while "round 3" not in said:
        said = process.stderr.readline()
        assert said, "it ended"
    process.send_signal(signal.SIGTERM)
    code, out, err = ended(process, ENDS_SECONDS)
    assert (code, json.loads(out)["run"]["interrupted"]) == (128 + signal.SIGTERM, True)
    assert "what was written is deleted" in err
    assert str(tmp_path) not in worktrees()
    assert list((tmp_path / "state/runs").iterdir()) == []


def test_target_that_does_not_start(tmp_path):
    """A revision whose target ends at once is told with its last words."""
    broken = tmp_path / "broken"
    (broken / "targets/trace").mkdir(parents=True)
    (broken / "targets/__init__.py").touch()
    (broken / "targets/trace/__init__.py").touch()
    (broken / "targets/trace/__main__.py").write_text("raise SystemExit('no such table')")
    git = ("git", "-C", broken, "-c", "user.name=a", "-c", "user.email=a@example.com")
    for arguments in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "x")):
        subprocess.run([*git, *arguments], check=True)
    with beginning(broken) as begin:
        code, _, err = ended(begin("compare", "--ab", "HEAD", ".", "--backend", "trace"), ENDS_SECONDS)
    assert code == 4
    assert "steadyline: A, HEAD (" in err
    assert "the embedded trace target ended while it started" in err
    assert err.splitlines()[-1].strip() == "no such table"


def test_refused(compare):
    """What cannot be compared is one message and its exit code."""
    code, out, err = compare("--ab", "no-such-revision", ".")
    assert (code, out) == (2, "")
    assert err.startswith("steadyline: no-such-revision: no such revision in ")


def asked(folder, **wanted):
    """The options, with the state in a folder of the test's own."""
    settings = settings_module.load({"STEADYLINE_STATE_DIR": str(folder)})
    return Asked(settings, Wanted(**wanted), 5, 1, Severity.WARNING, Outlet(), "steadyline compare")


def test_a_side_that_does_not_answer(tmp_path):
    """It is told which."""
    with (
        trace_api(f"sqlite:///{tmp_path / 'a.db'}") as url,
        pytest.raises(UnreachableError, match=r"^B, http://127\.0\.0\.1:9: "),
    ):
        compare_ab.ab(asked(tmp_path, pattern="trace.item_read"), url, "http://probe:hush@127.0.0.1:9")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"pattern": "trace.item_create"}, "trace.item_create on A: the target is read-only; --allow-writes lets what writes"),
        ({"pattern": "trace.item_read", "target": "embedded"}, "--target: --ab names both sides itself; leave it out"),
    ],
)
def test_what_may_not_be_asked(tmp_path, wanted, told):
    """It is told before anything is asked, with the option that allows it."""
    with pytest.raises(ConfigurationError, match=told):
        compare_ab.ab(asked(tmp_path, **wanted), "http://a.example", "http://b.example")


def test_options_of_ab_alone(tmp_path, monkeypatch):
    """They say nothing of a comparison with what was recorded."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="--tolerance, --allow-writes: they are of --ab"):
        comparing.compare(tolerance=0.1)


def test_the_same_twice(compare, tmp_path):
    """An A/A is allowed, and said; a password is not shown."""
    url = f"sqlite:///{tmp_path / 'same.db'}"
    code, _, err = compare("--ab", url, url, "--operation", "sql.item_read")
    assert code in {0, 3}, err
    assert "A and B are the same, SQLite file" in err
