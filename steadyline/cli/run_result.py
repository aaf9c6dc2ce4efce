"""The result files of `run` and `compare`, read with a sentence for each that is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runner.growth import Growth
from steadyline.cli.run import FORMAT
from steadyline.cli.run_rows import Row
from steadyline.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An operation that was not measured on a target, and why."""

    operation: str
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Made:
    """How a run was made; empty or None where an older file does not say it.

    Attributes:
        started: when, ISO 8601.
        ended: likewise.
        host: coarse host fingerprint.
        revision: git revision, or "unknown".
        rounds: that were asked for.
        interrupted: whether it was ended early.
        seed: of the order's dice.
        targets: whose the embedded targets were.
        driver: what asked.
        versions: version by component.
        command: what repeats it.
    """

    started: str
    host: str
    revision: str
    rounds: int
    interrupted: bool
    ended: str = ""
    seed: int | None = None
    targets: str = ""
    driver: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""

    @property
    def heading(self) -> str:
        """The run in one line."""
        early = ", ended early" if self.interrupted else ""
        return f"Run of {self.started}, {self.rounds} rounds, revision {self.revision}, on {self.host}{early}"


@dataclass(frozen=True, slots=True)
class Results:
    """A run as it was kept.

    Attributes:
        made: how.
        rows: worst first.
        growths: of families.
        unreachable: one sentence for each target that did not answer.
        left_out: what was not measured, though it was asked for.
        exit_code: what it ended with; None where an older file does not say it.
    """

    made: Made
    rows: tuple[Row, ...]
    growths: tuple[Growth, ...]
    unreachable: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    exit_code: int | None = None


def read(text: str, path: Path) -> Results:
    """The results in a file's text.

    Raises:
        ConfigurationError: it is none of ours.
    """
    try:
        document = json.loads(text, parse_constant=_refused)
        if document["format"] > FORMAT:
            raise ConfigurationError(f"{path}: format {document['format']} is newer than {FORMAT}; use a newer steadyline")
        return Results(
            made=TypeAdapter(Made).validate_python(_known(Made, document["run"])),
            rows=TypeAdapter(tuple[Row, ...]).validate_python([_known(Row, row) for row in document["operations"]]),
            growths=tuple(_growth(one) for one in document["growth"]),
            unreachable=TypeAdapter(tuple[str, ...]).validate_python(document["unreachable"]),
            left_out=TypeAdapter(tuple[LeftOut, ...]).validate_python(document.get("left_out", ())),
            exit_code=document.get("exit_code"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError):
        raise ConfigurationError(f"{path}: not the results of a run; steadyline run --json writes them") from None


def _known(kind: type, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Without what a newer version added."""
    names = {one.name for one in fields(kind)}
    return {key: value for key, value in plain.items() if key in names}


def _growth(plain: Mapping[str, Any]) -> Growth:
    return Growth(plain["family"], plain["target"], float(plain["exponent"]), _points(plain["points"]))


def _points(plain: Any) -> tuple[tuple[int, float], ...]:
    """At least one."""
    found = TypeAdapter(tuple[tuple[int, float], ...]).validate_python(plain)
    if not found:
        raise ValueError(plain)
    return found


def _refused(constant: str) -> None:
    """Infinity and the like are no figures of a run."""
    raise ValueError(constant)
