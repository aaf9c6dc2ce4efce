"""Settings by the environment: every form that a variable has."""

import pytest
from bad_input import Case, Place, check

SQL_URL = "write a database URL, such as postgresql://user@host:5432/name or sqlite:////path/history.db"
WEB_URL = "write http://host:port or https://host:port"
ALIAS = "an alias is 1 to 63 letters, digits, dots, dashes and underscores, such as orders-db"
TABLE = "write a table, of names with a value each"
PROCESSES = 'write a JSON object, as {"alias": "part of the command line"}'
SHORT = {"STEADYLINE_SQL_URL": "sqlite:////x"}


def said(says, **variables):
    """Variables by their names without the prefix, and what is said of them."""
    return Case(f"environment: {says}", environ={f"STEADYLINE_{name}": text for name, text in variables.items()})


CASES = {
    "unknown": said("STEADYLINE_FOO is not a setting", FOO="1"),
    "unknown and like another": said(
        "STEADYLINE_SQL_ULR is not a setting; did you mean STEADYLINE_SQL_URL?", SQL_ULR="sqlite:////x"
    ),
    "in small letters": said("STEADYLINE_ports_trace is not a setting; did you mean STEADYLINE_PORTS_TRACE?", ports_trace="1"),
    "prefix alone": Case("environment: STEADYLINE_ is not a setting", environ={"STEADYLINE_": "1"}),
    "table of the file": said("STEADYLINE_TARGETS is not a setting; did you mean STEADYLINE_S3_TARGET?", TARGETS="{}"),
    "what the file alone can say": said(
        "STEADYLINE_SQL_CONCURRENCY is not a setting", SQL_URL="sqlite:////x", SQL_CONCURRENCY="5"
    ),
    "number empty": said("STEADYLINE_PORTS_TRACE: write a whole number", PORTS_TRACE=""),
    "number a word": said("STEADYLINE_PORTS_TRACE: write a whole number", PORTS_TRACE="http"),
    "number with a sign": said("STEADYLINE_PORTS_TRACE: write 1 or more", PORTS_TRACE="-80"),
    "number too large": said("STEADYLINE_PORTS_TRACE: write 65535 or less", PORTS_TRACE="65536"),
    "one port twice": said("STEADYLINE_PORTS_*: load and trace are both 8000; give each its own port", PORTS_LOAD="8000"),
    "truth a word": said("STEADYLINE_EMBEDDED: write true or false", EMBEDDED="perhaps"),
    "path empty": said("STEADYLINE_STATE_DIR: must not be empty", STATE_DIR=""),
    "host with a dash first": said(
        "STEADYLINE_HOSTS_TRACE: write a host's name or IPv4 address, such as db.example", HOSTS_TRACE="-x"
    ),
    "duration": said(
        "STEADYLINE_RETENTION_TIME: write a duration as Prometheus does, such as 15d or 1h30m", RETENTION_TIME="x"
    ),
    "no number": said("STEADYLINE_FALSE_ALARMS_PER_MONTH: write a number", FALSE_ALARMS_PER_MONTH="nan"),
    "history": said(f"STEADYLINE_HISTORY_URL: {SQL_URL}", HISTORY_URL="history.db"),
    "Prometheus": said(f"STEADYLINE_PROMETHEUS_URL: {WEB_URL}", PROMETHEUS_URL="127.0.0.1:9090"),
    "Alertmanager": said(f"STEADYLINE_ALERTMANAGER_URL: {WEB_URL}", ALERTMANAGER_URL="http://h:0"),
    "processes no JSON": said(f"STEADYLINE_PROCESSES: {PROCESSES}", PROCESSES="a=b"),
    "processes nested": said(f"STEADYLINE_PROCESSES: {PROCESSES}", PROCESSES="[" * 100_000),
    "processes a list": said(f"STEADYLINE_PROCESSES: {TABLE}", PROCESSES="[1]"),
    "process a number": said("STEADYLINE_PROCESSES: write text, in quotes", PROCESSES='{"a": 5}'),
    "headers without value": said(
        "STEADYLINE_REMOTE_WRITE_HEADERS: write them as Name: value, several parted by semicolons",
        REMOTE_WRITE_URL="http://h",
        REMOTE_WRITE_HEADERS="X-Scope-OrgID",
    ),
    "mail to nobody": said(
        "STEADYLINE_NOTIFY_EMAIL_TO: write a mail address, such as team@example.org", NOTIFY_EMAIL_TO="team"
    ),
    "mail by half": said(
        "STEADYLINE_NOTIFY_EMAIL_*: smarthost is missing: say the mail server's host:port; from is missing: say whom the "
        "mails come from",
        NOTIFY_EMAIL_TO="a@b",
    ),
    "expectation by half": said(
        "STEADYLINE_EXPECTATIONS: 'sql.x p95': nothing is no comparison; take <, <=, > or >=, as in 'sql.x p95 < 80ms'",
        EXPECTATIONS="sql.x p95",
    ),
    "short form empty": said(f"STEADYLINE_SQL_URL: {SQL_URL}", SQL_URL=""),
    "short form without address": said("set STEADYLINE_S3_URL too; s3 has other settings but no URL", S3_BUCKET="b"),
    "short form without bucket": said("STEADYLINE_S3_*: bucket is missing; name the bucket to work in", S3_URL="http://h"),
    "short form of a file": said(f"STEADYLINE_TAMS_URL: {WEB_URL}", TAMS_URL="file:///x"),
    "short form with keys": said(
        "STEADYLINE_VAST_URL: write the endpoint alone, http://host:port; keys and bucket have settings of their own",
        VAST_URL="http://key:secret@h",
        VAST_BUCKET="b",
        VAST_ACCESS_KEY="key",
        VAST_SECRET_KEY="secret",
    ),
    "short form writes perhaps": said(
        "STEADYLINE_SQL_ALLOW_WRITES: write true or false", SQL_URL="sqlite:////x", SQL_ALLOW_WRITES="perhaps"
    ),
    "alias that a terminal obeys": said(f"STEADYLINE_SQL_TARGET: {ALIAS}", SQL_URL="sqlite:////x", SQL_TARGET="\x1b[31m"),
    "alias empty": said(f"STEADYLINE_SQL_TARGET: {ALIAS}", SQL_URL="sqlite:////x", SQL_TARGET=""),
    "one alias twice": said(
        "STEADYLINE_SQL_TARGET and STEADYLINE_TRACE_TARGET are both 'live'; give each target its own alias",
        SQL_URL="sqlite:////x",
        SQL_TARGET="live",
        TRACE_URL="http://h",
        TRACE_TARGET="live",
    ),
    "secret twice": said(
        "STEADYLINE_S3_*: secret_key and secret_key_file are both given; leave one out",
        S3_URL="http://h",
        S3_BUCKET="b",
        S3_ACCESS_KEY="key",
        S3_SECRET_KEY="secret",
        S3_SECRET_KEY_FILE="x",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(place: Place, case: Case) -> None:
    """The variable is named, with how to write it, and never the value."""
    check(place, case, "operations")
