"""Settings: environment and one TOML file, unknown keys refused, all faults told at once.

Every leaf of `Settings` has one environment variable: `STEADYLINE_` and its path in capitals (`ports.exporter` is
`STEADYLINE_PORTS_EXPORTER`). The environment wins over the file. Each backend has a short form on top:
`STEADYLINE_SQL_URL`, `_PASSWORD_FILE`, `_ALLOW_WRITES`, `_TARGET` (its alias, "sql-main" where not given) make one target of
that backend, and the embedded one steps aside; the table of them all is below. Without `allow_writes` a target is read-only.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from steadyline import catalogue, criterion, environment, web_client
from steadyline import target as targets_module
from steadyline.addresses import LOOPBACK, WebUrl, local_url, without_login
from steadyline.environment import CONFIG_VARIABLE, KEY, Environment
from steadyline.errors import ConfigurationError
from steadyline.live import LIVE
from steadyline.named_file import content_of
from steadyline.notify import Notify
from steadyline.printable import printable
from steadyline.remote_write import RemoteWrite
from steadyline.setting_faults import cure
from steadyline.setting_kinds import Alias, DatabaseUrl, Folder, Host, ListenAddress, Number, Port, Retention, Size
from steadyline.state import State
from steadyline.target import Target
from steadyline.web_client import WebClient

DEFAULT_FILE = Path("steadyline.toml")
LARGEST_BYTES = 1024 * 1024
"""Of that file: a thousand targets are a quarter of it, and four times as much would take seconds to read."""
EMBEDDED = "embedded"
"""Alias of a backend's embedded target, there while the user names none of that backend."""
GUARDED = ("exporter", "load", "receiver")
"""The parts whose servers are ours, and behind the web config."""
RUNBOOK_PATH = "/runbook"
"""Where the receiver shows the runbook."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Ports(_Strict):
    """Where this stack listens."""

    trace: Port = 8000
    tams: Port = 8001
    s3: Port = 9000
    vast: Port = 9001
    exporter: Port = 9464
    load: Port = 9646
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


class Hosts(_Strict):
    """Where the parts of this stack find each other: loopback natively, the services' names in containers.

    Attributes:
        postgresql: the stack's own PostgreSQL; SQLite in the state folder where not given.
    """

    trace: Host = LOOPBACK
    tams: Host = LOOPBACK
    s3: Host = LOOPBACK
    vast: Host = LOOPBACK
    postgresql: Host | None = None
    exporter: Host = LOOPBACK
    load: Host = LOOPBACK
    prometheus: Host = LOOPBACK
    alertmanager: Host = LOOPBACK
    receiver: Host = LOOPBACK
    grafana: Host = LOOPBACK


class Settings(_Strict):
    """Everything a user can set.

    Attributes:
        state_dir: the folder for state and logs.
        targets: systems to measure, by alias; the alias is the label `target`.
        embedded: whether a backend for which no target is named is measured at the stack's own; false observes yours alone.
        ports: where the stack listens.
        listen_address: on which address: loopback, or 0.0.0.0 in a container; beyond loopback only with users or client
            certificates in web_config_file, or with anonymous.
        anonymous: whoever reaches listen_address may ask, because published ports on loopback or a network policy guard it.
        web_config_file: TLS, client certificates, users and limits of the exporter, the load runs' pages and the receiver, as
            every exporter has them (docs/exposure.md).
        web_client: how these are asked then.
        hosts: where the stack's parts find each other.
        secrets_dir: a folder with the secrets of the stack's own targets, as the compose stack makes them; the native stack's,
            which listen on loopback alone, have a well-known one.
        scrape_dir: a folder of files (.yml, .yaml, .json) that name targets of your own for the stack's Prometheus
            (docs/longterm.md); `scrape` in the state folder where not given.
        rules_dir: a folder of Prometheus rules of your own (.yml), loaded beside ours; `rules` in the state folder where not
            given.
        retention_time: how long the stack's Prometheus keeps samples, as Prometheus writes durations.
        retention_size: how much they may take on disk, as in 512MB; the older ones go first.
        remote_write: a storage for the long term.
        notify: who is told beyond the local receiver.
        operations: Python files with operations of your own; relative paths are from the settings file's folder, and the
            variable's, parted by colons, from the folder you are in.
        expectations: what load runs have to keep (docs/criteria.md), each as `--expect` has it, such as
            `trace.item_create p95 < 80ms for 30s`: judged in every run, and an alert; in the variable parted by semicolons.
        processes: processes to watch: alias to a part of their command line.
        false_alarms_per_month: the false alarm budget over all operations; to detect follows from it.
        gate_false_alarm_rate: of comparisons by the gate in which nothing got slower, so many may have any alarm.
        history_url: where every run is kept (docs/history.md), as SQLAlchemy writes it, such as
            postgresql://steadyline@db.example/history for a team; a SQLite file in the state folder where not given.
        history_password_file: a file whose first line is the password, instead of one in the URL.
        prometheus_url: an existing Prometheus, for watch, status, record and the end of a load run; the stack's own where not
            given.
        alertmanager_url: an existing Alertmanager, for a load run's silence; the stack's own where not given.
        grafana_url: where the boards are, for links in alerts, and where `steadyline dashboards push` brings them; the stack's
            port where not given. Where it is given, or grafana_token_file is, load runs mark their start and end there.
        grafana_token_file: a file whose first line is the token of a service account that may write annotations, and boards
            for `steadyline dashboards push`; without one they are written as nobody, or as who stands in grafana_url.
        runbook_url: where your team reads the runbook, for links in alerts; the receiver shows it where not given.
    """

    state_dir: Folder = Path(".steadyline")
    targets: dict[Alias, Target] = {}
    embedded: bool = True
    ports: Ports = Ports()
    listen_address: ListenAddress = LOOPBACK
    anonymous: bool = False
    web_config_file: Path | None = None
    web_client: WebClient = WebClient()
    hosts: Hosts = Hosts()
    secrets_dir: Path | None = None
    scrape_dir: Path | None = None
    rules_dir: Path | None = None
    retention_time: Retention = "15d"
    retention_size: Size = "5GB"
    remote_write: RemoteWrite = RemoteWrite()
    notify: Notify = Notify()
    operations: tuple[Path, ...] = ()
    expectations: tuple[str, ...] = ()
    processes: dict[str, Annotated[str, Field(min_length=1)]] = {}
    false_alarms_per_month: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False), Number] = LIVE.false_alarms_per_month
    gate_false_alarm_rate: Annotated[float, Field(gt=0, le=0.5, allow_inf_nan=False), Number] = LIVE.gate_false_alarm_rate
    history_url: DatabaseUrl | None = None
    history_password_file: Path | None = None
    prometheus_url: WebUrl | None = None
    alertmanager_url: WebUrl | None = None
    grafana_url: WebUrl | None = None
    grafana_token_file: Path | None = None
    runbook_url: WebUrl | None = None

    @field_validator("targets", mode="before")
    @classmethod
    def _not_the_stacks(cls, said: Any) -> Any:
        """That a target belongs to this stack is not the user's to say."""
        named = (
            [alias for alias, one in said.items() if isinstance(one, dict) and "embedded" in one]
            if isinstance(said, dict)
            else []
        )
        if named:
            raise ValueError("; ".join(f"{alias}.embedded: unknown key; remove it" for alias in named))
        return said

    @field_validator("operations", mode="before")
    @classmethod
    def _listed(cls, said: Any) -> Any:
        """One text is a search path, as the environment has it."""
        paths = [path for path in said.split(os.pathsep) if path] if isinstance(said, str) else said
        if not isinstance(paths, (list, tuple)) or not all(isinstance(path, (str, Path)) for path in paths):
            raise ValueError('write a list of files, such as ["my_operations.py"]')
        return paths

    @field_validator("expectations", mode="before")
    @classmethod
    def _criteria(cls, said: Any) -> Any:
        """Each in its normal form, told all at once what is wrong; one text is several, as the environment has them."""
        texts = [text for text in said.split(";") if text.strip()] if isinstance(said, str) else said
        if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f'write a list of criteria, such as ["{criterion.EXAMPLE}"]')
        found, faults = [], []
        for text in texts:
            try:
                found.append(criterion.parse(text).text)
            except ConfigurationError as error:
                faults += error.faults
        if faults:
            raise ValueError("; ".join(faults))
        return tuple(dict.fromkeys(found))

    @property
    def state(self) -> State:
        """The state folder's paths, absolute."""
        return State(self.state_dir.absolute())

    @property
    def runbook(self) -> str:
        """Where an alert's runbook link leads; the stack's own receiver shows it where no other place is given."""
        return without_login(self.runbook_url or local_url(self.ports.receiver, self.web_scheme) + RUNBOOK_PATH)

    def url_of(self, part: str) -> str:
        """Base URL at which the stack's other parts find one, by its name in `ports`."""
        scheme = self.web_scheme if part in GUARDED else "http"
        return f"{scheme}://{getattr(self.hosts, part)}:{getattr(self.ports, part)}"

    @property
    def web_scheme(self) -> str:
        """How the parts that the web config guards are asked."""
        return web_client.scheme(self.web_config_file)

    def asking(self) -> dict[str, Any]:
        """What httpx is told, to ask one of them.

        Raises:
            ConfigurationError: a file that web_client names cannot be used.
        """
        return self.web_client.asking(self.web_scheme)

    @property
    def prometheus(self) -> str:
        """Base URL of the Prometheus to ask."""
        return (self.prometheus_url or self.url_of("prometheus")).rstrip("/")

    @property
    def alertmanager(self) -> str:
        """Base URL of the Alertmanager to ask."""
        return (self.alertmanager_url or self.url_of("alertmanager")).rstrip("/")

    @property
    def grafana(self) -> str:
        """Base URL of the Grafana to ask."""
        return (self.grafana_url or self.url_of("grafana")).rstrip("/")

    @property
    def boards(self) -> str:
        """Where a person opens the boards: a container's name means nothing outside."""
        return without_login(self.grafana_url or local_url(self.ports.grafana)).rstrip("/")

    def targets_of(self, backend: str) -> dict[str, Target]:
        """The targets of one backend by the alias that becomes the label `target`."""
        own = {alias: target for alias, target in self.targets.items() if target.backend == backend}
        has_embedded = self.embedded and backend in targets_module.EMBEDDED_BACKENDS
        return own or ({EMBEDDED: self.embedded_target(backend)} if has_embedded else {})

    def embedded_target(self, backend: str) -> Target:
        """The target of this stack itself for one backend."""
        if backend != "sql":
            return targets_module.embedded(backend, self.url_of(backend), self.secrets_dir)
        if self.hosts.postgresql:
            return targets_module.embedded_postgresql(self.hosts.postgresql, self.secrets_dir)
        return targets_module.embedded(backend, f"sqlite:///{self.state.data('sql') / 'trace.db'}")


