"""What A and B are: systems by their URLs or revisions, of which backend, and with whose credentials."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.native.worktree import Revision
from runner.choice import Wanted
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.cli import ab_sides, ab_targets
from steadyline.cli.ab_sides import Side
from steadyline.errors import ConfigurationError

HERE = Path(__file__).parent
WEB = Side("A", url=SecretStr("http://api.example:8000/v1"))
DATABASE = Side("B", url=SecretStr("postgresql://probe:hush@db.example/trace?sslpassword=quiet"))
REVISION = Side("A", revision=Revision(HERE, "main", "0123456789abcdef"))
TREE = Side("B", revision=Revision(HERE, ".", None))


def settings(**said):
    """Settings of these variables."""
    return settings_module.load({f"STEADYLINE_{name}": value for name, value in said.items()})


def compared(a, b, **wanted):
    """The backends that are compared."""
    return ab_sides.backends((a, b), catalogue.operations().values(), Wanted(**wanted))


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (WEB, "http://api.example:8000/v1"),
        (Side("A", url=SecretStr("https://probe:hush@[::1]:8000/")), "https://[::1]:8000"),
        (DATABASE, "PostgreSQL at db.example, database trace"),
        (Side("A", url=SecretStr("sqlite:////data/trace.db")), "SQLite file /data/trace.db"),
        (REVISION, "main (0123456789ab)"),
        (TREE, "the working tree"),
    ],
)
def test_shown(one, shown):
    """A side is told without user and secrets."""
    assert one.shown == shown


@pytest.mark.parametrize("said", ["http://", "http://[", "://x", "nonsense:// ://"])
def test_no_url(said):
    """What has a scheme and is no URL is told so, without it."""
    with pytest.raises(ConfigurationError, match=r"^--ab: B: no URL; write http://host:port, postgresql://"):
        ab_sides.side("B", said, HERE)


@pytest.mark.parametrize("said", ["http://u:canary@canary@h/", "postgresql://u:canary@canary@h/d"])
def test_a_password_with_a_second_at(said):
    """It would be taken as a host, and shown."""
    with pytest.raises(ConfigurationError, match=r"^--ab: A: there is a second @; write %40") as refused:
        ab_sides.side("A", said, HERE)
    assert "canary" not in str(refused.value)


def test_named():
    """A URL is one by its scheme; anything else is a revision of the checkout."""
    assert ab_sides.side("A", "sqlite:///x.db", HERE).backends == ("sql",)
    assert ab_sides.side("B", ".", HERE).revision is not None


@pytest.mark.parametrize(
    ("a", "b", "wanted", "backends"),
    [
        (DATABASE, DATABASE, {}, ("sql",)),
        (WEB, WEB, {"backend": "tams"}, ("tams",)),
        (WEB, WEB, {"pattern": "trace.item_*"}, ("trace",)),
        (WEB, TREE, {"backend": "s3"}, ("s3",)),
        (REVISION, TREE, {}, ("trace", "s3", "vast", "tams")),
        (REVISION, TREE, {"pattern": "*.item_create"}, ("trace",)),
    ],
)
def test_backends(a, b, wanted, backends):
    """The scheme says it, or what is asked for; two revisions are compared on all that a revision changes."""
    assert set(compared(a, b, **wanted)) == set(backends)


@pytest.mark.parametrize(
    ("a", "b", "wanted", "told"),
    [
        (WEB, WEB, {}, "what answers there may be .*; say which, such as --backend "),
        (WEB, TREE, {}, "say which, such as --backend "),
        (WEB, DATABASE, {}, "nothing can be asked of both"),
        (DATABASE, DATABASE, {"backend": "s3"}, "s3 is asked for, B .* is sql"),
        (REVISION, TREE, {"backend": "sql"}, "sql has an embedded file and no program that a revision would change"),
    ],
)
def test_refused(a, b, wanted, told):
    """What is ambiguous, or nothing that both can be asked, is told, and no secret with it."""
    with pytest.raises(ConfigurationError, match=told) as refused:
        compared(a, b, **wanted)
    assert "hush" not in str(refused.value)


def test_writes():
    """What is on this machine may be written to; anything else when that is said."""
    there = Side("A", url=SecretStr("http://api.example:8000"))
    here = Side("A", url=SecretStr("http://localhost:8000"))
    assert not ab_targets.at_url(there, settings(), "trace", allow_writes=False).allow_writes
    assert ab_targets.at_url(there, settings(), "trace", allow_writes=True).allow_writes
    assert ab_targets.at_url(here, settings(), "trace", allow_writes=False).allow_writes


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("sqlite:///x.db", True),
        ("postgresql://localhost/x", True),
        ("postgresql:///x", True),
        ("postgresql:///x?host=/run/postgresql", True),
        ("postgresql:///x?host=db.example", False),
        ("postgresql://db.example/x", False),
        ("http://[::1]:8000", True),
        ("http://127.0.0.1.example:8000", False),
    ],
)
def test_local(url, local):
    """A file, a socket and a loopback address are on this machine; no other host is."""
    assert ab_targets.is_local(url) is local


def test_a_target_of_the_settings(tmp_path):
    """At a target's address that target is asked, with its password; no other address is sent it."""
    (tmp_path / "password").write_text("hush")
    said = settings(TRACE_URL="http://me@API.example:8000/", TRACE_PASSWORD_FILE=str(tmp_path / "password"))
    same = ab_targets.at_url(Side("A", url=SecretStr("http://api.example:8000")), said, "trace", allow_writes=False)
    other = ab_targets.at_url(Side("B", url=SecretStr("http://api.example:8001")), said, "trace", allow_writes=False)
    assert (same.password_file, other.password_file) == (tmp_path / "password", None)


def test_keys():
    """S3's keys and bucket are the settings'; on this machine those of the embedded target; elsewhere they are asked for."""
    said = settings(S3_URL="http://s3.example", S3_ACCESS_KEY="me", S3_SECRET_KEY="hush", S3_BUCKET="mine")
    there, here = (Side("A", url=SecretStr(url)) for url in ("http://s3-new.example", "http://127.0.0.1:9"))
    assert ab_targets.at_url(there, said, "s3", allow_writes=False).bucket == "mine"
    assert ab_targets.at_url(here, settings(), "s3", allow_writes=False).access_key == "steadyline"
    with pytest.raises(ConfigurationError, match=r"^--ab: A \(http://s3-new\.example\): bucket is missing"):
        ab_targets.at_url(there, settings(), "s3", allow_writes=False)
