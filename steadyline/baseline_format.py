"""The format of a file of recorded baselines: what may stand in it, its JSON Schema, and what is said of a broken one."""

import inspect
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from steadyline.baseline import ANY, Baseline, LoadShape, Quantity, Recorded
from steadyline.errors import ConfigurationError

FORMAT = 2
"""Version of the format; older ones are read, a newer one is refused."""
SCHEMA_ID = f"urn:steadyline:baseline:{FORMAT}"
"""What a file calls its format beside the number, so that editors and checkers find the schema."""
SCHEMA = Path(__file__).parent / "data" / "baseline.schema.json"
"""The published schema of files in this format; generated from the models here."""
LEAST, MOST = 1e-9, 1e9
"""A value, in its unit, lies between these: a nanosecond and thirty years, for what is measured is neither."""
MOST_SPREAD = 10.0
"""Of logarithms: runs that lie further apart than e^10 are no runs of one thing."""
_CURE = "restore it, or remove it and record anew"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Strict(BaseModel):
    """Unknown keys, NaN and infinity are faults."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class RecordedLoad(Strict):
    """`LoadShape` in the file."""

    users: int = Field(ge=1)
    arrival_rate: float | None = Field(default=None, gt=0)


class RecordedRuns(Strict):
    """`Recorded` in the file; what came with a later format may be missing."""

    at: str
    host: str
    revision: str
    runs: int = Field(ge=2)
    samples: int = Field(ge=1)
    cadence_seconds: float | None = Field(gt=0)
    quantiles: dict[str, float]
    edges: tuple[float, ...]
    versions: dict[str, str]
    load: RecordedLoad | None = None
    operation_version: str | None = Field(default=None, pattern="^[0-9a-f]{8}$")
    histogram: tuple[int, ...] = ()
    load_running: bool | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.samples < self.runs:
            raise ValueError(f"{self.samples} samples cannot make {self.runs} runs")
        if self.histogram and len(self.histogram) != len(self.edges) + 1:
            raise ValueError(f"histogram has {len(self.histogram)} counts; {len(self.edges)} edges and +Inf need one each")
        if self.histogram and min(self.histogram) < 0:
            raise ValueError("histogram has a count under 0")
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges do not ascend")
        if odd := [name for name, seconds in self.quantiles.items() if not _is_quantile(name) or seconds < 0]:
            raise ValueError(f"quantiles: {odd[0]!r} is none; 0.5 to 0.999 are, each of 0 or more")
        return self


def _is_quantile(name: str) -> bool:
    try:
        return 0 <= float(name) <= 1
    except ValueError:
        return False


class RecordedBaseline(Strict):
    """`Baseline` in the file."""

    operation: str
    driver: Literal["probe", "load", "bench"]
    quantity: Quantity
    value: float = Field(ge=LEAST, le=MOST)
    tolerance: float = Field(ge=0, lt=1)
    tolerance_is_default: bool
    spread: float = Field(ge=0, le=MOST_SPREAD)
    source: str
    target: str
    profile: str
    recorded: RecordedRuns

    @field_validator("target")
    @classmethod
    def _of_one(cls, said: str) -> str:
        if said in ("", ANY):
            raise ValueError("name the one target that it was recorded on")
        return said


class RecordedFile(Strict):
    """Recorded baselines, one for each operation, target, driver and profile."""

    schema_id: str | None = Field(default=None, alias="$schema")
    format: int = Field(ge=1, le=FORMAT)
    baselines: list[RecordedBaseline]


def refused(path: Path, error: ValidationError, document: object = None, cure: str = "") -> ConfigurationError:
    """The faults that a model found in a file, each with its place.

    Args:
        path: the file.
        error: the faults.
        document: what the file holds, where a fault in a baseline shall say of which operation it is.
        cure: what to do, after each.
    """
    return ConfigurationError(
        f"{path}: {'.'.join(str(part) for part in fault['loc']) or 'the whole file'}{_whose(document, fault['loc'])}: "
        f"{_plain_words(fault['msg'])}{f'; {cure}' if cure else ''}"
        for fault in error.errors(include_input=False)
    )


def _whose(document: Any, place: Sequence[int | str]) -> str:
    """Which operation's baseline it is, as far as the file says it."""
    try:
        named = [document["baselines"][place[1]][name] for name in ("operation", "target")]
    except (LookupError, TypeError):
        return ""
    return f" ({' on '.join(named)})" if all(isinstance(one, str) for one in named) else ""


def _plain_words(message: str) -> str:
    """A fault without the names of our own classes."""
    plain = re.sub(r"Input should be a valid dictionary or instance of \w+", "give an object with named keys", message)
    return plain.removeprefix("Value error, ")