VARIABLES: Mapping[str, tuple[str, ...]] = environment.variables(Settings)
"""Every environment variable and the place it sets."""


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(content_of(path, LARGEST_BYTES).decode("utf-8-sig"))
    except FileNotFoundError:
        if required:
            raise ConfigurationError(f"{path}: no such file; {CONFIG_VARIABLE} names it") from None
        return {}
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except RecursionError:
        raise ConfigurationError(f"{path}: not TOML: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from None
    except ValueError:
        raise ConfigurationError(f"{path}: a number has thousands of digits") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _sentence(error: Any, file: Path, said: Environment) -> str:
    """One fault as a sentence that names its origin and key, and never the value, which may be a secret."""
    where = tuple(str(part) for part in error["loc"])
    variable = said.origin(where)
    key = printable(".".join(part for part in where if part != KEY)) or "settings"
    origin = f"environment: {variable}" if variable else f"{file}: {key}"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], _siblings(where), n=1)
        return f"{origin}: unknown key" + (f"; did you mean {near[0]}?" if near else "; remove it")
    return f"{origin}: {cure(error)}"


def _siblings(where: tuple[str, ...]) -> list[str]:
    """The keys that may stand where an unknown one does."""
    model: Any = Target if where[0] == "targets" else Settings
    for part in () if model is Target else where[:-1]:
        model = model.model_fields[part].annotation
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def load(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Read the settings; from now on the catalogue has the operations of the files that they name.

    Args:
        environ: the environment.
        file: the TOML file; by default what STEADYLINE_CONFIG names, else steadyline.toml where it is there.

    Raises:
        ConfigurationError: all faults at once, each naming the file or variable.
    """
    named = file or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    path = named or DEFAULT_FILE
    from_file = _from_file(path, required=named is not None)
    said = environment.read(environ, VARIABLES)
    faults = list(said.faults)
    try:
        settings = Settings.model_validate(_merged(from_file, said.said))
    except ValidationError as error:
        faults += [_sentence(fault, path, said) for fault in error.errors(include_input=False)]
    if faults:
        raise ConfigurationError(faults)
    folder = Path.cwd() if "operations" in said.said else path.absolute().parent
    settings = settings.model_copy(update={"operations": tuple(folder / file for file in settings.operations)})
    catalogue.take_own(settings.operations)
    return settings
