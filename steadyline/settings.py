"""Settings: environment and one TOML file, unknown keys refused, all faults told at once.

Every leaf of `Settings` has one environment variable: `STEADYLINE_` and its path in capitals (`ports.exporter` is
`STEADYLINE_PORTS_EXPORTER`). The environment wins over the file. Each backend has a short form on top:
`STEADYLINE_SQL_URL`, `_PASSWORD_FILE`, `_ALLOW_WRITES`, `_TARGET` (its alias, "main" where not given) make one target of
that backend, and the embedded one steps aside. A target in the settings is read-only unless it says `allow_writes`.
"""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator

from steadyline.addresses import WebUrl, local_url, web_url
from steadyline.errors import ConfigurationError
from steadyline.state import State

PREFIX = "STEADYLINE_"
CONFIG_VARIABLE = "STEADYLINE_CONFIG"
PROCESSES_VARIABLE = "STEADYLINE_PROCESSES"
"""The processes to watch as a JSON object; added to those of the file. The native stack names itself to its exporter so."""
DEFAULT_FILE = Path("steadyline.toml")
EMBEDDED = "embedded"
"""Alias of a backend's embedded target, there while the user names none of that backend."""
BACKENDS = ("sql", "trace")
"""The backends there are; `steadyline.catalogue` says where each lives."""
RUNBOOK_PATH = "/runbook"
"""Where the receiver shows the runbook."""
_SHORT_FORMS = ("url", "password_file", "allow_writes", "target")
_DEFAULT_ALIAS = "main"

