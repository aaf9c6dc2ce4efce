"""The board "load": is the run alright, what does it ask, what does it get, and can its generator be trusted."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards import latest, runs
from dashboards.board import empty, numbered
from dashboards.panels import load_requests, load_run, load_workers
from dashboards.queries import select
from dashboards.variables import ALL, Variable, asked, datasource, hidden, operation, target, worked_out
from steadyline.boards import Board
from steadyline.load_vocabulary import LOAD_STARTED

_ASKED = select(LOAD_STARTED)


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.LOAD,
        "Is the load run alright, what does it ask and get, does it keep its criteria, and can its generator be trusted?",
        _variables(),
    )
    for panel in (
        load_run.alright,
        load_requests.figures,
        load_run.users,
        load_requests.requests,
        load_requests.latency,
        load_requests.slowest,
        load_requests.failures,
        load_requests.lateness,
        load_run.criteria,
        load_run.ratio,
    ):
        made = made.with_panel(panel())
    made = made.with_row(builders.Row("Workers"))
    for panel in (load_workers.workers, load_workers.cores, load_workers.lag):
        made = made.with_panel(panel())
    return numbered(made.build())


def _variables() -> Iterator[Variable]:
    """Any runs of the time shown, where the newest of them lies, and what they ask of."""
    yield datasource()
    run = asked(runs.RUN, "Run", runs.newest_first("$__range"), runs.NAMED)
    yield run.multi(True).include_all(True).all_value(".*").current(ALL)
    yield hidden(latest.LATEST, latest.newest(), latest.ID)
    for name, expression in latest.places():
        yield worked_out(f"{latest.LATEST}_{name}", expression)
    yield operation(_ASKED)
    yield target(_ASKED)
