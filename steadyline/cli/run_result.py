"""What came of a `run` or a `compare`: as it is kept in a file, and read with a sentence for each file that is none."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from alerts.judgement.gate import Family
from runner.choice import LeftOut
from runner.growth import Growth
from steadyline.cli.run_rows import Row, plain_row
from steadyline.errors import ConfigurationError
from steadyline.severity import Severity

FORMAT = 1
"""Version of the results' format; what is added to it is no new version."""


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
        id: of the run.
        machine: how busy it was at the end, in words.
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
    id: str = ""
    machine: str = ""

    @property
    def heading(self) -> str:
        """The run in one line."""
        early = ", ended early" if self.interrupted else ""
        return f"Run of {self.started}, {self.rounds} rounds, revision {self.revision}, on {self.host}{early}"


@dataclass(frozen=True, slots=True)
class Judging:
    """What the rows were held to, and how sure that is.

    Attributes:
        fail_on: exit code 1 from this severity on.
        family: what was judged together: its rate of false alarms holds over all of it.
        against: what it was compared with, in words; empty of a `run`, which is held to whatever baselines there are.
        against_revisions: git revisions that those runs were made at, as far as they are known.
        against_hosts: coarse host fingerprints of theirs.
        again: how many operations were measured again, because they were not settled.
        seconds_more: the time that such further runs were given; None where no further ones could be made.
        forced: what is otherwise refused and was forced, a sentence each.
        notes: what else is to be known of how it was judged, a sentence each without its end.
        is_renewable: whether what it was held to can be recorded anew.
    """

    fail_on: Severity
    family: Family
    against: str = ""
    against_revisions: tuple[str, ...] = ()
    against_hosts: tuple[str, ...] = ()
    again: int = 0
    seconds_more: float | None = None
    forced: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_renewable: bool = True


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a run: all that is kept of it, and all that any format shows.

    Attributes:
        made: how.
        rows: worst first.
        growths: of families.
        unreachable: one sentence for each target that did not answer.
        left_out: what was not measured, though it was asked for.
        exit_code: what it ended with; None where an older file does not say it.
        judging: how it was judged; None where an older file does not say it.
    """

    made: Made
    rows: tuple[Row, ...]
    growths: tuple[Growth, ...] = ()
    unreachable: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    exit_code: int | None = None
    judging: Judging | None = None

    @property
    def is_comparison(self) -> bool:
        """Whether it was held to something that was named, as `compare` does."""
        return self.judging is not None and bool(self.judging.against)


def plain(results: Results) -> dict[str, Any]:
    """For programs: what `read` reads."""
    return {
        "format": FORMAT,
        "run": asdict(results.made),
        "exit_code": results.exit_code,
        "judging": asdict(results.judging) if results.judging else None,
        "operations": [plain_row(row) for row in results.rows],
        "growth": [
            {"family": one.family, "target": one.target, "exponent": one.exponent, "points": one.points, "means": one.words}
            for one in results.growths
        ],
        "left_out": [asdict(one) for one in results.left_out],
        "unreachable": list(results.unreachable),
    }


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
            made=_made(document["run"]),
            rows=TypeAdapter(tuple[Row, ...]).validate_python([_known(Row, row) for row in document["operations"]]),
            growths=tuple(_growth(one) for one in document["growth"]),
            unreachable=TypeAdapter(tuple[str, ...]).validate_python(document["unreachable"]),
            left_out=TypeAdapter(tuple[LeftOut, ...]).validate_python(document.get("left_out", ())),
            exit_code=document.get("exit_code"),
            judging=_judging(document.get("judging")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError):
        raise ConfigurationError(f"{path}: not the results of a run; steadyline run --json writes them") from None


def _made(plain: Mapping[str, Any]) -> Made:
    """With moments that can be told from one another."""
    made = TypeAdapter(Made).validate_python(_known(Made, plain))
    if any(datetime.fromisoformat(moment).tzinfo is None for moment in (made.started, made.ended) if moment):
        raise ValueError(plain)
    return made


def _known(kind: type, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Without what a newer version added."""
    names = {one.name for one in fields(kind)}
    return {key: value for key, value in plain.items() if key in names}


def _judging(plain: Mapping[str, Any] | None) -> Judging | None:
    return TypeAdapter(Judging).validate_python(_known(Judging, plain)) if plain else None


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
