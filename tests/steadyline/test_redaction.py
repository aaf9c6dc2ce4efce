import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import make_url

from steadyline.redaction import HIDDEN, is_secret_name, redact

MARK = "s3Kr1t"
"""Stands at both ends of every generated secret, so that any part of it that survives is found."""

secrets = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(lambda middle: f"{MARK}{middle}{MARK}")
encoded = st.sampled_from([lambda text: quote(text, safe=""), quote_plus])
names = st.sampled_from(
    [
        "password",
        "PASSWORD",
        "sslpassword",
        "token",
        "key",
        "secret",
        "Api-Key",
        "client_secret",
        "pass%77ord",
        "X-Amz-Signature",
    ]
)
surroundings = st.text(st.sampled_from(string.ascii_letters + " ,:.()\n"), max_size=20)


@given(secrets, encoded, surroundings, surroundings)
def test_authority(secret, encode, before, after):
    """A password in a URL's authority never survives; user, host, port and database do."""
    text = redact(f"{before} postgresql+psycopg://ann:{encode(secret)}@db.example:5432/trace?sslmode=require {after}")
    assert MARK not in text
    assert f"postgresql+psycopg://ann:{HIDDEN}@db.example:5432/trace?sslmode=require" in text


@given(st.text(string.ascii_letters + "@/:#?&=%'\"", max_size=12))
@example("?a=b")
def test_authority_not_encoded(middle):
    """A password that was forgotten to be percent-encoded does not survive either, up to its last @."""
    secret = f"{MARK}{middle}".replace("@", "") + MARK
    assert MARK not in redact(f"cannot reach postgres://ann:{secret}@db/trace")


@given(names, secrets, encoded, st.booleans())
def test_query_parameter(name, secret, encode, first):
    """A secret in a query parameter never survives, whatever the parameter's case and encoding; the others do."""
    parameters = [f"{name}={encode(secret)}", "sslmode=require", "application_name=probe"]
    text = redact("postgresql://db.example/trace?" + "&".join(parameters if first else parameters[::-1]))
    assert MARK not in text
    assert text.startswith("postgresql://db.example/trace?")
    assert "sslmode=require" in text
    assert "application_name=probe" in text


@given(st.sampled_from(["password", "PASSWORD", "sslpassword", "passfile_token"]), secrets, st.sampled_from(["=", " = "]))
def test_keyword_value(name, secret, equals):
    """A secret in a libpq connection string never survives, quoted and escaped as libpq has it."""
    value = "'" + secret.replace("\\", "\\\\").replace("'", "\\'") + "'"
    text = redact(f"host=db.example {name}{equals}{value} port=5432 dbname=trace")
    assert MARK not in text
    assert text.startswith("host=db.example ")
    assert text.endswith(" port=5432 dbname=trace")


@given(st.text(string.ascii_letters + "&?@/:;%'\"", max_size=12))
def test_keyword_value_bare(middle):
    """A bare value runs to the next blank, whatever characters of a URL it holds."""
    text = redact(f"host=db password={MARK}{middle}{MARK} dbname=trace")
    assert text == f"host=db password={HIDDEN} dbname=trace"


@given(secrets, encoded)
def test_nested(secret, encode):
    """A connection string that was encoded into a parameter is redacted there."""
    inner = f"postgresql://ann:{encode(secret)}@db/trace"
    assert MARK not in redact(f"http://127.0.0.1:9464/probe?target={quote(inner, safe='')}&debug=true")


@given(secrets, st.sampled_from(["{}", "FATAL: bad word {} here", "[{}]", "'{}'"]))
def test_known_secret(secret, place):
    """A secret that is known goes wherever it stands, also percent-encoded."""
    assert MARK not in redact(place.format(secret), [secret])
    assert MARK not in redact(place.format(quote(secret, safe="")), [secret])


@given(secrets, encoded, names)
def test_settled(secret, encode, name):
    """What was redacted once stays as it is."""
    once = redact(f"postgresql://u:{encode(secret)}@h/d?{name}={encode(secret)} password='{quote(secret)}'")
    assert redact(once) == once


def test_what_sqlalchemy_shows():
    """SQLAlchemy's own text of a URL shows a password in the query; ours does not."""
    url = make_url("postgresql+psycopg://ann@db/trace?password=hunter2")
    assert "hunter2" in str(url)
    assert redact(str(url)) == f"postgresql+psycopg://ann@db/trace?password={HIDDEN}"


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000/api/v1/items?project_id=1&limit=20",
        "sqlite:////var/lib/steadyline/trace.db",
        "postgresql://ann@db.example:5432/trace?sslmode=require",
        "host=db.example port=5432 dbname=trace",
        "https://example.test/?mail=ann@example.test",
        "duration = 3 s, keyboard=qwerty, passed=12",
        'connection to server at "127.0.0.1", port 5432 failed: Connection refused',
    ],
)
def test_nothing_to_hide(text):
    """A text without a secret stays as it is."""
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://:hunter2@cache/0", "redis://:***@cache/0"),
        ("postgresql://u:p@ss/w@db/trace", "postgresql://u:***@db/trace"),
        ("https://h/#access_token=abc&state=1", "https://h/#access_token=***&state=1"),
        ("mssql://h/?odbc_connect=SERVER%3Dh%3BPWD%3Dx", "mssql://h/?odbc_connect=SERVER%3Dh%3BPWD%3D***"),
        ("two: a://u:x@h, b://v:y@i", "two: a://u:***@h, b://v:***@i"),
        ("password = 'two words' host=db", "password = *** host=db"),
        ("password='never closed host=db", "password=***"),
    ],
)
def test_examples(text, shown):
    """Each way of writing a secret has its redacted form."""
    assert redact(text) == shown


def test_known_secret_behind_what_is_encoded():
    """A user and password that were encoded together are a word behind another."""
    assert redact("ann%3Ahunter2 is refused", ["hunter2"]) == "ann%3A*** is refused"


def test_known_secret_is_hidden_as_a_word():
    """A password that is also part of a scheme leaves the scheme readable."""
    assert redact("postgresql://postgres:postgres@db", ["postgres"]) == "postgresql://***:***@db"


@pytest.mark.parametrize("name", ["sslmode", "keyboard", "passed", "author", "host", "monkey"])
def test_plain_names(name):
    """A name that merely resembles a secret's is none."""
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "x" * 1_000_000 + "@",
        "a://" * 250_000,
        "a://a:" * 150_000 + "@",
        "?a=" * 300_000,
        "?" * 1_000_000,
        "a = '" * 200_000,
        "?a=" + "%25" * 300_000,
        "?a=" + "%3Fa%3D" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_long_text_takes_no_longer_than_its_length(text):
    """What a server answers, or an exception says, may be long and made to be slow: a million characters are done at once."""
    assert isinstance(redact(text), str)


def test_what_is_encoded_too_often_is_hidden_as_a_whole():
    """Nobody decodes without end."""
    text = "?key=hush"
    for _ in range(50):
        text = f"?a={quote(text, safe='')}"
    assert "hush" not in redact(text)
