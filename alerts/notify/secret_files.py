"""The secrets of notifications: each stands in a file that Alertmanager reads itself, and is looked at here before it does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from steadyline.addresses import web_url
from steadyline.errors import ConfigurationError
from steadyline.notify import Notify


def _anything(_secret: str) -> None:
    """A token may be any text."""


@dataclass(frozen=True, slots=True)
class _Secret:
    """A file that the settings name.

    Attributes:
        key: of the setting.
        path: of the file.
        what: it holds, as in "the password".
        bare: a newline at its end would be taken as part of it: Alertmanager 0.25 does so with a mail server's password.
        check: raises ValueError where the secret cannot be one; its words hold no part of it.
    """

    key: str
    path: Path | None
    what: str
    check: Callable[[str], object] = _anything
    bare: bool = False

    def faults(self) -> Iterator[str]:
        """What is wrong with the file, and what to do."""
        if self.path is None:
            return
        origin, remedy = f"{self.key}: {self.path}", f"put {self.what} into it"
        try:
            held = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not text"
            yield f"{origin}: {why}; {remedy}, or take the key out"
            return
        secret = held.strip()
        if not secret:
            yield f"{origin}: empty; {remedy}"
        elif len(secret.splitlines()) > 1:
            yield f"{origin}: several lines, and Alertmanager would take them all; {remedy} and nothing else"
        elif self.bare and held != secret:
            yield f"{origin}: spaces or a newline around it, which Alertmanager 0.25 would send too; write it with printf %s"
        else:
            yield from self._checked(secret, origin)

    def _checked(self, secret: str, origin: str) -> Iterator[str]:
        try:
            self.check(secret)
        except ValueError as error:
            yield f"{origin}: not {self.what}: {error}"


def _of(notify: Notify) -> tuple[_Secret, ...]:
    return (
        _Secret("notify.webhook_url_file", notify.webhook_url_file, "the webhook's URL", web_url),
        _Secret("notify.heartbeat_url_file", notify.heartbeat_url_file, "the heartbeat's URL", web_url),
        _Secret("notify.webhook_credentials_file", notify.webhook_credentials_file, "the bearer token"),
        _Secret("notify.email.password_file", notify.email.password_file, "the mail server's password", bare=True),
        _Secret("notify.slack.url_file", notify.slack.url_file, "the incoming webhook's URL", web_url),
        _Secret("notify.pagerduty.routing_key_file", notify.pagerduty.routing_key_file, "the integration key"),
    )


def check(notify: Notify) -> None:
    """See that each secret's file can be read, and holds one line.

    Raises:
        ConfigurationError: some do not; all faults at once, none with a secret in it.
    """
    faults = [fault for secret in _of(notify) for fault in secret.faults()]
    if faults:
        raise ConfigurationError(faults)
