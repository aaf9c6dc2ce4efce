"""Which target users ask."""

import pytest
from pydantic import SecretStr

from load.users.places import targets_of
from steadyline.errors import ConfigurationError
from steadyline.target import Target


def _target(url, **facts):
    return Target(backend="trace", url=SecretStr(url), **facts)


SETTINGS = {
    "mine": _target("http://user:secret@127.0.0.1:8000"),
    "far": _target("https://Trace.example.org", allow_writes=True),
}


def _asked(host, *, allow_writes=False, targets=SETTINGS):
    return targets_of("trace", host, targets, allow_writes=allow_writes)


def test_no_host():
    """Without a host the settings' targets are asked."""
    assert _asked(None) == SETTINGS
    assert _asked("") == SETTINGS


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "http://localhost:8000/", "http://other:pw@localhost:8000"])
def test_host_of_the_settings(host):
    """A host that the settings know has its alias and credentials there, however it is written."""
    ((alias, target),) = _asked(host).items()
    assert alias == "mine"
    assert target.url == SETTINGS["mine"].url
    assert not target.allow_writes


def test_host_of_the_settings_with_another_port():
    """Another port is another target."""
    assert list(_asked("http://localhost:8001")) == ["host"]
    assert list(_asked("https://trace.example.org:443")) == ["far"]


@pytest.mark.parametrize(
    ("host", "said", "writes"),
    [
        ("http://localhost:1", False, True),
        ("http://[::1]:1", False, True),
        ("http://example.org", False, False),
        ("http://example.org", True, True),
        ("http://127.0.0.1.example.org", False, False),
    ],
)
def test_writes(host, said, writes):
    """A host on this machine may be written to, any other where that was said."""
    assert _asked(host, allow_writes=said)["host"].allow_writes is writes


def test_settings_read_only():
    """A target of the settings that is read-only may be written to where that was said."""
    assert _asked("http://localhost:8000", allow_writes=True)["mine"].allow_writes


@pytest.mark.parametrize("host", ["localhost:8000", "ftp://h", "http://", "http://h:99999", "http://h/?x=secret"])
def test_no_url(host):
    """What is no URL is refused without being repeated: it may hold a secret."""
    with pytest.raises(ConfigurationError, match=r"^--host: write http://host:port or https://host:port$"):
        _asked(host)
