"""What stands on the command line, of every command; and the result files that some of them read."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
import run_results
from bad_input import Case, Place, check

from alerts.receiver import journal
from alerts.receiver.notification import Notification
from steadyline.errors import ConfigurationError

SPAN = "is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d)"
WEB_URL = "write http://host:port or https://host:port"
NO_RESULTS = "r.json: not the results of a run; steadyline run --json writes them"
NO_FIT = "no operation fits; steadyline operations lists them"
FOLDER, NO_FOLDER = ".: cannot be written: Is a directory", "/dev/null/x: cannot be written: Not a directory"
CENTURY, ENDLESS = "is longer than a hundred years; write a shorter duration, as 30d", "9" * 400
THREE = "sql.item_create, sql.item_read, sql.item_update"


def said(line, says, code=2, **files):
    """A command line without blanks in its words, and the message."""
    return Case(says, arguments=tuple(line.split()), code=code, files={f"{name}.json": text for name, text in files.items()})


def usage(line, synopsis, says):
    """One that the parser of arguments refuses."""
    command = synopsis.partition(" [")[0].partition(" {")[0]
    return said(line, f"Usage: steadyline {synopsis}\nTry 'steadyline {command} --help' for help.\n{says}")


def results(text):
    """A file that is no run's."""
    return said("report r.json", NO_RESULTS, r=text)


