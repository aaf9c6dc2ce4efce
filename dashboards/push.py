"""Brings the boards that are shipped into a Grafana, as often as one likes: what is there already is left alone.

What is to be done is read and planned first, so that what cannot be done is told before anything was changed.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from requests import codes

from dashboards import folder as folders
from dashboards import frontend
from dashboards import source as sources
from dashboards.change import Change, Done
from dashboards.folder import MOST, Folder
from dashboards.rights import ask
from dashboards.shipped import Document
from dashboards.source import TYPE, Source, Wish
from steadyline.boards import GENERATED, TAG
from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana, RefusedError

OWN_FACTS = ("id", "version")
"""What Grafana adds to a board."""
MESSAGE = "steadyline dashboards push"
"""In the board's history."""


@dataclass(frozen=True, slots=True)
class Held:
    """A board as Grafana has it.

    Attributes:
        board: itself.
        folder: the uid of its folder; empty at the top.
        folder_title: of it.
        is_provisioned: from a file, so that it cannot be saved.
    """

    board: Document
    folder: str
    folder_title: str
    is_provisioned: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with one board.

    Attributes:
        uid: of it.
        done: what, once it is done.
        sent: what Grafana is given where it is saved.
    """

    uid: str
    done: Done
    sent: Document | None = None


def push(grafana: Grafana, boards: Mapping[str, Document], folder: str, wish: Wish, *, dry: bool = False) -> Iterator[Done]:
    """Bring the boards into a folder, each thing told once it is done.

    Args:
        grafana: where to.
        boards: all that are shipped, by uid.
        folder: title or uid of theirs; made where there is none.
        wish: which data source they ask at first.
        dry: only say what would be done.

    Raises:
        ConfigurationError: something must be mended first: a right, a folder, a board that another one owns.
        UnreachableError: no Grafana answers.
    """
    seen = frontend.read(grafana)
    source = sources.find(grafana, wish, seen.sources)
    place = folders.find(grafana, folder)
    ready = [frontend.refreshing(with_source(board, source), seen.least_refresh) for board in boards.values()]
    steps = [step(board, _held(grafana, board["uid"]), place) for board in ready]
    steps += [Step(row["uid"], Done(Change.REMOVED, row["title"])) for row in _left_over(grafana, boards, place)]
    if not dry:
        sources.make(grafana, source)
    yield source.done
    yield from _in_order(grafana, steps, place, dry=dry)


def _in_order(grafana: Grafana, steps: Sequence[Step], place: Folder, *, dry: bool) -> Iterator[Done]:
    """The folder, where there is none yet, and then what is to be done in it."""
    if place.uid is None:
        place = place if dry else folders.make(grafana, place.title)
        yield Done(Change.CREATED, f"folder {place.title}")
    for one in steps:
        if not dry:
            _carry_out(grafana, one, place)
        yield one.done


def with_source(board: Document, source: Source) -> Document:
    """The board, its variable of the data source set to that one."""
    made = copy.deepcopy(board)
    for variable in made["templating"]["list"]:
        if variable["type"] == "datasource" and variable["query"] == TYPE:
            variable["current"] = {"selected": True, "text": source.name, "value": source.uid}
    return made


def step(board: Document, held: Held | None, place: Folder) -> Step:
    """What is to be done with a board.

    Args:
        board: as it should be.
        held: as Grafana has it, or None.
        place: the folder where it should be.

    Raises:
        ConfigurationError: it is provisioned, and otherwise than it should be.
    """
    title = board["title"]
    if held is None:
        return Step(board["uid"], Done(Change.CREATED, title), board)
    moved = f"moved from the folder {held.folder_title}" if held.folder != place.uid else ""
    if not moved and _plain(held.board) == _plain(board):
        return Step(board["uid"], Done(Change.UNCHANGED, title))
    if held.is_provisioned:
        raise ConfigurationError(_provisioned(title))
    # its version with it, so that somebody who saves it meanwhile is not overwritten
    return Step(board["uid"], Done(Change.UPDATED, title, moved), {**board, "version": held.board["version"]})


def _plain(board: Document) -> Document:
    return {key: value for key, value in board.items() if key not in OWN_FACTS}


def _held(grafana: Grafana, uid: str) -> Held | None:
    def read() -> Held:
        found = grafana.api.dashboard.get_dashboard(uid)
        board, meta = found["dashboard"], found["meta"]
        return Held(
            {**board, "version": board["version"]},
            meta.get("folderUid") or "",
            meta.get("folderTitle") or "",
            bool(meta.get("provisioned")),
        )

    try:
        return ask(grafana, f"the board {uid}", "dashboards:read (role Viewer)", read)
    except RefusedError as error:
        if error.status == codes.not_found:
            return None
        raise


def _left_over(grafana: Grafana, boards: Mapping[str, Document], place: Folder) -> list[Mapping[str, Any]]:
    """Boards of ours in that folder that are shipped no longer; a user's copy of one has another kind of uid."""

    def read() -> list[Mapping[str, Any]]:
        found = grafana.api.search.search_dashboards(tag=TAG, type_="dash-db", limit=MOST)
        return [{"uid": row["uid"], "title": row["title"], "tags": row["tags"], "in": row.get("folderUid")} for row in found]

    rows = ask(grafana, "its boards", "dashboards:read (role Viewer)", read)
    return [
        row
        for row in rows
        if place.uid is not None
        and row["in"] == place.uid
        and {TAG, GENERATED} <= set(row["tags"])
        and row["uid"].startswith(f"{TAG}-")
        and row["uid"] not in boards
    ]


def _carry_out(grafana: Grafana, one: Step, place: Folder) -> None:
    api, title = grafana.api.dashboard, one.done.what
    what = f"the board {title}"
    try:
        if one.sent is not None:
            # never overwriting: Grafana up to 10 would give a board of that title in that folder our uid and text
            sent = {"dashboard": one.sent, "folderUid": place.uid, "message": MESSAGE, "overwrite": False}
            ask(
                grafana,
                what,
                "dashboards:create and dashboards:write (role Editor)",
                lambda: api.update_dashboard(sent)["uid"],
            )
        elif one.done.change is Change.REMOVED:
            ask(grafana, f"to remove {what}", "dashboards:delete (role Editor)", lambda: api.delete_dashboard(one.uid))
    except RefusedError as error:
        if error.status >= codes.server_error:
            raise
        raise ConfigurationError(_explained(title, place, error)) from None


def _explained(title: str, place: Folder, error: RefusedError) -> str:
    """What to do about a board that Grafana did not take."""
    if "provisioned" in error.reason:
        return _provisioned(title)
    remedies = {
        "name-exists": f"rename the other board of that title in the folder {place.title}, or write another --folder",
        "version-mismatch": "somebody saved it meanwhile; push once more",
    }
    return "; ".join(part for part in (str(error), remedies.get(error.kind, "")) if part)


def _provisioned(title: str) -> str:
    return (
        f"the board {title} is provisioned from a file, which alone can change it: "
        "take it from that provider's folder, or let the provider bring the boards and do not push them there"
    )
