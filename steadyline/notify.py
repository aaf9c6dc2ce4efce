"""Whom to tell beyond the local receiver, and in which files the secrets for it stand; a part of the settings.

A kind of receiver is used when what it cannot do without is said; half of it is refused, and so is a secret without its use.
"""

import re
from collections.abc import Iterator
from email.utils import getaddresses
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from steadyline.addresses import WebUrl

_SMARTHOST = re.compile(r"(\[[0-9A-Fa-f:]+\]|[^\s:\[\]]+):([0-9]{1,5})")
_HIGHEST_PORT = 65535


def _smarthost(text: str) -> str:
    found = _SMARTHOST.fullmatch(text)
    if found is None or not 0 < int(found[2]) <= _HIGHEST_PORT:
        raise ValueError("write host:port, such as mail.example:587")
    return text


def _address(text: str) -> str:
    found = getaddresses([text])
    if len(found) != 1 or not re.fullmatch(r"[^\s@]+@[^\s@]+", found[0][1]) or not text.isprintable():
        raise ValueError("write a mail address, such as team@example.org")
    return text.strip()


MailAddress = Annotated[str, AfterValidator(_address)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


class Email(_Strict):
    """Mail through a server of yours; used when `to` is said.

    Attributes:
        to: who gets the mails; in the variable parted by commas.
        from_: whom they come from.
        smarthost: the mail server, host:port; on port 465 TLS from the first byte.
        username: of the mail server, where it wants one.
        password_file: a file with the password for it.
        require_tls: never hand a mail over without TLS (STARTTLS); false for a server that has none, such as Mailpit.
        hello: the host name to greet the server with, where it minds.
    """

    to: tuple[MailAddress, ...] = ()
    from_: MailAddress | None = Field(default=None, alias="from")
    smarthost: Annotated[str, AfterValidator(_smarthost)] | None = None
    username: str | None = None
    password_file: Path | None = None
    require_tls: bool = True
    hello: str | None = None

    @field_validator("to", mode="before")
    @classmethod
    def _listed(cls, said: Any) -> Any:
        """One text is several addresses, as the environment has them."""
        if isinstance(said, str):
            return [one.strip() for one in said.split(",") if one.strip()]
        return said

    @model_validator(mode="after")
    def _whole(self) -> "Email":
        if faults := list(self._missing()):
            raise ValueError("; ".join(faults))
        return self

    def _missing(self) -> Iterator[str]:
        """What is said by half; a default that is said again is no wish for mail."""
        others = ("from_", "smarthost", "username", "password_file", "hello")
        if not self.to and any(getattr(self, name) is not None for name in others):
            yield "to is missing: say who gets the mails, or take the other keys out"
        if self.to and not self.smarthost:
            yield "smarthost is missing: say the mail server's host:port"
        if self.to and not self.from_:
            yield "from is missing: say whom the mails come from"
        if self.username and not self.password_file:
            yield "password_file is missing: name the file with the password of username, or take username out"
        if self.password_file and not self.username:
            yield "username is missing: say whose password password_file holds, or take password_file out"


class Slack(_Strict):
    """A Slack channel, or whatever takes Slack's incoming webhooks (Mattermost, Rocket.Chat); used when `url_file` is said.

    Attributes:
        url_file: a file with the incoming webhook's URL, which is a secret.
        channel: another channel than the webhook's own, where it may write there.
    """

    url_file: Path | None = None
    channel: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Slack":
        if self.channel is not None and self.url_file is None:
            raise ValueError("url_file is missing: name the file with the incoming webhook's URL, or take channel out")
        return self


class PagerDuty(_Strict):
    """A PagerDuty service by its Events API v2, told of what is critical alone; used when `routing_key_file` is said.

    Attributes:
        routing_key_file: a file with the integration key.
        url: of the Events API, where it is not PagerDuty's usual one: its European one, or a stand-in.
    """

    routing_key_file: Path | None = None
    url: WebUrl | None = None

    @model_validator(mode="after")
    def _whole(self) -> "PagerDuty":
        if self.url is not None and self.routing_key_file is None:
            raise ValueError("routing_key_file is missing: name the file with the integration key, or take url out")
        return self


class Notify(_Strict):
    """Notifications beyond the local receiver, all at once where several are said (docs/notifications.md).

    Attributes:
        webhook_url: Alertmanager posts its webhook there too.
        webhook_url_file: a file with that URL instead, where it is a secret; Alertmanager reads it from 0.26 on.
        webhook_credentials_file: a file with the bearer token for it; the secret stands in no other place.
        heartbeat_url: a dead man's switch, which is posted to while alerting works: it tells you when that stops.
        heartbeat_url_file: a file with that URL instead, where it is a secret; Alertmanager reads it from 0.26 on.
        email: mail.
        slack: chat.
        pagerduty: on call.
    """

    webhook_url: WebUrl | None = None
    webhook_url_file: Path | None = None
    webhook_credentials_file: Path | None = None
    heartbeat_url: WebUrl | None = None
    heartbeat_url_file: Path | None = None
    email: Email = Email()
    slack: Slack = Slack()
    pagerduty: PagerDuty = PagerDuty()

    @model_validator(mode="after")
    def _usable(self) -> "Notify":
        if self.webhook_credentials_file is not None and self.webhook_url is None and self.webhook_url_file is None:
            raise ValueError("webhook_credentials_file needs webhook_url")
        for name in ("webhook_url", "heartbeat_url"):
            if getattr(self, name) is not None and getattr(self, f"{name}_file") is not None:
                raise ValueError(f"say {name} or {name}_file, not both")
        return self
