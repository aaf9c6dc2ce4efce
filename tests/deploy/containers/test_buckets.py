import pytest

from deploy.containers import buckets
from steadyline import target
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Settings


@pytest.fixture
def gateway_of_the_stack(versitygw, monkeypatch):
    """A VersityGW that knows the stack's access key."""
    monkeypatch.setattr(target, "EMBEDDED_ACCESS_KEY", versitygw.access_key)
    return versitygw


def _settings(tmp_path, url, secret):
    host, port = url.removeprefix("http://").rsplit(":", 1)
    (tmp_path / "s3_secret_key").write_text(f"{secret}\n", encoding="utf-8")
    return Settings.model_validate({"hosts": {"s3": host}, "ports": {"s3": int(port)}, "secrets_dir": tmp_path})


def test_made(gateway_of_the_stack, tmp_path):
    """The bucket is there afterwards, also where it was before."""
    settings = _settings(tmp_path, gateway_of_the_stack.url, gateway_of_the_stack.secret_key)
    assert [buckets.make(settings), buckets.make(settings)] == ["s3: bucket steadyline is there"] * 2


def test_wrong_key(gateway_of_the_stack, tmp_path):
    """A key that S3 refuses is one message that says what to do, and holds no secret."""
    with pytest.raises(ConfigurationError, match="refuses the access key") as refused:
        buckets.make(_settings(tmp_path, gateway_of_the_stack.url, "another-secret"))
    assert "restart both" in str(refused.value)
    assert "another-secret" not in str(refused.value)


def test_nobody(free_port, tmp_path):
    """An S3 that does not answer in time is named."""
    settings = _settings(tmp_path, f"http://127.0.0.1:{free_port()}", "any")
    with pytest.raises(UnreachableError, match="does not answer"):
        buckets.make(settings, sleep=lambda _seconds: None, wait_seconds=0)


def test_own_target(tmp_path):
    """Where the user's S3 is measured there is nothing to make."""
    said = {"targets": {"mine": {"backend": "s3", "url": "https://s3.example", "bucket": "media"}}, "state_dir": tmp_path}
    assert "nothing to make" in buckets.make(Settings.model_validate(said))
