"""The templates, filled in by amtool: several alerts at once, alerts about no operation, characters that mean something."""

import json
import subprocess
from pathlib import Path

import pytest

from alerts.notify import templates
from steadyline.severity import Severity

EXPORTER_DOWN = {
    "status": "firing",
    "labels": {"alertname": "SteadylineExporterDown", "severity": "critical", "instance": "127.0.0.1:9464"},
    "annotations": {"summary": "The exporter cannot be scraped", "runbook_url": "http://127.0.0.1:8025/runbook#x"},
    "startsAt": "2026-11-27T06:00:00Z",
    "generatorURL": "http://127.0.0.1:9090/graph",
}
BARE = {"status": "firing", "labels": {"alertname": "SomebodyElses"}, "annotations": {}, "startsAt": "2026-11-27T06:00:00Z"}
HOSTILE = '<script>alert("x")</script><!channel>&'
ALL = (
    ("subject", "text"),
    ("mail.text", "text"),
    ("mail.html", "html"),
    ("slack.title", "text"),
    ("slack.text", "text"),
    ("slack.how_bad", "text"),
    ("slack.since", "text"),
    ("slack.current", "text"),
    ("slack.held_against", "text"),
    ("pagerduty.what", "text"),
    ("pagerduty.how_bad", "text"),
    ("pagerduty.firing", "text"),
    ("pagerduty.resolved", "text"),
    ("link.board", "text"),
    ("link.runbook", "text"),
    ("link.graph", "text"),
    ("link.silence", "text"),
)


@pytest.fixture
def fill(tmp_path: Path):
    """`fill(name, kind, *alerts)` fills one template in with these alerts."""
    for name, text in templates.texts().items():
        (tmp_path / name).write_text(text)

    def run(name: str, kind: str, *alerts: dict[str, object]) -> str:
        ended = all(one["status"] == "resolved" for one in alerts)
        labels = [one["labels"] for one in alerts]
        common = {key: value for key, value in labels[0].items() if all(one.get(key) == value for one in labels)}
        data = {"status": "resolved" if ended else "firing", "alerts": alerts, "commonLabels": common}
        (tmp_path / "data.json").write_text(json.dumps({**data, "receiver": "x", "externalURL": "http://127.0.0.1:9093"}))
        command = ["amtool", "template", "render", f"--template.glob={tmp_path / templates.PATTERN}"]
        command += [f"--template.data={tmp_path / 'data.json'}", f"--template.type={kind}"]
        command += ['--template.text={{ template "steadyline.' + name + '" . }}']
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _resolved(alert):
    return {**alert, "status": "resolved", "endsAt": "2026-11-27T06:03:20.4Z"}


@pytest.mark.parametrize(("name", "kind"), ALL, ids=[name for name, _ in ALL])
@pytest.mark.parametrize(
    "alerts",
    [(EXPORTER_DOWN,), (BARE,), (_resolved(BARE),), (_resolved(EXPORTER_DOWN), EXPORTER_DOWN)],
    ids=["no operation", "nothing but a name", "resolved", "one over and one not"],
)
def test_every_template_takes_every_alert(fill, name, kind, alerts):
    """None fails, and none shows Go's own words for what is not there."""
    filled = fill(name, kind, *alerts)
    for word in ("<no value>", "ZgotmplZ", "<nil>", "%!"):
        assert word not in filled


def test_several_alerts_are_a_list(fill):
    """Each has its own part, and the subject says how many fire."""
    other = {
        **EXPORTER_DOWN,
        "labels": {**EXPORTER_DOWN["labels"], "instance": "other"},
        "annotations": {"summary": "The second"},
    }
    assert fill("subject", "text", EXPORTER_DOWN, other) == "[critical] 2 alerts: The exporter cannot be scraped"
    for name, kind in (("mail.text", "text"), ("mail.html", "html"), ("slack.text", "text"), ("pagerduty.what", "text")):
        filled = fill(name, kind, EXPORTER_DOWN, _resolved(other))
        assert filled.index("The exporter cannot be scraped") < filled.index("The second")


def test_a_resolved_alert_says_how_long_it_lasted(fill):
    """To the second."""
    assert fill("subject", "text", _resolved(EXPORTER_DOWN)) == "[resolved] 127.0.0.1:9464: SteadylineExporterDown after 3m20s"
    assert "RESOLVED after 3m20s" in fill("mail.html", "html", _resolved(EXPORTER_DOWN))


def test_a_mail_runs_nothing_and_fetches_nothing(fill):
    """Labels and annotations are other people's text; a link that is none of the web's leads nowhere."""
    links = {"dashboard_url": "javascript:alert(1)", "runbook_url": "http://h/?a=" + HOSTILE}
    texts = dict.fromkeys(("summary", "description", "current", "baseline", "ratio", "limit"), HOSTILE)
    alert = {**EXPORTER_DOWN, "labels": dict.fromkeys(EXPORTER_DOWN["labels"], HOSTILE), "annotations": {**texts, **links}}
    html = fill("mail.html", "html", alert)
    for harmful in ("<script", "javascript:", "<!channel", "<img", "@import", "url("):
        assert harmful not in html
    assert "&lt;script&gt;" in html


def test_no_label_is_a_mention_in_chat(fill):
    """Slack takes <!channel> for a call to everybody."""
    labels = {"alertname": HOSTILE, "severity": HOSTILE, "operation": HOSTILE, "target": HOSTILE}
    annotations = dict.fromkeys(("summary", "description", "current", "baseline", "ratio", "dashboard_url"), HOSTILE)
    alert = {**BARE, "labels": labels, "annotations": annotations, "generatorURL": HOSTILE}
    for name in ("title", "text", "how_bad", "since", "current", "held_against"):
        for one in (alert, _resolved(alert)):
            assert "<!channel>" not in fill(f"slack.{name}", "text", one)


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.WARNING, Severity.INFO])
def test_each_severity_has_its_words_colour_and_level(fill, severity):
    """How bad is said in words, not by a colour alone; PagerDuty has the same three words."""
    alert = {**EXPORTER_DOWN, "labels": {**EXPORTER_DOWN["labels"], "severity": severity}}
    assert fill("slack.how_bad", "text", alert).startswith(f"{severity}: ")
    assert fill("pagerduty.severity", "text", alert) == severity
    colour = fill("colour", "text", alert)
    assert f"background-color:{colour}" in fill("mail.html", "html", alert)
