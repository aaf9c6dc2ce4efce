"""Questions that need a right in Grafana: a refusal says which, and where it is given."""

from collections.abc import Callable
from typing import TypeVar

from requests import codes

from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana, RefusedError

T = TypeVar("T")

TOKEN = "name a file with the token of a service account: --token-file, or grafana_token_file in the settings"  # noqa: S105 - a text

INVALID = (
    "it does not know that token or login, or no longer: give the service account a new token, and write it on the first line "
    "of the token file"
)


class ForbiddenError(ConfigurationError):
    """Who asks is known, and has not the right."""


def ask(grafana: Grafana, what: str, right: str, call: Callable[[], T]) -> T:
    """The answer of a call; as `Grafana.ask`, but who may not is a fault of the configuration.

    Args:
        grafana: who is asked.
        what: is asked for.
        right: that it needs, and the role that has it.
        call: as in `Grafana.ask`.

    Raises:
        ForbiddenError: who asks has not that right.
        ConfigurationError: nobody knows the token.
        RefusedError: Grafana says no for another reason.
        UnreachableError: nobody answers, or somebody else does.
    """
    try:
        return grafana.ask(what, call)
    except RefusedError as error:
        refused = grafana.told(f"refuses {what}: {error.reason}")
        if error.status == codes.unauthorized:
            raise ConfigurationError(f"{refused}; {INVALID if grafana.has_login else TOKEN}") from None
        if error.status == codes.forbidden:
            remedy = f"who asks needs the right {right}" if grafana.has_login else TOKEN
            raise ForbiddenError(f"{refused}; {remedy}") from None
        raise
