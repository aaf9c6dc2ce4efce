"""Canaries: a text of its own in the place of every secret that a user may name, and a search for them in what came out."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, get_args
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

from steadyline.addresses import web_url
from steadyline.environment import leaves
from steadyline.redaction import is_secret_name
from steadyline.settings import Settings
from steadyline.target import Target

_MARK = "q7Kcnry"
_UNSAFE = "/+ @%"
"""Every canary holds what has to be encoded in a URL, and is a plain word before it."""


def _field_of(path: tuple[str, ...]) -> Any:
    """The model's field of a leaf."""
    model: type[BaseModel] = Settings
    for name in path[:-1]:
        inner = model.model_fields[name].annotation
        assert isinstance(inner, type)
        model = inner
    known = {found.alias or name: found for name, found in model.model_fields.items()}
    return known[path[-1]]


def _bears_a_secret(name: str, found: Any) -> bool:
    """By what the field is: a secret, a web address (user, password, token in its path), a secret's file, headers."""
    whole = [found.annotation, *get_args(found.annotation)]
    flat = [part for one in whole for part in ((one, *get_args(one)) if isinstance(one, UnionType) else (one,))]
    about = [*found.metadata, *(meta for one in flat for meta in getattr(one, "__metadata__", ()))]
    is_address = any(getattr(one, "func", None) is web_url for one in about)
    holds = any(one is SecretStr or getattr(one, "__origin__", None) is SecretStr for one in flat)
    return bool(holds or is_address or is_secret_name(name) or name.endswith("_file") or name == "headers")


def secret_bearing() -> frozenset[str]:
    """The key of every setting in which a secret may stand, from the models alone; a target's as `targets.*.key`."""
    settings = {".".join(path) for path in leaves(Settings) if _bears_a_secret(path[-1], _field_of(path))}
    of_targets = {f"targets.*.{name}" for name, found in Target.model_fields.items() if _bears_a_secret(name, found)}
    return frozenset(settings | of_targets)


@dataclass
class Aviary:
    """The canaries of one test.

    Attributes:
        folder: where their files lie; what is found in these is no leak.
        words: the plain part of each, by the place where it was planted.
    """

    folder: Path
    words: dict[str, str] = field(default_factory=dict)

    def plant(self, place: str) -> str:
        """A secret for this place, as a user would write it."""
        word = self.words.setdefault(place, f"{_MARK}{len(self.words):03d}Zw")
        return word + _UNSAFE + word[::-1]

    def in_url(self, place: str) -> str:
        """The same, encoded for a URL."""
        return quote(self.plant(place), safe="")

    def plain(self, place: str) -> str:
        """One of letters and digits alone: for a path, a key, a token."""
        self.plant(place)
        return self.words[place]

    def in_file(self, place: str, text: Callable[[str], str] = lambda secret: secret) -> str:
        """The path of a file with a secret."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / re.sub(r"\W", "_", place)
        path.write_text(text(self.plain(place)))
        return str(path)

    def forms(self) -> Mapping[str, str]:
        """Each way in which a canary's word may be written, with its place."""
        return {form: place for place, word in self.words.items() for form in (word, *_in_base64(word))}

    def found_in(self, output: bytes | str) -> Iterator[str]:
        """The place of each canary that an output holds."""
        text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output
        if _MARK not in text and not any(form in text for form in _in_base64(_MARK)):
            return
        yield from sorted({place for form, place in self.forms().items() if form in text})


def _in_base64(word: str) -> tuple[str, ...]:
    """What stands in a base64 text that holds the word, for each of the three ways in which it may begin in it."""
    found = []
    for before in range(3):
        text = b64encode(b"\0" * before + word.encode()).decode().rstrip("=")
        found.append(text[-(-before * 8 // 6) : len(text) - 1])
    return tuple(found)