LOAD = "load [OPTIONS] [[USERS]... [-- LOCUST'S OPTIONS]]..."
CASES = {
    "unknown option": usage("status --nope", "status [OPTIONS]", "No such option: --nope"),
    "one word too many": usage("status x", "status [OPTIONS]", "Got unexpected extra argument(s) (x)"),
    "up both ways": said(
        "up --native --docker", "--native and --docker exclude each other: give one of them, or none to have it chosen"
    ),
    "down unknown option": usage("down --nope", "down [OPTIONS]", "No such option: --nope"),
    "watch without rest": usage(
        "watch --interval 0", "watch [OPTIONS]", "Invalid value for '--interval': Input should be greater than or equal to 0.5"
    ),
    "operations unknown": said("operations zzz", "no operation is called zzz; steadyline operations lists all"),
    "operations that a terminal obeys": said(
        "operations \x1b[31m", "no operation is called \N{REPLACEMENT CHARACTER}[31m; steadyline operations lists all"
    ),
    "probe of nothing": usage("probe", "probe [OPTIONS] {operation}", "Missing argument 'operation'."),
    "probe unknown": said("probe nope", f"no operation 'nope'; there are {THREE} … (steadyline operations lists all)"),
    "probe elsewhere": said(
        "probe sql.item_read --target nope", "sql.item_read: no target 'nope' in the settings; there are embedded"
    ),
    "run no rounds": usage(
        "run --rounds 0", "run [OPTIONS]", "Invalid value for '--rounds': Input should be greater than or equal to 1"
    ),
    "run unknown operation": said(
        "run --operation zzz", f"--operation zzz: no operation fits; there are {THREE} … (steadyline operations)"
    ),
    "run unknown target": said("run --target zzz", "--target zzz: no such target here; there are embedded"),
    "run into a folder": said("run --json .", FOLDER),
    "run's metrics into a folder": said("run --metrics .", FOLDER),
    "run into a device": said("run --json /dev/null/x", NO_FOLDER),
    "compare into a folder": said("compare --out .", FOLDER),
    "compare into two": said("compare --json /dev/null/x --out .", f"{NO_FOLDER}\n{FOLDER}"),
    "trend of an endless span": said(f"trend --since {ENDLESS}d", f"'{ENDLESS}d' {CENTURY}"),
    "trend of a number": said(f"trend --since {ENDLESS}", f"{ENDLESS!r} {SPAN}"),
    "trend of two centuries": said("trend --since 73000d", f"'73000d' {CENTURY}"),
    "run seed a word": usage(
        "run --seed x",
        "run [OPTIONS]",
        "Invalid value for '--seed': Input should be a valid integer, unable to parse string as an integer",
    ),
    "load nobody": usage(
        "load --users 0", LOAD, "Invalid value for '--users' / '-u': Input should be greater than or equal to 1"
    ),
    "load unknown users": said(
        "load NopeUser", "there is no user class 'NopeUser'; there is SqlUser, TraceUser, S3User, VastUser, TamsUser"
    ),
    "load unknown shape": said(
        "load --shape zigzag", "there is no shape 'zigzag'; there is constant, ramp, step, spike, soak, breakpoint"
    ),
    "load unknown profile": said("load --profile x", "there is no profile 'x'; there is low, medium, high"),
    "load negative rate": said("load --arrival-rate -1", "--arrival-rate -1: give a number per second, above 0"),
    "load no rate": said("load --arrival-rate nan", "--arrival-rate nan: give a number per second, above 0"),
    "load no spawn rate": said("load --spawn-rate 0", "--spawn-rate 0: give a number per second, above 0"),
    "load duration": said("load --duration x", f"--duration: 'x' {SPAN}"),
    "load endless": said(f"load --duration {ENDLESS}s", f"--duration: '{ENDLESS}s' {CENTURY}"),
    "load no duration": said(
        "load --duration 0s", "--duration: '0s' is no time at all; write a duration above zero, as 90s or 3m"
    ),
    "load no processes": said("load --processes 0", "--processes 0: give how many workers, or -1 for one on each core"),
    "load host no address": said("load --host x", f"--host: {WEB_URL}"),
    "load unknown operation": said("load --operation zzz", "--operation 'zzz' fits nothing; steadyline operations lists them"),
    "load file missing": said("load -f nowhere.py", "nowhere.py: no such file"),
    "load result a folder": said("load --result .", ".: cannot be written: there is something that is no file"),
    "expect no statistic": said(
        "load --expect sql.x",
        "--expect: 'sql.x': nothing is no statistic; take p50, p90, p95, p99, p99.9, mean, rate, failures, drops (a time from "
        "the intended start: response p95), as in 'sql.x p95 < 80ms'",
    ),
    "compare one of two": said("compare --ab a", "Option '--ab' requires 2 arguments."),
    "compare tolerance of all": usage(
        "compare --tolerance 2",
        "compare [OPTIONS]",
        "Invalid value for '--tolerance': Input should be less than or equal to 1",
    ),
    "compare option of another": said(
        "compare --tolerance 0.1", "--tolerance, --allow-writes: they are of --ab; baselines and targets say their own"
    ),
    "compare with nothing": said(
        "compare --against nowhere.json",
        "--against nowhere.json: no such file, and no git repository with commits to look in; give a baseline file, a git "
        "revision, or live",
    ),
    "regress nothing": usage("regress", "regress [OPTIONS] {operation}", "Missing argument 'operation'."),
    "regress no number": said("regress trace.item_create --factor nan", "--factor nan: give a multiple above 1, such as 1.6"),
    "regress duration": said("regress trace.item_create --for x", f"'x' {SPAN}"),
    "regress endless": said(f"regress trace.item_create --for {ENDLESS}s", f"'{ENDLESS}s' {CENTURY}"),
    "regress elsewhere": said(
        "regress trace.item_create --target x", "--target x: no such target of trace; there is embedded"
    ),
    "record too few rounds": usage(
        "baseline record --rounds 1",
        "baseline record [OPTIONS]",
        "Invalid value for '--rounds': Input should be greater than or equal to 5",
    ),
    "record two ways": said(
        "baseline record --rounds 5 --from-prometheus 1h",
        "--runs waits for the exporter's runs, --from-prometheus takes those there were, --rounds measures now; give one of "
        "them",
    ),
    "record of a span": said("baseline record --from-prometheus x", f"'x' {SPAN}"),
    "record of nobody": said("baseline record --operation zzz", f"--operation zzz: {NO_FIT}"),
    "record of nobody's past": said("baseline record --operation zzz --from-prometheus 1h", f"--operation zzz: {NO_FIT}"),
    "record of an endless past": said(f"baseline record --from-prometheus {ENDLESS}d", f"'{ENDLESS}d' {CENTURY}"),
    "record of no load run": said(
        "baseline record --driver load",
        "name the profile whose last run it is (--profile low), or result files (--result FILE)",
    ),
    "record of a broken load run": said(
        "baseline record --driver load --result r.json",
        "r.json: not the result of a load run; steadyline load writes them",
        r="{",
    ),
    "remove what is not there": said("baseline remove sql.nope", "sql.nope: no recorded baseline; there is none"),
    "targets port": usage(
        "targets trace --port 70000",
        "targets trace [OPTIONS]",
        "Invalid value for '--port': Input should be less than or equal to 65535",
    ),
    "targets without a span": said("targets vast --transaction-seconds nan", "--transaction-seconds has to be above 0"),
    "targets database": said(
        "targets trace --url oracle://x",
        "--url or TRACE_DATABASE_URL: database 'oracle' is not known; use sqlite or postgresql (psycopg)",
    ),
    "targets bucket": said(
        "targets s3 --bucket B", "--bucket: 'B' is no bucket name: 3 to 63 small letters, digits, dots and hyphens"
    ),
    "boards to no address": said("dashboards push --url x", f"--url: {WEB_URL}"),
    "boards without token": said(
        "dashboards push --url http://127.0.0.1:1 --token-file nowhere",
        "--token-file nowhere: cannot be read: No such file or directory",
    ),
    "boards to nobody": said(
        "dashboards push --url http://127.0.0.1:1",
        "Grafana at http://127.0.0.1:1 does not answer (ConnectionError)",
        code=4,
    ),
    "rules into a device": said("rules generate --out /dev/null/x", "/dev/null/x: cannot be written: Not a directory"),
    "report of nothing": said("report", "no run was made here yet; steadyline run measures", code=3),
    "report missing": said("report nowhere.json", "nowhere.json: no such file"),
    "report of a folder": said("report .", ".: cannot be read: Is a directory"),
    "report without end": said("report /dev/zero", "/dev/zero: is larger than 64 MiB; name another file"),
    "report empty": results(""),
    "report of a list": results("[]"),
    "report nested too deeply": results("[" * 100_000),
    "report of an endless number": results("9" * 5000),
    "report newer": said("report r.json", "r.json: format 2 is newer than 1; use a newer steadyline", r='{"format": 2}'),
    "report not UTF-8": said("report r.json", "r.json: not UTF-8 (byte 0)", r=b"\xff"),
    "report of no day": results(
        json.dumps(
            {
                "format": 1,
                "run": {**run_results.MADE, "started": "yesterday"},
                "operations": [],
                "growth": [],
                "unreachable": [],
            }
        )
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(place: Place, case: Case) -> None:
    """The word that is wrong is named, with what may stand there; nothing is begun."""
    check(place, case)


def test_notifications_of_another(tmp_path: Path) -> None:
    """Lines that are none are passed over, whatever they hold; a file that cannot be read is named."""
    file = tmp_path / "notifications.jsonl"
    facts = dict.fromkeys((one.name for one in fields(Notification)), "x")
    file.write_text("[" * 100_000 + "\n{\n5\n" + json.dumps(facts) + "\n")
    assert journal.latest(file, 9) == []
    with pytest.raises(ConfigurationError) as caught:
        journal.latest(tmp_path, 9)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"
