"""Settings: where they come from, and what is said of a mistake."""

from pathlib import Path

import pytest

from steadyline import settings
from steadyline.errors import ConfigurationError
from steadyline.target import EMBEDDED_BACKENDS

CANARY = "hunter2"


def _load(tmp_path, text="", **environ):
    file = tmp_path / "steadyline.toml"
    file.write_text(text)
    return settings.load(environ, file)


def test_without_any_setting_every_backend_has_its_embedded_target(tmp_path):
    """A newcomer needs no backend of their own, and may write to the stack's own targets."""
    found = _load(tmp_path)
    for backend in EMBEDDED_BACKENDS:
        ((alias, target),) = found.targets_of(backend).items()
        assert (alias, target.embedded, target.allow_writes) == ("embedded", True, True)


def test_an_http_system_is_there_only_where_it_is_named(tmp_path):
    """No stack can have a system of which it knows nothing."""
    assert _load(tmp_path).targets_of("http") == {}
    assert list(_load(tmp_path, STEADYLINE_HTTP_URL="http://orders").targets_of("http")) == ["http-main"]


def test_one_variable_points_a_backend_at_a_real_system_read_only(tmp_path):
    """STEADYLINE_SQL_URL takes the embedded target's place; it may not be written to unless it says so."""
    found = _load(tmp_path, STEADYLINE_SQL_URL="postgresql://u:p@db/x")
    ((alias, target),) = found.targets_of("sql").items()
    assert (alias, target.embedded, target.allow_writes) == ("sql-main", False, False)
    found = _load(
        tmp_path, STEADYLINE_SQL_URL="sqlite:///x.db", STEADYLINE_SQL_ALLOW_WRITES="true", STEADYLINE_SQL_TARGET="orders"
    )
    assert found.targets_of("sql")["orders"].allow_writes


def test_keys_and_bucket_point_s3_and_vast_at_real_ones(tmp_path):
    """The same variables as an S3 user knows; the secret may lie in a file."""
    secret = tmp_path / "secret"
    secret.write_text(f"{CANARY}\n")
    found = _load(
        tmp_path,
        STEADYLINE_S3_URL="https://s3.example",
        STEADYLINE_S3_ACCESS_KEY="me",
        STEADYLINE_S3_SECRET_KEY_FILE=str(secret),
        STEADYLINE_S3_BUCKET="media",
        STEADYLINE_VAST_URL="http://vast.example",
        STEADYLINE_VAST_ACCESS_KEY="you",
        STEADYLINE_VAST_SECRET_KEY=CANARY,
        STEADYLINE_VAST_BUCKET="db",
    )
    s3, vast = found.targets["s3-main"], found.targets["vast-main"]
    assert (s3.access_key, s3.secret(), s3.bucket, s3.region) == ("me", CANARY, "media", "us-east-1")
    assert (vast.access_key, vast.secret(), vast.bucket) == ("you", CANARY, "db")
    assert CANARY not in repr(found)


def test_each_backend_has_its_own_short_form(tmp_path):
    """Two backends set by variables are two targets: neither takes the other's place."""
    found = _load(tmp_path, STEADYLINE_SQL_URL="sqlite:////x", STEADYLINE_TRACE_URL="http://t")
    assert {alias: target.backend for alias, target in found.targets.items()} == {"sql-main": "sql", "trace-main": "trace"}


def test_the_environment_wins_over_the_file_key_by_key(tmp_path):
    """A variable changes its own key; the file's other keys stand."""
    found = _load(tmp_path, "[ports]\ntrace = 18000\nexporter = 19464\n", STEADYLINE_PORTS_TRACE="28000")
    assert (found.ports.trace, found.ports.exporter, found.ports.prometheus) == (28000, 19464, 9090)


def test_a_named_target_is_taken_from_the_file(tmp_path):
    """Any number of targets by alias; the alias becomes the label."""
    found = _load(tmp_path, '[targets.orders]\nbackend = "sql"\nurl = "postgresql://db/orders"\nallow_writes = true\n')
    assert list(found.targets_of("sql")) == ["orders"]
    assert list(found.targets_of("trace")) == ["embedded"]


