"""Whether a Trace target answers as one."""

from steadyline.operations.http.connection import Place
from steadyline.operations.http.reachability import require_answers
from steadyline.operations.http.wire import Wire
from steadyline.operations.trace.artefacts import rows_in


def check(wire: Wire, place: Place, *, allow_writes: bool) -> None:
    """Ask for one row of what the operations will need: items, and projects where they are to write.

    Raises:
        UnreachableError: it does not answer, refuses, or is no Trace API; the text says what to do.
    """

    def ask() -> None:
        for key in ("items", "projects") if allow_writes else ("items",):
            rows_in(wire.send("GET", key, query={"limit": 1}), key)

    require_answers("Trace API", place, ask)