Port = Annotated[int, Field(ge=1, le=65535)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Target(_Strict):
    """One system to measure.

    Attributes:
        backend: sql or trace.
        url: where it is; SQLAlchemy URL for sql, base URL for HTTP. Credentials in it never leave this field.
        password_file: a file whose first line is the password, instead of one in the URL.
        allow_writes: without it only operations that do not write run.
        concurrency: most connections to it at once.
        bytes_per_second: most payload bytes that the schedule may move to and from it.
        embedded: it belongs to this stack (set by us, not by a user).
    """

    backend: str
    url: SecretStr
    password_file: Path | None = None
    allow_writes: bool = False
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 16
    bytes_per_second: Annotated[int, Field(ge=1)] = 50_000_000
    embedded: Annotated[bool, Field(exclude=True)] = False

    @field_validator("url")
    @classmethod
    def _asked_over_http(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("backend") == "trace":
            web_url(url.get_secret_value())
        return url

    @model_validator(mode="after")
    def _known_backend(self) -> "Target":
        if self.backend not in BACKENDS:
            raise ValueError(f"backend: one of {', '.join(BACKENDS)}")
        return self


class Ports(_Strict):
    """Where this stack listens, on the loopback address only."""

    trace: Port = 8000
    exporter: Port = 9464
    prometheus: Port = 9090
    alertmanager: Port = 9093
    receiver: Port = 8025
    grafana: Port = 3000

    @model_validator(mode="after")
    def _distinct(self) -> "Ports":
        taken: dict[int, str] = {}
        for name, port in self:
            if port in taken:
                raise ValueError(f"{name} and {taken[port]} are both {port}; give each its own port")
            taken[port] = name
        return self


class Notify(_Strict):
    """Notifications beyond the local receiver.

    Attributes:
        webhook_url: Alertmanager posts its webhook there too.
        webhook_credentials_file: a file with the bearer token for it; the secret stands in no other place.
    """

    webhook_url: WebUrl | None = None
    webhook_credentials_file: Path | None = None

    @model_validator(mode="after")
    def _usable(self) -> "Notify":
        if self.webhook_credentials_file is not None and self.webhook_url is None:
            raise ValueError("webhook_credentials_file needs webhook_url")
        return self


class Settings(_Strict):
    """Everything a user can set.

    Attributes:
        state_dir: the folder for state and logs.
        targets: systems to measure, by alias; the alias is the label `target`.
        ports: where the native stack listens.
        notify: the user's own webhook.
        processes: processes to watch: alias to a part of their command line.
        false_alarms_per_month: the false alarm budget over all operations; to detect follows from it.
        prometheus_url: an existing Prometheus, for watch, status and record; the stack's own where not given.
        grafana_url: where the boards are, for links in alerts; the stack's port where not given.
        runbook_url: where your team reads the runbook, for links in alerts; the receiver shows it where not given.
    """

    state_dir: Path = Path(".steadyline")
    targets: dict[str, Target] = {}
    ports: Ports = Ports()
    notify: Notify = Notify()
    processes: dict[str, str] = {}
    false_alarms_per_month: Annotated[float, Field(gt=0, le=1000)] = 1
    prometheus_url: WebUrl | None = None
    grafana_url: WebUrl | None = None
    runbook_url: WebUrl | None = None

    @property
    def state(self) -> State:
        """The state folder's paths, absolute."""
        return State(self.state_dir.absolute())

    @property
    def runbook(self) -> str:
        """Where an alert's runbook link leads; the stack's own receiver shows it where no other place is given."""
        return self.runbook_url or local_url(self.ports.receiver) + RUNBOOK_PATH

    @property
    def prometheus(self) -> str:
        """Base URL of the Prometheus to ask."""
        return (self.prometheus_url or local_url(self.ports.prometheus)).rstrip("/")

    def targets_of(self, backend: str) -> dict[str, Target]:
        """The targets of one backend by the alias that becomes the label `target`."""
        own = {alias: target for alias, target in self.targets.items() if target.backend == backend}
        return own or {EMBEDDED: self.embedded(backend)}

    def embedded(self, backend: str) -> Target:
        """The target of this stack itself for one backend."""
        url = {
            "sql": f"sqlite:///{self.state.data('sql') / 'trace.db'}",
            "trace": local_url(self.ports.trace),
        }[backend]
        return Target(backend=backend, url=SecretStr(url), allow_writes=True, embedded=True)


def _leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _leaves(inner, (*path, name))
        elif name not in ("targets", "processes"):
            yield (*path, name)


def _variable(path: tuple[str, ...]) -> str:
    return PREFIX + "_".join(path).upper()


VARIABLES: Mapping[str, tuple[str, ...]] = {
    **{_variable(path): path for path in _leaves(Settings)},
    **{_variable((backend, key)): ("short", backend, key) for backend in BACKENDS for key in _SHORT_FORMS},
}
"""Every environment variable and the place it sets."""


def _from_environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What the environment says, nested as the file is, and the faults of its names."""
    found: dict[str, Any] = {}
    faults = []
    shorts: dict[str, dict[str, str]] = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        if name == PROCESSES_VARIABLE:
            try:
                found["processes"] = json.loads(text)
            except ValueError:
                faults.append(f'environment: {name}: write a JSON object, as {{"alias": "part of the command line"}}')
            continue
        path = VARIABLES.get(name)
        if path is None:
            near = difflib.get_close_matches(name, VARIABLES, n=1)
            faults.append(f"environment: {name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
        elif path[0] == "short":
            shorts.setdefault(path[1], {})[path[2]] = text
        else:
            place = found
            for key in path[:-1]:
                place = place.setdefault(key, {})
            place[path[-1]] = text
    for backend, facts in shorts.items():
        alias = facts.pop("target", _DEFAULT_ALIAS)
        if "url" not in facts:
            faults.append(f"environment: set {_variable((backend, 'url'))} too; {backend} has other settings but no URL")
        else:
            found.setdefault("targets", {})[alias] = {"backend": backend, **facts}
    return found, faults


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigurationError(f"{path}: no such file; {CONFIG_VARIABLE} names it") from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _origin(where: tuple[str, ...], environment: Mapping[str, Any]) -> str | None:
    """The variable that set this place, or None where the file did."""
    inside: Any = environment
    for part in where:
        inside = inside.get(part) if isinstance(inside, Mapping) else None
    if inside is None or isinstance(inside, Mapping):
        return None
    if where[0] == "targets":
        return _variable((environment["targets"][where[1]]["backend"], where[-1]))
    return _variable(where)


def _sentence(error: Any, file: Path, environment: Mapping[str, Any]) -> str:
    """One fault as a sentence that names its origin and key, and never the value, which may be a secret."""
    where = tuple(str(part) for part in error["loc"])
    variable = _origin(where, environment)
    origin = f"environment: {variable}" if variable else f"{file}: {'.'.join(where) or 'settings'}"
    if error["type"] == "extra_forbidden":
        known = {path[-1] for path in _leaves(Settings)} | set(Settings.model_fields) | set(Target.model_fields)
        near = difflib.get_close_matches(where[-1], known, n=1)
        return f"{origin}: unknown key" + (f"; did you mean {near[0]}?" if near else "; remove it")
    return f"{origin}: {error['msg'].removeprefix('Value error, ')}"


def load(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        environ: the environment.
        file: the TOML file; by default what STEADYLINE_CONFIG names, else steadyline.toml where it is there.

    Raises:
        ConfigurationError: all faults at once, each naming the file or variable.
    """
    named = file or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    path = named or DEFAULT_FILE
    from_file = _from_file(path, required=named is not None)
    from_environment, faults = _from_environment(environ)
    try:
        settings = Settings.model_validate(_merged(from_file, from_environment))
    except ValidationError as error:
        faults += [_sentence(fault, path, from_environment) for fault in error.errors(include_input=False)]
    if faults:
        raise ConfigurationError(faults)
    return settings
