"""Kinds of values that a setting may have, each with one sentence for what is none; the sentence never holds the value."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from steadyline.addresses import check_login

LONGEST_ALIAS = 63
"""An alias is a label of every series, and a column of every table."""


def matching(pattern: str, cure: str) -> AfterValidator:
    """Text of a form; whoever writes another is told how to."""
    form = re.compile(pattern)

    def check(said: str) -> str:
        if not form.fullmatch(said):
            raise ValueError(cure)
        return said

    return AfterValidator(check)


def _no_truth(said: Any) -> Any:
    if isinstance(said, bool):
        raise ValueError("write a number")  # noqa: TRY004 - pydantic tells of a ValueError as of a user's mistake
    return said


def _not_empty(said: Any) -> Any:
    if said == "":
        raise ValueError("must not be empty")
    return said


def _ipv4(said: str) -> str:
    try:
        return str(ipaddress.IPv4Address(said))
    except ValueError:
        raise ValueError("write an IPv4 address, such as 127.0.0.1, or 0.0.0.0 for all of this host's") from None


def database_url(said: SecretStr) -> SecretStr:
    """By its form alone: SQLAlchemy, which knows them, would cost each small process more than itself."""
    if not re.match(r"[a-z0-9_]+(\+[a-z0-9_]+)?://", said.get_secret_value()):
        raise ValueError("write a database URL, such as postgresql://user@host:5432/name or sqlite:////path/history.db")
    check_login(said.get_secret_value().partition("?")[0])
    return said


Number = BeforeValidator(_no_truth)
"""On a number: true and false are none, though Python counts with them."""
Port = Annotated[int, Field(ge=1, le=65535), Number]
Host = Annotated[
    str, matching(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", "write a host's name or IPv4 address, such as db.example")
]
"""A host's name, or its IPv4 address."""
Alias = Annotated[
    str,
    matching(
        rf"[A-Za-z0-9_]([A-Za-z0-9_.-]{{0,{LONGEST_ALIAS - 2}}}[A-Za-z0-9_])?",
        f"an alias is 1 to {LONGEST_ALIAS} letters, digits, dots, dashes and underscores, such as orders-db",
    ),
]
"""What a user calls a target; it becomes the label."""
Folder = Annotated[Path, BeforeValidator(_not_empty)]
"""Of no name it would be the one that the user is in."""
ListenAddress = Annotated[str, AfterValidator(_ipv4)]
Retention = Annotated[str, matching(r"([0-9]+(ms|[smhdwy]))+", "write a duration as Prometheus does, such as 15d or 1h30m")]
Size = Annotated[str, matching(r"[0-9]+([KMGTPE]?B)", "write a size as Prometheus does, such as 512MB or 5GB")]
DatabaseUrl = Annotated[SecretStr, AfterValidator(database_url)]
"""As SQLAlchemy writes it; a password may stand in it."""
