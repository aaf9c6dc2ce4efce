"""What stands in the settings file: unknown keys, wrong types, values out of bounds, what does not go together."""

import pytest
from bad_input import Case, Place, check

NAME = "steadyline.toml"
TABLE, LIST = "write a table, of names with a value each", 'write a list, such as ["one", "two"]'
ALIAS = "an alias is 1 to 63 letters, digits, dots, dashes and underscores, such as orders-db"
ADDRESS = "write an IPv4 address, such as 127.0.0.1, or 0.0.0.0 for all of this host's"
SQL_URL = "write a database URL, such as postgresql://user@host:5432/name or sqlite:////path/history.db"
SECOND_AT = "there is a second @; write %40 for one that is part of the password"
WEB_URL = "write http://host:port or https://host:port"
MAIL = '[notify.email]\nto = ["a@b"]\nfrom = "a@b"\n'
WRITTEN = '[remote_write]\nurl = "http://long.example"\n'


def said(text, *faults):
    """A settings file, and what is said of its keys."""
    return Case("\n".join(f"{NAME}: {fault}" for fault in faults), files={NAME: text})


def target(facts, fault, backend="sql", url="sqlite:////x", alias="a"):
    """A target with something wrong in it."""
    key = f"targets.{alias}{'' if fault.startswith(':') else '.'}"
    return said(f'[targets."{alias}"]\nbackend = "{backend}"\nurl = "{url}"\n{facts}\n', f"{key}{fault}")


