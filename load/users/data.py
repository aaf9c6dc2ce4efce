"""What users look up, out of a CSV file of yours: `--data FILE`.

Columns: `path` (required), what is asked of the target by GET, as `/api/v1/items?status=todo`; `name`, under which it is
counted (its route where not given); `contains`, text that must stand in the answer.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import locust
from locust.env import Environment
from locust_plugins.csvreader import CSVDictReader

from steadyline.errors import ConfigurationError

COLUMNS = ("path", "name", "contains")


@dataclass(frozen=True, slots=True)
class LookUp:
    """One row.

    Attributes:
        path: what is asked.
        name: under which it is counted; None by its route.
        contains: text that must stand in the answer, or "".
    """

    path: str
    name: str | None
    contains: str


class LookUps:
    """The rows in turn, over and over; one reader for all users of the process.

    Args:
        file: CSV with a header.

    Raises:
        ConfigurationError: it cannot be used; the text names the line.
    """

    def __init__(self, file: Path) -> None:
        """Read the file once, so that what is wrong shows before the load begins."""
        faults = list(_faults(file))
        if faults:
            raise ConfigurationError(faults)
        self._rows = CSVDictReader(file.open(encoding="utf-8-sig", newline=""))  # type: ignore[no-untyped-call]

    def __next__(self) -> LookUp:
        """The next row."""
        row = next(self._rows)
        return LookUp(row["path"], row.get("name") or None, row.get("contains") or "")

    def close(self) -> None:
        """Close the file."""
        self._rows.file.close()


def _faults(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            yield from (f"--data {file}: {fault}" for fault in _faults_in(rows))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        yield f"--data {file}: {getattr(error, 'strerror', None) or error}; name a CSV file in UTF-8"


def _faults_in(rows: "csv.DictReader[str]") -> Iterator[str]:
    named = list(rows.fieldnames or [])
    if "path" not in named or set(named) - set(COLUMNS):
        yield f"its columns are {', '.join(map(repr, named)) or 'none'}; there are {', '.join(COLUMNS)}, the first is needed"
        return
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - how many there were
        if None in row or not (row["path"] or "").startswith("/"):
            yield f"line {rows.line_num}: begin the path with / and quote what holds a comma"
            return
    if not count:
        yield "it has no rows"


@cache
def look_ups(file: Path) -> LookUps:
    """The process's reader of a file."""
    return LookUps(file)


@locust.events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _add(parser: Any) -> None:
    parser.add_argument(
        "--data",
        default=None,
        metavar="FILE",
        env_var="STEADYLINE_LOAD_DATA",
        include_in_web_ui=False,
        help="CSV of what TraceUser looks up beside its operations: columns path, name, contains",
    )


def of(environment: Environment) -> LookUps | None:
    """The rows that were given, if any.

    Raises:
        ConfigurationError: they cannot be used.
    """
    file = getattr(environment.parsed_options, "data", None)
    return look_ups(Path(file)) if file else None
