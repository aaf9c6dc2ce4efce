"""The folder of pushed boards: found in a Grafana by its title or uid, or made there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from requests import codes

from dashboards.rights import ask
from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana, RefusedError

MOST = 5000
"""Grafana's search answers with so many at most."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder.

    Attributes:
        title: of it.
        uid: of it; None as long as it is not made.
    """

    title: str
    uid: str | None = None


def find(grafana: Grafana, named: str) -> Folder:
    """The folder, not yet made.

    Raises:
        ConfigurationError: several have that title, or the name is blank.
    """
    if not named.strip():
        raise ConfigurationError(f"--folder {named!r}: a folder has a title; write one, or a folder's uid")
    search = grafana.api.search.search_dashboards
    what, right = "its folders", "folders:read (role Viewer)"
    rows = ask(grafana, what, right, lambda: [_read(row) for row in search(type_="dash-folder", limit=MOST)])
    return choose(rows, named)


def choose(rows: Sequence[Mapping[str, str]], named: str) -> Folder:
    """The one with that uid, else with that title, of several the one at the top.

    Raises:
        ConfigurationError: which one is not clear.
    """
    found = [row for row in rows if row["uid"] == named] or [row for row in rows if row["title"] == named]
    if len(found) > 1:
        found = [row for row in found if not row["parent"]] or found
    if len(found) > 1:
        uids = ", ".join(row["uid"] for row in found)
        raise ConfigurationError(f"--folder {named}: {len(found)} folders have that title; write the uid of one: {uids}")
    return Folder(found[0]["title"], found[0]["uid"]) if found else Folder(named)


def make(grafana: Grafana, title: str) -> Folder:
    """A new one.

    Raises:
        ConfigurationError: the token may not, or there is one that it cannot see.
    """
    what = f"the folder {title}"
    create = grafana.api.folder.create_folder
    try:
        return Folder(title, ask(grafana, what, "folders:create (role Editor)", lambda: str(create(title)["uid"])))
    except RefusedError as error:
        if error.status >= codes.server_error:
            raise
        remedy = "let the token's service account see and edit that one, or write another --folder"
        raise ConfigurationError(grafana.told(f"refuses {what}: {error.reason}; {remedy}")) from None


def _read(row: Any) -> Mapping[str, str]:
    return {"uid": row["uid"], "title": row["title"], "parent": row.get("folderUid") or ""}
