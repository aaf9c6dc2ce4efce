"""Whether a target over HTTP answers as it should, and if not, what to do: one sentence without a secret."""

from collections.abc import Callable

import httpx

from steadyline.errors import UnreachableError
from steadyline.operations.http.connection import Place
from steadyline.operations.http.cures import CURES
from steadyline.operations.http.failures import reason_of
from steadyline.outcome import IntegrityError, Reason
from steadyline.redaction import redact


def require_answers(api: str, place: Place, ask: Callable[[], object]) -> None:
    """Ask, and say what to do where the answer is not as it should be.

    Args:
        api: what the target is to be, as in "Trace API".
        place: where it is.
        ask: the questions; raises what the HTTP client raises, or IntegrityError for an answer of another kind.

    Raises:
        UnreachableError: it does not answer, refuses, or is something else; the text says what to do.
    """
    try:
        ask()
    except httpx.HTTPError as error:
        said = redact(str(error), place.secrets).partition("\n")[0]
        raise UnreachableError(f"{api} at {place.shown}: {_cure(api, place, error)} ({said})") from None
    except IntegrityError:
        raise UnreachableError(f"{api} at {place.shown}: {_other(api)}") from None


def _cure(api: str, place: Place, error: httpx.HTTPError) -> str:
    reason = reason_of(error) or Reason.OTHER
    if reason is Reason.CLIENT_ERROR:
        return _other(api)
    if reason is not Reason.AUTH:
        return CURES.get(reason, "it cannot be asked")
    if place.credentials:
        return f"it refuses user {place.user!r}; mend the user in the URL or the password file"
    return "it wants a user and a password; write http://user@host and name a password_file"


def _other(api: str) -> str:
    return f"it answers, but not as the {api} does; mend the URL"