BAD_URLS = {
    "port no number": f"http://u:{CANARY}@127.0.0.1:1x",
    "port out of range": "http://127.0.0.1:70000",
    "bracket left open": "http://[bad",
    "no scheme": "127.0.0.1:9090",
    "other scheme": "ftp://127.0.0.1",
    "no host": "http://:9090",
    "empty label": "http://a..b",
    "blank": "http://a b",
}
CASES = {
    "unknown key": ("state_dri = 'x'", {}, "{file}: state_dri: unknown key; did you mean state_dir?"),
    "unknown nested key": ("[ports]\nexportr = 1", {}, "{file}: ports.exportr: unknown key; did you mean exporter?"),
    "unknown variable": (
        "",
        {"STEADYLINE_SQL_ULR": "x"},
        "environment: STEADYLINE_SQL_ULR is not a setting; did you mean STEADYLINE_SQL_URL?",
    ),
    "port out of range": ("[ports]\ntrace = 70000", {}, "{file}: ports.trace: write 65535 or less"),
    "port no number": (
        "",
        {"STEADYLINE_PORTS_TRACE": "http"},
        "environment: STEADYLINE_PORTS_TRACE: write a whole number",
    ),
    "ports equal": ("[ports]\ntrace = 9090", {}, "{file}: ports: prometheus and trace are both 9090; give each its own port"),
    "not TOML": ("[ports", {}, "{file}: not TOML: Expected ']' at the end of a table declaration (at end of document)"),
    "unknown backend": (
        '[targets.a]\nbackend = "oracle"\nurl = "x"',
        {},
        "{file}: targets.a: backend: one of sql, trace, s3, vast, tams, http",
    ),
    "bucket missing": (
        "",
        {"STEADYLINE_S3_URL": "http://s3", "STEADYLINE_S3_ACCESS_KEY": "me", "STEADYLINE_S3_SECRET_KEY": CANARY},
        "environment: STEADYLINE_S3_*: bucket is missing; name the bucket to work in",
    ),
    "access key without secret": (
        '[targets.a]\nbackend = "vast"\nurl = "http://v"\nbucket = "b"\naccess_key = "me"',
        {},
        "{file}: targets.a: access_key has no secret; give secret_key_file, or secret_key",
    ),
    "vast without keys": (
        '[targets.a]\nbackend = "vast"\nurl = "http://v"\nbucket = "b"',
        {},
        "{file}: targets.a: access_key is missing; say who asks",
    ),
    "two secrets": (
        "",
        {
            **{f"STEADYLINE_S3_{key}": "b" for key in ("ACCESS_KEY", "SECRET_KEY", "SECRET_KEY_FILE", "BUCKET")},
            "STEADYLINE_S3_URL": "http://s3",
        },
        "environment: STEADYLINE_S3_*: secret_key and secret_key_file are both given; leave one out",
    ),
    "another backend's key": (
        '[targets.a]\nbackend = "tams"\nurl = "http://t"\nbucket = "b"',
        {},
        "{file}: targets.a: bucket is not a setting of tams targets, which take password_file",
    ),
    "bucket in the endpoint": (
        '[targets.a]\nbackend = "s3"\nurl = "http://s3/bucket"\nbucket = "b"',
        {},
        "{file}: targets.a.url: write the endpoint alone, http://host:port; keys and bucket have settings of their own",
    ),
    "one alias for two targets": (
        "",
        {
            "STEADYLINE_SQL_URL": "sqlite:////x",
            "STEADYLINE_SQL_TARGET": "live",
            "STEADYLINE_TRACE_URL": "http://t",
            "STEADYLINE_TRACE_TARGET": "live",
        },
        "environment: STEADYLINE_SQL_TARGET and STEADYLINE_TRACE_TARGET are both 'live'; give each target its own alias",
    ),
    "target without url": ('[targets.a]\nbackend = "sql"', {}, "{file}: targets.a.url: is missing; say it"),
    "short form without url": (
        "",
        {"STEADYLINE_SQL_ALLOW_WRITES": "1"},
        "environment: set STEADYLINE_SQL_URL too; sql has other settings but no URL",
    ),
    "short form malformed": (
        "",
        {"STEADYLINE_SQL_URL": "sqlite:////x", "STEADYLINE_SQL_ALLOW_WRITES": "maybe"},
        "environment: STEADYLINE_SQL_ALLOW_WRITES: write true or false",
    ),
    "webhook without scheme": (
        "[notify]\nwebhook_url = 'example'",
        {},
        "{file}: notify.webhook_url: write http://host:port or https://host:port",
    ),
    **{
        f"{key} {kind}": (f"{key} = '{url}'", {}, f"{{file}}: {key}: write http://host:port or https://host:port")
        for key in ("prometheus_url", "alertmanager_url", "grafana_url", "runbook_url")
        for kind, url in BAD_URLS.items()
    },
    **{
        f"trace {kind}": (
            "",
            {"STEADYLINE_TRACE_URL": url},
            "environment: STEADYLINE_TRACE_URL: write http://host:port or https://host:port",
        )
        for kind, url in BAD_URLS.items()
    },
    "trace target of a file": (
        f"[targets.a]\nbackend = 'trace'\nurl = 'ftp://u:{CANARY}@h'",
        {},
        "{file}: targets.a.url: write http://host:port or https://host:port",
    ),
    "prometheus of the environment": (
        "",
        {"STEADYLINE_PROMETHEUS_URL": "http://127.0.0.1:1x"},
        "environment: STEADYLINE_PROMETHEUS_URL: write http://host:port or https://host:port",
    ),
    "credentials without webhook": (
        "[notify]\nwebhook_credentials_file = 'x'",
        {},
        "{file}: notify: webhook_credentials_file needs webhook_url",
    ),
    "false alarm budget of zero": (
        "false_alarms_per_month = 0",
        {},
        "{file}: false_alarms_per_month: write a number above 0.0",
    ),
}


