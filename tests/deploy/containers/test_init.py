import pytest

from deploy.containers import init


def test_secrets(tmp_path):
    """Secrets are made once, readable for the group, and VAST DB and S3 share one; an empty one is refused by its name."""
    assert init.make_secrets(tmp_path) == list(init.SECRETS)
    first = {name: (tmp_path / name).read_text(encoding="utf-8") for name in init.SECRETS}
    assert init.make_secrets(tmp_path) == []
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in init.SECRETS} == first
    assert first["s3_secret_key"] == first["vast_secret_key"]
    assert len(set(first.values())) == len(first) - 1
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in init.SECRETS} == {0o640}
    (tmp_path / "s3_secret_key").write_text("\n", encoding="utf-8")
    with pytest.raises(init.ConfigurationError, match="s3_secret_key is empty; remove it"):
        init.make_secrets(tmp_path)


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, None),
        ({"COMPOSE_PROFILES": "own"}, None),
        ({"COMPOSE_PROFILES": "own,longterm"}, init.LONGTERM_URL),
        ({"COMPOSE_PROFILES": "longterm", "STEADYLINE_REMOTE_WRITE_URL": "https://mine.example"}, "https://mine.example"),
    ],
    ids=["no profile", "another", "longterm", "a storage of one's own"],
)
def test_longterm(environ, url):
    """With the profile `longterm` Prometheus writes to VictoriaMetrics from its start, unless another storage is named."""
    assert init.with_longterm(environ).get("STEADYLINE_REMOTE_WRITE_URL") == url


def test_target_secrets(tmp_path):
    """Secrets of targets that cannot be read are all told before anything starts, with who has to read them."""
    environ = {
        "STEADYLINE_STATE_DIR": str(tmp_path),
        "STEADYLINE_SQL_URL": "postgresql://probe@db.example/orders",
        "STEADYLINE_SQL_PASSWORD_FILE": str(tmp_path / "missing"),
        "STEADYLINE_S3_URL": "https://s3.example",
        "STEADYLINE_S3_BUCKET": "media",
        "STEADYLINE_S3_ACCESS_KEY": "AK",
        "STEADYLINE_S3_SECRET_KEY_FILE": str(tmp_path / "gone"),
    }
    with pytest.raises(init.ConfigurationError) as refused:
        init.run(environ, reload=False)
    assert [fault.split(" ")[0] for fault in refused.value.faults] == [
        "targets.s3-main.secret_key_file",
        "targets.sql-main.password_file",
    ]
    assert all(fault.endswith("containers read it as user and group 10001") for fault in refused.value.faults)
    assert not list(tmp_path.iterdir())
