"""Each receiver is told once of a firing and once of a resolved alert, in its API's own shape, by a real Alertmanager."""

import base64
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

pytestmark = [
    pytest.mark.stack,
    # aiosmtpd of itself: the stand-in has no TLS, and keeps an attribute of old
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
]

SLACK = "/services/T0/B0/slack-s3cret"
FACTS = (
    "1.87 times its baseline",
    "critical: investigate at once",
    "93.5ms a call",
    "50 ms a call, tolerance 10% (made for tests)",
)
LINKS = ("http://127.0.0.1:8025/runbook#steadylineregression", "http://127.0.0.1:9090/graph?g0.expr=up")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SlackField(_Shape):
    """One of an attachment's fields."""

    title: str
    value: str
    short: bool


class SlackAttachment(_Shape):
    """A legacy attachment."""

    fallback: str = Field(min_length=1)
    color: str = Field(pattern="^#[0-9a-f]{6}$")
    title: str = Field(min_length=1)
    title_link: str = Field(pattern="^https?://")
    text: str
    fields: list[SlackField]
    footer: str
    mrkdwn_in: list[str]
    callback_id: str = ""


class SlackMessage(_Shape):
    """An incoming webhook's message with a legacy attachment."""

    channel: str
    username: str
    attachments: list[SlackAttachment] = Field(min_length=1, max_length=1)


class PagerDutyPayload(_Shape):
    """What an event is about, by the common event format."""

    summary: str = Field(min_length=1, max_length=1024)
    source: str = Field(min_length=1)
    severity: Literal["critical", "error", "warning", "info"]
    component: str
    group: str
    class_: str = Field(alias="class")
    custom_details: dict[str, str | int]


class PagerDutyLink(_Shape):
    """A link of an incident."""

    href: str = Field(pattern="^https?://")
    text: str


class PagerDutyEvent(_Shape):
    """An event of the Events API v2."""

    routing_key: str
    event_action: Literal["trigger", "resolve"]
    dedup_key: str = Field(min_length=1, max_length=255)
    client: str
    client_url: str = Field(pattern="^https?://")
    links: list[PagerDutyLink]
    payload: PagerDutyPayload


class WebhookAlert(_Shape):
    """One alert of the webhook."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime = Field(alias="endsAt")
    generator_url: str = Field(alias="generatorURL")
    fingerprint: str


class Webhook(_Shape):
    """Alertmanager's webhook, version 4."""

    version: Literal["4"]
    group_key: str = Field(alias="groupKey")
    truncated: int = Field(alias="truncatedAlerts")
    status: Literal["firing", "resolved"]
    receiver: Literal["notifications"]
    group_labels: dict[str, str] = Field(alias="groupLabels")
    common_labels: dict[str, str] = Field(alias="commonLabels")
    common_annotations: dict[str, str] = Field(alias="commonAnnotations")
    external_url: str = Field(alias="externalURL")
    alerts: list[WebhookAlert]
    notification_reason: Any = Field(default=None, alias="notification_reason")


def test_a_mail_says_what_how_bad_since_and_where_to_look(told, since):
    """One mail to all addresses, in plain text and HTML, with the facts and the links in both."""
    recipients, mail = told.inbox.mails[0]
    assert recipients == ["a@test.example", "b@test.example"]
    assert mail["From"] == "s@test.example"
    assert mail["Subject"] == "[critical] sql.item_create on orders <b>& is 1.87 times its baseline"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = told.texts_of(0)
    for body in (text, html):
        for fact in (*FACTS, since, *LINKS, f"{told.alertmanager.split(':')[-1]}/#/silences/new"):
            assert fact in body, fact
    assert "orders <b>& is" in text
    assert "orders &lt;b&gt;&amp; is" in html
    assert "<b>" not in html


def test_a_resolved_mail_says_how_long_it_lasted(told):
    """It is known as over in the subject and in the text, and offers no silence."""
    _, mail = told.inbox.mails[1]
    assert mail["Subject"].startswith("[resolved] sql.item_create on orders <b>&: SteadylineRegression after 3m")
    for body in told.texts_of(1):
        assert "resolved after 3m" in body
        assert "was critical" in body
        assert "Last value" in body
        assert "silences/new" not in body
        assert "investigate" not in body


