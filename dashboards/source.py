"""The data source of pushed boards: found in a Grafana, or made there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from requests import codes

from dashboards.change import Change, Done
from dashboards.rights import ForbiddenError, ask
from steadyline.addresses import LOCAL_HOSTS
from steadyline.durations import promql
from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana, RefusedError
from steadyline.live import LIVE

TYPE = "prometheus"
"""Grafana's word for this kind, which the boards' variable offers."""
UID = "steadyline"
"""Of the one that is provisioned or made."""
NAME = "Steadyline"
NAMED = "or write --datasource for one that is there"

Document = Mapping[str, Any]
"""A data source as Grafana's API has it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which one.

    Attributes:
        named: its name or uid, where somebody named one.
        prometheus: base URL of the Prometheus.
        is_said: whether that URL was said for this push: then no other Prometheus will do.
    """

    named: str | None
    prometheus: str
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """The one that the boards get.

    Attributes:
        uid: of it.
        name: of it.
        done: what becomes of it, and why it is this one.
        sent: what Grafana is given where it is created or updated.
    """

    uid: str
    name: str
    done: Done
    sent: Document = field(default_factory=dict)


def find(grafana: Grafana, wish: Wish, seen: Sequence[Document] = ()) -> Source:
    """The data source, not yet made.

    Args:
        grafana: who is asked.
        wish: which one.
        seen: those that anybody may see, without their URLs, where only an Admin may see more.

    Raises:
        ConfigurationError: there is none, and none that could be made.
    """
    found = choose(_listed(grafana, wish, seen), wish)
    if found.done.change is Change.CREATED and not wish.is_said and _is_local(wish.prometheus) and not _is_local(grafana.url):
        raise ConfigurationError(
            grafana.told(
                f"has no data source for a Prometheus, and cannot reach {_place(wish.prometheus)}, which is on this machine: "
                "write --prometheus-url as Grafana sees it, or --datasource for one that is there"
            )
        )
    return found


def _listed(grafana: Grafana, wish: Wish, seen: Sequence[Document]) -> list[Document]:
    """All of them, or those that are seen, where these will do."""
    what, right = "its data sources", "datasources:read (role Admin)"
    try:
        return ask(grafana, what, right, lambda: [_read(one) for one in grafana.api.datasource.list_datasources()])
    except ForbiddenError:
        if wish.is_said and not wish.named:
            raise
        return [_read(one) for one in seen]


def choose(listed: Sequence[Document], wish: Wish) -> Source:
    """The one that fits: by its name, its uid, its URL, or because it is the only one or the default; else a new one.

    Raises:
        ConfigurationError: what was named is not there, or cannot be changed.
    """
    if wish.named:
        return _named(listed, wish.named)
    fitting = [one for one in listed if one["type"] == TYPE]
    ours = [one for one in fitting if one["uid"] == UID]
    same = [one for one in (*ours, *fitting) if _place(one["url"]) == _place(wish.prometheus)]
    if wish.is_said:
        return _found(same[0], "it has that URL") if same else _moved(ours, wish.prometheus)
    if ours:
        return _found(ours[0], "it was made for these boards")
    if same:
        return _found(same[0], "it has our Prometheus' URL")
    if len(fitting) == 1:
        return _found(fitting[0], "it is the only one of a Prometheus")
    default = [one for one in fitting if one["isDefault"]]
    return _found(default[0], "it is the default") if default else _made(wish.prometheus)


def make(grafana: Grafana, source: Source) -> None:
    """Have Grafana create or update it, where that is to be done.

    Raises:
        ConfigurationError: the token may not, or Grafana does not take it.
    """
    api, what = grafana.api.datasource, f"the data source {source.name}"
    try:
        if source.done.change is Change.CREATED:
            ask(grafana, what, "datasources:create (role Admin)", lambda: api.create_datasource(source.sent))
        elif source.done.change is Change.UPDATED:
            right = "datasources:write (role Admin)"
            ask(grafana, what, right, lambda: api.update_datasource_by_uid(source.uid, source.sent))
    except ForbiddenError as error:
        raise ForbiddenError(f"{error}; {NAMED}") from None
    except RefusedError as error:
        if error.status >= codes.server_error:
            raise
        raise ConfigurationError(f"{error}; {NAMED}") from None


def _named(listed: Sequence[Document], named: str) -> Source:
    for one in (*(one for one in listed if one["uid"] == named), *(one for one in listed if one["name"] == named)):
        if one["type"] != TYPE:
            raise ConfigurationError(f"--datasource {named}: it is of the type {one['type']}; the boards ask a {TYPE}")
        return _found(one, "you named it")
    there = ", ".join(f"{one['name']} ({one['uid']})" for one in listed if one["type"] == TYPE)
    raise ConfigurationError(
        f"--datasource {named}: Grafana has none of that name or uid" + (f"; there: {there}" if there else "")
    )


def _found(one: Document, why: str) -> Source:
    return Source(one["uid"], one["name"], Done(Change.FOUND, f"data source {one['name']}", why))


def _moved(ours: Sequence[Document], prometheus: str) -> Source:
    """Ours with another URL, made where it is missing."""
    if not ours:
        return _made(prometheus)
    if ours[0]["readOnly"]:
        raise ConfigurationError(
            f"the data source {ours[0]['name']} is provisioned from a file, for {_place(ours[0]['url'])}: change that file"
        )
    sent = {**ours[0], **_address(prometheus)}
    return Source(
        UID, ours[0]["name"], Done(Change.UPDATED, f"data source {ours[0]['name']}", f"for {_place(prometheus)}"), sent
    )


def _made(prometheus: str) -> Source:
    sent = {
        "name": NAME,
        "uid": UID,
        "type": TYPE,
        "access": "proxy",
        "jsonData": {"httpMethod": "POST", "timeInterval": promql(LIVE.scrape_seconds)},
        **_address(prometheus),
    }
    return Source(UID, NAME, Done(Change.CREATED, f"data source {NAME}", f"for {_place(prometheus)}"), sent)


def _address(prometheus: str) -> dict[str, Any]:
    """Its URL, and who asks there, which Grafana keeps apart and encrypted."""
    parts = urlsplit(prometheus)
    address: dict[str, Any] = {"url": _place(prometheus)}
    if parts.username:
        address |= {"basicAuth": True, "basicAuthUser": unquote(parts.username)}
        address["secureJsonData"] = {"basicAuthPassword": unquote(parts.password or "")}
    return address


def _place(url: str) -> str:
    """The URL without who asks, and without a slash at its end."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in LOCAL_HOSTS


def _read(one: Any) -> Document:
    """What is asked of it below must be there, or it is no Grafana."""
    return {**one, "uid": one["uid"], "name": one["name"], "type": one["type"], "url": one.get("url") or ""} | {
        flag: bool(one.get(flag)) for flag in ("isDefault", "readOnly")
    }
