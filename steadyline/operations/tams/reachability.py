"""Whether a TAMS target answers as one."""

from steadyline.operations.http.connection import Place
from steadyline.operations.http.reachability import require_answers
from steadyline.operations.tams.api import TamsApi, rows_of


def check(api: TamsApi, place: Place) -> None:
    """Ask for the service document and one flow: the latter asks the database too.

    Raises:
        UnreachableError: it does not answer, refuses, or is no TAMS API; the text says what to do.
    """

    def ask() -> None:
        api.service()
        rows_of(api.wire.answer("GET", "flows", query={"limit": 1}))

    require_answers("TAMS API", place, ask)