def read(content: bytes, path: Path) -> tuple[Baseline, ...]:
    """The baselines in a file's content, of whatever operations.

    Raises:
        ConfigurationError: it is cut off, of a newer format, or holds a value that cannot be or one key twice.
    """
    try:
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 (byte {error.start}); {_CURE}") from None
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{path}: not JSON ({error}); {_CURE}") from None
    except RecursionError:
        raise ConfigurationError(f"{path}: not JSON (nested too deeply); {_CURE}") from None
    except KeyError as error:
        raise ConfigurationError(f"{path}: an object has the key {error} twice; {_CURE}") from None
    except ValueError:
        raise ConfigurationError(f"{path}: a number has thousands of digits; {_CURE}") from None
    given = document.get("format") if isinstance(document, dict) else None
    if isinstance(given, int) and given > FORMAT:  # before the rest, of which it may have more
        raise ConfigurationError(f"{path}: format {given} is newer than {FORMAT}; use a newer steadyline")
    if isinstance(document, dict) and "baselines" not in document and {"run", "operations"} <= document.keys():
        raise ConfigurationError(
            f"{path}: the results of a run, no baselines; steadyline baseline promote without a FILE takes the last run's"
        )
    try:
        file = RecordedFile.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise refused(path, error, document, _CURE) from None
    found = tuple(
        Baseline(**{**one.model_dump(exclude={"recorded"}), "recorded": _recorded(one.recorded)}) for one in file.baselines
    )
    if faults := list(_twice(path, found)):
        raise ConfigurationError(faults)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, of which JSON would take the last where one key is there twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise KeyError(next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1))
    return made


def _recorded(runs: RecordedRuns) -> Recorded:
    load = LoadShape(**runs.load.model_dump()) if runs.load else None
    return Recorded(**{**runs.model_dump(), "load": load})


def _twice(path: Path, found: Iterable[Baseline]) -> Iterator[str]:
    for (operation, target, driver, profile), count in Counter(one.key for one in found).items():
        if count > 1:
            of = f"{operation} on {target}, driver {driver}" + (f", profile {profile}" if profile != ANY else "")
            yield f"{path}: {count} baselines of {of}; keep one"


def text_of(baselines: Iterable[Baseline]) -> str:
    """The file of these baselines, in the order of their keys: the same ones are the same text.

    Raises:
        ConfigurationError: one is sourced, of no one target, or so far off that the file could not be read again.
    """
    ordered = sorted(baselines, key=lambda one: one.key)
    if faults := [fault for one in ordered for fault in _out_of_bounds(one)]:
        raise ConfigurationError(faults)
    document = {"$schema": SCHEMA_ID, "format": FORMAT, "baselines": [plain(one) for one in ordered]}
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _out_of_bounds(one: Baseline) -> Iterator[str]:
    for what, value, least, most in (("value", one.value, LEAST, MOST), ("spread", one.spread, 0, MOST_SPREAD)):
        if not least <= value <= most:
            yield f"{one.operation} on {one.target}: a {what} of {value:g} is no measurement ({least:g} to {most:g} are)"


def plain(baseline: Baseline) -> Mapping[str, Any]:
    """One baseline as the file has it.

    Raises:
        ConfigurationError: it is sourced, or of no one target.
    """
    if baseline.recorded is None or baseline.target == ANY:
        raise ConfigurationError(f"{baseline.operation}: only a recorded baseline of one target is kept here")
    return TypeAdapter(Baseline).dump_python(baseline, mode="json")  # type: ignore[no-any-return]


def schema() -> str:
    """The JSON Schema of the format that is written, each field with what its class says of it."""
    model = RecordedFile.model_json_schema()
    parts = model.pop("$defs")
    for part, kind in (("RecordedBaseline", Baseline), ("RecordedRuns", Recorded), ("RecordedLoad", LoadShape)):
        parts[part]["description"] = (inspect.getdoc(kind) or "").partition("\n")[0]
        told = _told(kind)
        for name, field in parts[part]["properties"].items():
            field.setdefault("description", told[name])
    facts = {"$schema": _DIALECT, "$id": SCHEMA_ID, **model, "title": "Steadyline's recorded baselines", "$defs": parts}
    return json.dumps(facts, indent=2, sort_keys=True) + "\n"


def _told(kind: type[Any]) -> dict[str, str]:
    """What a class' docstring says of each attribute."""
    _, _, attributes = (inspect.getdoc(kind) or "").partition("Attributes:")
    found = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", attributes, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in found}
