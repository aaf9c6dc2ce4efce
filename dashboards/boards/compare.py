"""The board "compare runs": two load runs side by side, each from its start, and the ratio of each operation's times."""

from collections.abc import Iterator

from grafana_foundation_sdk.models import dashboard as models

from dashboards import annotations, colours, runs
from dashboards.board import empty, numbered
from dashboards.panels import aligned, slower, two_runs
from dashboards.queries import OPERATION
from dashboards.runs import AGAINST, COMPARED, SIDES
from dashboards.variables import ALL, Variable, asked, datasource, worked_out
from steadyline.boards import Board
from steadyline.load_vocabulary import RUN_STEADY


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.COMPARE,
        "Two load runs, each from its start: is the newer one slower, where, and may the two be compared at all?",
        _variables(),
        since="now-10m",
    )
    made = made.refresh("").annotations([*_steady_marks()])
    for panel in (two_runs.same, slower.worst, slower.slower, two_runs.trusted):
        made = made.with_panel(panel())
    made = made.with_panel(slower.operations()).with_panel(two_runs.facts())
    for graph in (aligned.users, aligned.requests, aligned.latency, aligned.failures):
        made = made.with_panel(graph())
    return numbered(made.build())


def _variables() -> Iterator[Variable]:
    """Two runs, where each of them lies, and the operations of both."""
    yield datasource()
    yield asked(COMPARED, "Run", runs.newest_first(runs.HORIZON), runs.NAMED)
    yield asked(AGAINST, "Against", runs.newest_first(runs.HORIZON, f'run!="${COMPARED}"'), runs.NAMED)
    for side in SIDES:
        for name, expression in side.places.items():
            yield worked_out(f"{side.variable}_{name}", expression)
    operation = asked(OPERATION, "Operation", runs.operations(), r'/operation="([^"]+)"/')
    yield operation.sort(models.VariableSort.ALPHABETICAL_ASC).multi(True).include_all(True).all_value(".*").current(ALL)


def _steady_marks() -> Iterator[annotations.Mark]:
    """Where each was steady; the moments themselves lie elsewhere than the lines, and so do alerts."""
    for side, colour in zip(SIDES, (colours.QUIET, colours.GREY), strict=True):
        moment = f"{side.moment(RUN_STEADY)} + {side.place('shift')}"
        yield annotations.moments(f"{side.word} is steady", moment, colour, f"{side.word} is steady")