KEYS = {
    "unknown": said("state_dri = 'x'", "state_dri: unknown key; did you mean state_dir?"),
    "unknown and like none": said("zzz = 1", "zzz: unknown key; remove it"),
    "unknown in a table": said("[ports]\nexportr = 1", "ports.exportr: unknown key; did you mean exporter?"),
    "unknown table": said("[notify.teams]\nurl = 'x'", "notify.teams: unknown key; remove it"),
    "of another table": said("[notify]\ntrace = 1", "notify.trace: unknown key; remove it"),
    "unknown of a target": target("allow_write = true", "allow_write: unknown key; did you mean allow_writes?"),
    "what only the stack may say": said(
        "[targets.a]\nbackend = 'sql'\nurl = 'sqlite:////x'\nembedded = true", "targets: a.embedded: unknown key; remove it"
    ),
    "with a line's end in it": said('"a\\nb" = 1', "a b: unknown key; remove it"),
    "with what a terminal obeys": said('"\\u001b[2J" = 1', "\N{REPLACEMENT CHARACTER}[2J: unknown key; remove it"),
    "every fault at once": said(
        "a = 1\n[ports]\ntrace = 0\n[targets.x]\ne = 1\n",
        "targets.x.backend: is missing; say it",
        "targets.x.url: is missing; say it",
        "targets.x.e: unknown key; remove it",
        "ports.trace: write 1 or more",
        "a: unknown key; remove it",
    ),
}
VALUES = {
    "path a number": said("state_dir = 5", "state_dir: write a path, in quotes"),
    "path empty": said("state_dir = ''", "state_dir: must not be empty"),
    "truth a word": said("embedded = 'perhaps'", "embedded: write true or false"),
    "truth a number": said("embedded = 7", "embedded: write true or false"),
    "port zero": said("[ports]\ntrace = 0", "ports.trace: write 1 or more"),
    "port negative": said("[ports]\ntrace = -1", "ports.trace: write 1 or more"),
    "port too large": said("[ports]\ntrace = 65536", "ports.trace: write 65535 or less"),
    "port beyond all": said("[ports]\ntrace = 99999999999999999999", "ports.trace: write 65535 or less"),
    "port with a fraction": said("[ports]\ntrace = 80.5", "ports.trace: write a whole number"),
    "port a word": said("[ports]\ntrace = 'http'", "ports.trace: write a whole number"),
    "port a truth": said("[ports]\ntrace = true", "ports.trace: write a number"),
    "port a list": said("[ports]\ntrace = [1]", "ports.trace: write a whole number"),
    "one port twice": said("[ports]\ntrace = 9090", "ports: prometheus and trace are both 9090; give each its own port"),
    "ports a number": said("ports = 5", f"ports: {TABLE}"),
    "address a name": said("listen_address = 'localhost'", f"listen_address: {ADDRESS}"),
    "address out of bounds": said("listen_address = '300.1.1.1'", f"listen_address: {ADDRESS}"),
    "host two words": said("[hosts]\ntrace = 'a b'", "hosts.trace: write a host's name or IPv4 address, such as db.example"),
    "host with a port": said("[hosts]\nsql = 'a'", "hosts.sql: unknown key; remove it"),
    "retention in words": said(
        "retention_time = '15 days'", "retention_time: write a duration as Prometheus does, such as 15d or 1h30m"
    ),
    "size without unit": said("retention_size = '5'", "retention_size: write a size as Prometheus does, such as 512MB or 5GB"),
    "budget no number": said("false_alarms_per_month = nan", "false_alarms_per_month: write a number"),
    "budget infinite": said("false_alarms_per_month = inf", "false_alarms_per_month: write a number"),
    "budget negative": said("false_alarms_per_month = -1", "false_alarms_per_month: write a number above 0.0"),
    "budget too large": said("false_alarms_per_month = 1001", "false_alarms_per_month: write 1000.0 or less"),
    "budget a truth": said("false_alarms_per_month = true", "false_alarms_per_month: write a number"),
    "rate over a half": said("gate_false_alarm_rate = 0.6", "gate_false_alarm_rate: write 0.5 or less"),
    "database without scheme": said("history_url = 'nowhere'", f"history_url: {SQL_URL}"),
    "database a number": said("history_url = 5", "history_url: write text, in quotes"),
    "files a number": said("operations = 5", 'operations: write a list of files, such as ["my_operations.py"]'),
    "files numbers": said("operations = [5]", 'operations: write a list of files, such as ["my_operations.py"]'),
    "processes a list": said("processes = ['x']", f"processes: {TABLE}"),
    "process a number": said("[processes]\na = 5", "processes.a: write text, in quotes"),
    "process that is any": said("[processes]\na = ''", "processes.a: must not be empty"),
    "web address of a file": said("prometheus_url = 'file:///x'", f"prometheus_url: {WEB_URL}"),
    "web address without host": said("grafana_url = 'https://'", f"grafana_url: {WEB_URL}"),
    "web address of no port": said("runbook_url = 'http://h:99999'", f"runbook_url: {WEB_URL}"),
    "web address with a line's end": said('alertmanager_url = "http://h\\n"', f"alertmanager_url: {WEB_URL}"),
    "expectation of no number": said(
        "expectations = ['sql.x p95 < 80']",
        "expectations: 'sql.x p95 < 80': 80 is no limit of p95, which is a time (us, ms or s); write it as in "
        "'sql.x p95 < 80ms'",
    ),
}
TOLD = {
    "mail to no address": said(
        f"{MAIL.replace('a@b', 'x')}smarthost = 'h:25'",
        "notify.email.to.0: write a mail address, such as team@example.org",
        "notify.email.from: write a mail address, such as team@example.org",
    ),
    "mail to a number": said("[notify.email]\nto = 5", f"notify.email.to: {LIST}"),
    "mail through no port": said(
        f"{MAIL}smarthost = 'h'", "notify.email.smarthost: write host:port, such as mail.example:587"
    ),
    "mail through nothing": said(MAIL, "notify.email: smarthost is missing: say the mail server's host:port"),
    "chat without its file": said(
        "[notify.slack]\nchannel = 'x'",
        "notify.slack: url_file is missing: name the file with the incoming webhook's URL, or take channel out",
    ),
    "pager without its key": said(
        "[notify.pagerduty]\nurl = 'http://x'",
        "notify.pagerduty: routing_key_file is missing: name the file with the integration key, or take url out",
    ),
    "webhook secret of nothing": said(
        "[notify]\nwebhook_credentials_file = 'x'", "notify: webhook_credentials_file needs webhook_url"
    ),
    "another database": said(
        "[targets.x]\nbackend = 'sql'\nurl = 'mysql://u@h/d'",
        "targets.x.url: write sqlite:////path/trace.db or postgresql://user@host:5432/name; no other database is known",
    ),
    "SQLite of no file": said(
        "[targets.x]\nbackend = 'sql'\nurl = 'sqlite:///:memory:'",
        "targets.x.url: SQLite needs a file that all connections see: sqlite:////path/trace.db",
    ),
    "password of nobody": said(
        "[targets.x]\nbackend = 'http'\nurl = 'http://h'\npassword_file = 'p'",
        "targets.x: password_file is of nobody; say in the url who asks: http://user@host",
    ),
    "password said twice": said(
        "[targets.x]\nbackend = 'http'\nurl = 'http://u:canary@h'\npassword_file = 'p'",
        "targets.x: a password stands in the url, and password_file is given; leave one out",
    ),
    "password of a database said twice": said(
        "[targets.x]\nbackend = 'sql'\nurl = 'postgresql://u:canary@h/d'\npassword_file = 'p'",
        "targets.x: a password stands in the url, and password_file is given; leave one out",
    ),
    "question in a target's url": said(
        "[targets.x]\nbackend = 'http'\nurl = 'http://h/?q=1'",
        "targets.x.url: write http://host:port or https://host:port, at most a path after it",
    ),
    "password with a blank @ in a database's url": said(
        "[targets.x]\nbackend = 'sql'\nurl = 'postgresql://u:canary@canary@h/d'", f"targets.x.url: {SECOND_AT}"
    ),
    "password with a blank @ in a web url": said(
        "[targets.x]\nbackend = 'http'\nurl = 'http://u:canary@canary@h/'", f"targets.x.url: {SECOND_AT}"
    ),
    "password with a blank @ of the history": said(
        "history_url = 'postgresql://u:canary@canary@h/d'", f"history_url: {SECOND_AT}"
    ),
    "password with a blank @ of a webhook": said(
        "[notify]\nwebhook_url = 'https://u:canary@canary@h/'", f"notify.webhook_url: {SECOND_AT}"
    ),
    "webhook said twice": said(
        "[notify]\nwebhook_url = 'http://x'\nwebhook_url_file = 'x'", "notify: say webhook_url or webhook_url_file, not both"
    ),
    "heartbeat said twice": said(
        "[notify]\nheartbeat_url = 'http://x'\nheartbeat_url_file = 'x'",
        "notify: say heartbeat_url or heartbeat_url_file, not both",
    ),
    "storage headers a list": said(f"{WRITTEN}headers = ['x']", f"remote_write.headers: {TABLE}"),
    "storage header with a blank": said(
        f"{WRITTEN}headers = {{'a b' = 'x'}}", "remote_write: headers: 'a b' is no header's name"
    ),
    "storage secret as a header": said(
        f"{WRITTEN}headers = {{Authorization = 'x'}}",
        "remote_write: headers: Authorization: a secret belongs into password_file or credentials_file",
    ),
    "storage without a name": said(f"{WRITTEN}name = ''", "remote_write.name: must not be empty"),
    "storage of nobody": said(
        f"{WRITTEN}username = 'me'", "remote_write: username and password_file go together; say both, or neither"
    ),
    "storage nowhere": said(
        "[remote_write]\ncredentials_file = 'x'",
        "remote_write: credentials_file: of no use without url; say where to write, or take it out",
    ),
    "who writes in the address": said(
        "[remote_write]\nurl = 'http://me@h'",
        "remote_write: url holds who writes; say username and password_file instead",
    ),
}
TARGETS = {
    "targets a list": said("targets = []", f"targets: {TABLE}"),
    "targets an array": said("[[targets]]\nbackend = 'sql'", f"targets: {TABLE}"),
    "target a text": said("[targets]\na = 'sqlite:////x'", f"targets.a: {TABLE}"),
    "alias with a blank": target("", f": {ALIAS}", alias="a b"),
    "alias empty": target("", f": {ALIAS}", alias=""),
    "alias too long": target("", f": {ALIAS}", alias="x" * 64),
    "backend a number": said("[targets.a]\nbackend = 5\nurl = 'x'", "targets.a.backend: write text, in quotes"),
    "address empty": target("", f"url: {SQL_URL}", url=""),
    "database a word": target("", f"url: {SQL_URL}", url="orders"),
    "address of a file": target("", f"url: {WEB_URL}", backend="trace", url="file:///x"),
    "endpoint with its keys": target(
        "bucket = 'b'",
        "url: write the endpoint alone, http://host:port; keys and bucket have settings of their own",
        backend="s3",
        url="http://key:secret@h",
    ),
    "no connections": target("concurrency = 0", "concurrency: write 1 or more"),
    "too many connections": target("concurrency = 1001", "concurrency: write 1000 or less"),
    "connections a truth": target("concurrency = true", "concurrency: write a number"),
    "no bytes": target("bytes_per_second = 0", "bytes_per_second: write 1 or more"),
    "writes perhaps": target("allow_writes = 'perhaps'", "allow_writes: write true or false"),
    "bucket empty": target("bucket = ''", "bucket: must not be empty", backend="s3", url="http://h"),
    "bucket of a database": target("bucket = 'b'", ": bucket is not a setting of sql targets, which take password_file"),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{subject}: {name}")
        for subject, cases in {"key": KEYS, "value": VALUES, "told": TOLD, "target": TARGETS}.items()
        for name, case in cases.items()
    ],
)
def test_refused(place: Place, case: Case) -> None:
    """File and key are named, with how to write it, and never the value."""
    check(place, case, "operations")
