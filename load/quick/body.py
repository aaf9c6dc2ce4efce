"""A flow's data, JSON, parameters and credentials, as a request has them."""

import json as jsonlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from load.quick.errors import RefusedError
from load.quick.place import basic
from load.quick.request import Lines

Data = str | bytes | Mapping[str, Any] | None
Params = Mapping[str, Any] | list[tuple[str, Any]] | str | None
Auth = tuple[str | bytes, str | bytes] | None
_JSON = (("Content-Type", "application/json"), ("Accept", "application/json"))
_FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)
_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
_BYTES = (("Content-Type", "application/octet-stream"),)


def body_of(data: Data, json: Any) -> tuple[bytes | None, Lines]:
    """The body, and the headers that say what it is; data wins over JSON, as in FastHttpUser.

    Raises:
        RefusedError: data that would have to be read first.
    """
    if not data:
        return (None, ()) if json is None else (jsonlib.dumps(json).encode(), _JSON)
    if isinstance(data, Mapping):
        return urlencode(data).encode(), _FORM
    if isinstance(data, str):
        return data.encode(), _TEXT
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data), _BYTES
    raise RefusedError(f"data is {type(data).__name__}: write text, bytes or a mapping; files are not read by this client")


def with_params(path: str, params: Params) -> str:
    """The path with the parameters in its query."""
    if not params:
        return path
    added = params if isinstance(params, str) else urlencode(params, doseq=True)
    before, mark, fragment = path.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{added}{mark}{fragment}"


def given(headers: Mapping[str, str] | None, auth: Auth) -> Lines:
    """A call's own headers; its credentials win."""
    lines = tuple(headers.items()) if headers else ()
    return (*lines, ("Authorization", basic(*auth))) if auth else lines
