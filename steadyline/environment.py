"""The environment's side of the settings: one variable for each leaf of a model, and a short form for each backend."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from steadyline.target import BACKENDS, CREDENTIALS

PREFIX = "STEADYLINE_"
CONFIG_VARIABLE = "STEADYLINE_CONFIG"
PROCESSES_VARIABLE = "STEADYLINE_PROCESSES"
"""The processes to watch as a JSON object; added to those of the file. The native stack names itself to its exporter so."""
KEY = "[key]"
"""Ends the place of a fault that is in a table's key, as pydantic has it."""
_ON_EVERY_TARGET = ("url", "allow_writes", "target")
_DEFAULT_ALIAS = "main"
_NEAR = 0.8
"""How alike a name must be to be what was meant; all begin alike."""
_TABLES = ("targets", "processes")
"""Settings that are tables of the user's own names."""


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every single setting of a model."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from leaves(inner, (*path, name))
        elif name not in _TABLES:
            yield (*path, field.alias or name)


def variable(path: tuple[str, ...]) -> str:
    """The environment variable of a path."""
    return PREFIX + "_".join(path).upper()


def variables(model: type[BaseModel]) -> Mapping[str, tuple[str, ...]]:
    """Every environment variable and the place it sets; a backend's short form as ("short", backend, key)."""
    return {
        **{variable(path): path for path in leaves(model)},
        **{
            variable((backend, key)): ("short", backend, key)
            for backend in BACKENDS
            for key in (*_ON_EVERY_TARGET, *CREDENTIALS[backend])
        },
    }


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says.

    Attributes:
        said: nested as the file is.
        faults: of its names.
    """

    said: dict[str, Any]
    faults: list[str]

    def origin(self, where: tuple[str, ...]) -> str | None:
        """The variable that set this place, or None where the file did."""
        inside: Any = self.said
        reached: tuple[str, ...] = ()
        for part in where:
            if part == KEY or not isinstance(inside, Mapping):
                break  # a variable is one text, whatever was made of it since
            if part not in inside:
                return None
            inside, reached = inside[part], (*reached, part)
        if reached[:1] == ("processes",):
            return PROCESSES_VARIABLE
        if reached[:1] == ("targets",):
            return self._of_target(reached, where[-1]) if len(reached) > 1 else None
        if isinstance(inside, Mapping):
            return variable((*reached, "*")) if reached and inside else None
        return variable(reached)

    def _of_target(self, reached: tuple[str, ...], last: str) -> str:
        _, alias, *key = reached
        backend = self.said["targets"][alias]["backend"]
        return variable((backend, "target" if last == KEY else key[0] if key else "*"))


def read(environ: Mapping[str, str], known: Mapping[str, tuple[str, ...]]) -> Environment:
    """Sort the environment's variables into their places.

    Args:
        environ: the environment.
        known: as `variables` makes it.
    """
    said: dict[str, Any] = {}
    faults: list[str] = []
    shorts: dict[str, dict[str, str]] = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        path = known.get(name)
        if name == PROCESSES_VARIABLE:
            _take_processes(text, said, faults)
        elif path is None:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=_NEAR)
            faults.append(f"environment: {name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
        elif path[0] == "short":
            shorts.setdefault(path[1], {})[path[2]] = text
        else:
            place = said
            for key in path[:-1]:
                place = place.setdefault(key, {})
            place[path[-1]] = text
    _take_shorts(shorts, said, faults)
    return Environment(said, faults)


def _take_processes(text: str, said: dict[str, Any], faults: list[str]) -> None:
    try:
        said["processes"] = json.loads(text)
    except (ValueError, RecursionError):
        faults.append(f'environment: {PROCESSES_VARIABLE}: write a JSON object, as {{"alias": "part of the command line"}}')


def _take_shorts(shorts: Mapping[str, dict[str, str]], said: dict[str, Any], faults: list[str]) -> None:
    """One target for each backend; an alias names one target, so the one that nobody named carries its backend's name."""
    targets: dict[str, Any] = said.setdefault("targets", {}) if shorts else {}
    for backend, facts in shorts.items():
        alias = facts.pop("target", f"{backend}-{_DEFAULT_ALIAS}")
        if "url" not in facts:
            faults.append(f"environment: set {variable((backend, 'url'))} too; {backend} has other settings but no URL")
        elif alias in targets:
            first = variable((targets[alias]["backend"], "target"))
            second = variable((backend, "target"))
            faults.append(f"environment: {first} and {second} are both {alias!r}; give each target its own alias")
        else:
            targets[alias] = {"backend": backend, **facts}
