"""Whether a Trace target answers as one, and if not, what to do: one sentence without a secret."""

import httpx

from steadyline.errors import UnreachableError
from steadyline.operations.http.connection import Place
from steadyline.operations.http.failures import reason_of
from steadyline.operations.http.wire import Wire
from steadyline.operations.trace.artefacts import rows_in
from steadyline.outcome import IntegrityError, Reason
from steadyline.redaction import redact

_CURES = {
    Reason.DNS: "the host's name is not known; mend the URL",
    Reason.CONNECT: "nothing answers there; start it or mend the URL",
    Reason.TLS: "TLS fails; check the certificate, or whether it speaks https at all",
    Reason.TIMEOUT: "no answer in time; is it up and reachable?",
    Reason.THROTTLED: "it refuses so many requests; ask its owner for more, or try later",
    Reason.CLIENT_ERROR: "it answers, but not as the Trace API does; mend the URL",
    Reason.SERVER_ERROR: "it fails; look into its log",
    Reason.CANCELLED: "the client was closed",
}


def check(wire: Wire, place: Place, *, allow_writes: bool) -> None:
    """Ask for one row of what the operations will need: items, and projects where they are to write.

    Raises:
        UnreachableError: it does not answer, refuses, or is no Trace API; the text says what to do.
    """
    try:
        rows_in(wire.send("GET", "items", query={"limit": 1}), "items")
        if allow_writes:
            rows_in(wire.send("GET", "projects", query={"limit": 1}), "projects")
    except httpx.HTTPError as error:
        said = redact(str(error), [place.password]).partition("\n")[0]
        raise UnreachableError(f"Trace API at {place.shown}: {_cure(place, error)} ({said})") from None
    except IntegrityError:
        raise UnreachableError(f"Trace API at {place.shown}: {_CURES[Reason.CLIENT_ERROR]}") from None


def _cure(place: Place, error: httpx.HTTPError) -> str:
    reason = reason_of(error) or Reason.OTHER
    if reason is not Reason.AUTH:
        return _CURES.get(reason, "it cannot be asked")
    if place.credentials:
        return f"it refuses user {place.user!r}; mend the user in the URL or the password file"
    return "it wants a user and a password; write http://user@host and name a password_file"