@pytest.mark.parametrize(("text", "environ", "message"), CASES.values(), ids=CASES)
def test_a_mistake_is_one_sentence_that_names_file_and_key(tmp_path, text, environ, message):
    """The exact message of each mistake."""
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, text, **environ)
    assert caught.value.faults == [message.format(file=tmp_path / "steadyline.toml")]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("url", ["http://h", "https://u:p@h:1/path/", "http://[::1]:9090", "http://bücher.example:80/"])
def test_any_web_address_is_taken_as_it_is_written(tmp_path, url):
    """Credentials, paths, IPv6 and international names are fine."""
    found = _load(tmp_path, f"prometheus_url = '{url}'", STEADYLINE_TRACE_URL=url)
    assert (found.prometheus_url, found.targets["trace-main"].url.get_secret_value()) == (url, url)


def test_all_faults_are_told_at_once(tmp_path):
    """A user mends a file once, not once for each mistake."""
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, "bogus = 1\n[ports]\ntrace = 0", STEADYLINE_BOGUS="1", STEADYLINE_PORTS_EXPORTER="x")
    assert len(caught.value.faults) == 4


def test_no_message_holds_a_value(tmp_path):
    """A malformed URL with a password in it is named by its key only."""
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, f'[targets.a]\nbackend = "sql"\nurl = ["postgresql://u:{CANARY}@h/d"]\nconcurrency = "{CANARY}"')
    assert CANARY not in str(caught.value)


def test_a_url_is_not_shown_by_printing_the_settings(tmp_path):
    """Secrets are SecretStr: no log line of the settings shows one."""
    found = _load(tmp_path, STEADYLINE_SQL_URL=f"postgresql://u:{CANARY}@h/d")
    assert CANARY not in repr(found) + str(found.model_dump())


def test_a_named_file_that_is_missing_is_a_mistake_and_the_default_file_is_not(tmp_path, monkeypatch):
    """STEADYLINE_CONFIG must exist; steadyline.toml may."""
    monkeypatch.chdir(tmp_path)
    assert settings.load({}).state_dir == Path(".steadyline")
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: no such file; STEADYLINE_CONFIG names it"):
        settings.load({"STEADYLINE_CONFIG": "nowhere.toml"})


def test_expectations_are_taken_in_their_normal_form(tmp_path):
    """From the file as a list, from the environment parted by semicolons; one that stands there twice is one."""
    found = _load(tmp_path, 'expectations = ["sql.x p95<0.08 s for 1m", "sql.x p95 < 80ms for 60s", "* rate > 5/s"]')
    assert found.expectations == ("sql.x p95 < 80ms for 60s", "* rate > 5/s")
    found = _load(tmp_path, STEADYLINE_EXPECTATIONS="sql.x p95 < 80ms; * rate > 5/s;")
    assert found.expectations == ("sql.x p95 < 80ms", "* rate > 5/s")


@pytest.mark.parametrize(
    ("text", "environ", "told"),
    [
        (
            'expectations = ["sql.x p95 < 80", "* rate > 5/s", "sql.x drops < 1/s"]',
            {},
            (
                "{file}: expectations: 'sql.x p95 < 80': 80 is no limit of p95, which is a time (us, ms or s); write it as in "
                "'sql.x p95 < 80ms'; 'sql.x drops < 1/s': a start that is dropped is of no operation yet; ask for all, as in "
                "'* drops < 1/s'"
            ),
        ),
        (
            "",
            {"STEADYLINE_EXPECTATIONS": "* rate > 5"},
            (
                "environment: STEADYLINE_EXPECTATIONS: '* rate > 5': 5 is no limit of rate, "
                "which is a number per second (/s); write it as in '* rate > 200/s'"
            ),
        ),
        (
            "expectations = 5",
            {},
            '{file}: expectations: write a list of criteria, such as ["trace.item_create p95 < 80ms for 30s"]',
        ),
    ],
    ids=["file", "environment", "no list"],
)
def test_an_expectation_that_is_none_is_told(tmp_path, text, environ, told):
    """File or variable, key, what is wrong, and how to write it; all at once."""
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, text, **environ)
    assert str(caught.value) == told.format(file=tmp_path / "steadyline.toml")