def test_slack_gets_an_attachment_with_colour_fields_and_links(told, since):
    """Slack's own characters are escaped, so that no label is a mention; the title leads to the board."""
    refused, firing, resolved = (SlackMessage.model_validate(one) for one in told.posts(SLACK)[:3])
    assert refused == firing  # the first was answered with 503: it is sent again
    (shown,) = firing.attachments
    assert firing.channel == "#alerts"
    assert shown.color == "#b91c1c"
    assert shown.title == shown.fallback == "[critical] sql.item_create on orders &lt;b&gt;&amp; is 1.87 times its baseline"
    assert shown.title_link.startswith("http://127.0.0.1:3000/d/steadyline-operation?")
    assert {one.title: one.value for one in shown.fields} == {
        "How bad": "1.87 times its baseline, critical: investigate at once",
        "Since": since,
        "Now": "93.5ms a call",
        "Held against": "50 ms a call, tolerance 10% (made for tests)",
    }
    for link in ("|Board>", "|Runbook>", "|Prometheus>", "|Silence it>", *LINKS):
        assert link in shown.text
    (over,) = resolved.attachments
    assert over.color == "#15803d"
    assert over.title.startswith("[resolved] sql.item_create on orders &lt;b&gt;&amp;: SteadylineRegression after 3m")
    assert "Silence" not in over.text


def test_pagerduty_gets_a_trigger_and_a_resolve_of_the_same_incident(told, since):
    """The Events API's shape; the details hold the facts, the links the ways on."""
    trigger, resolve = (PagerDutyEvent.model_validate(one) for one in told.posts("/v2/enqueue"))
    assert (trigger.event_action, resolve.event_action) == ("trigger", "resolve")
    assert trigger.dedup_key == resolve.dedup_key
    assert trigger.routing_key == "pd-r0uting-key"
    payload = trigger.payload
    assert payload.severity == "critical"
    assert payload.summary == "[critical] sql.item_create on orders <b>& is 1.87 times its baseline"
    assert (payload.class_, payload.component, payload.group) == ("SteadylineRegression", "sql.item_create", "orders <b>&")
    assert isinstance(payload.custom_details["how_bad"], str)
    told_facts = "\n".join(map(str, payload.custom_details.values()))
    assert all(fact in told_facts for fact in (*FACTS, since))
    assert {one.text for one in trigger.links} == {"Board", "Runbook", "Prometheus", "Silence it"}
    assert "resolved after 3m" in str(resolve.payload.custom_details["since"])


def test_the_silence_link_chooses_this_alert_and_no_other(told):
    """Its matchers are all labels of the alert, whatever characters they have."""
    link = next(one["href"] for one in told.posts("/v2/enqueue")[0]["links"] if one["text"] == "Silence it")
    place, _, query = urlsplit(link).fragment.partition("?")
    assert place == "/silences/new"
    chosen = unquote(query.partition("=")[2])
    assert 'target="orders <b>&"' in chosen
    assert len(parse_qs(query)) == 1
    assert chosen.count("=") == 6


def test_the_webhook_gets_version_4_with_the_bearer_token(told):
    """Firing and resolved, as Alertmanager documents it."""
    firing, resolved = (Webhook.model_validate(one) for one in told.posts("/hook"))
    assert (firing.status, resolved.status) == ("firing", "resolved")
    assert {one.headers["authorization"] for one in told.web.of("/hook")} == {"Bearer t0ken-hook"}
    assert firing.alerts[0].annotations["current"] == "93.5ms a call"


def test_the_heartbeat_goes_to_the_dead_mans_switch_alone(told):
    """It is told that alerting works, and nobody else is told that."""
    beats = told.posts("/alive")
    assert beats
    assert {one["receiver"] for one in beats} == {"heartbeat"}
    others = [*told.posts("/hook"), *told.posts("/v2/enqueue"), *told.posts(SLACK)]
    assert not [one for one in others if "SteadylineWatchdog" in str(one)]


def test_no_secret_stands_in_the_configuration_nor_in_the_log(told):
    """Alertmanager reads the files itself, and a refused notification's log line holds no secret."""
    log, written = ((told.folder / name).read_text() for name in ("log", "alertmanager.yml"))
    assert "503" in log
    for secret in ("mail-pass-w0rd", "slack-s3cret", "pd-r0uting-key", "t0ken-hook"):
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            assert form not in log
            assert form not in written
