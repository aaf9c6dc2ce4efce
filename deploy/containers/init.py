"""What a stack of containers needs before anything else starts: secrets, rules, Prometheus' and Alertmanager's configuration.

It runs once at each start and changes no secret that is there. `--reload` tells the running Prometheus of what has changed.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from alerts.rules.generate import generate
from deploy import prometheus_config
from steadyline import settings as settings_module
from steadyline.environment import variable
from steadyline.errors import ConfigurationError, SteadylineError, complain
from steadyline.prometheus import Prometheus
from steadyline.secret_file import first_line
from steadyline.settings import Settings
from steadyline.target import POSTGRESQL_PASSWORD_FILE, SECRET_KEY_FILES

REMOTE_WRITE = "remote_write"
GRAFANA_PASSWORD_FILE = "grafana_admin_password"  # noqa: S105 - a file's name
SECRETS = (*SECRET_KEY_FILES.values(), POSTGRESQL_PASSWORD_FILE, GRAFANA_PASSWORD_FILE)
SAME: Mapping[str, str] = {SECRET_KEY_FILES["vast"]: SECRET_KEY_FILES["s3"]}
"""The VAST DB endpoint hands requests for objects on to S3 as they were signed, so both have to know one secret."""
SECRET_BYTES = 24
LONGTERM = "longterm"
"""The profile of compose that adds VictoriaMetrics."""
LONGTERM_URL = "http://victoria-metrics:8428/api/v1/write"
SHARED = 0o640
"""Others of the stack read what is made here by this group, which their containers are given."""


def make_secrets(folder: Path) -> list[str]:
    """Make what is missing; answer the names of what was made.

    Raises:
        ConfigurationError: the folder cannot be written, or an earlier secret is empty.
    """
    made = []
    for name in SECRETS:
        path = folder / name
        try:
            if path.exists():
                _refuse_empty(path)
                continue
            draft = path.with_suffix(".new")
            draft.write_text(_new(folder, name), encoding="utf-8")
            draft.chmod(SHARED)
            draft.replace(path)
        except OSError as error:
            raise ConfigurationError(f"secrets_dir: {path} cannot be written: {error.strerror}") from None
        made.append(name)
    return made


def _new(folder: Path, name: str) -> str:
    if name in SAME:
        return (folder / SAME[name]).read_text(encoding="utf-8")
    return secrets.token_urlsafe(SECRET_BYTES) + "\n"


def _refuse_empty(path: Path) -> None:
    if not path.read_text(encoding="utf-8").strip():
        raise ConfigurationError(f"secrets_dir: {path} is empty; remove it to have a new one made, or put the secret into it")


def write_configuration(settings: Settings) -> None:
    """Rules and both configurations, readable for the group.

    Raises:
        ConfigurationError: a setting is wrong, or the folder cannot be written.
    """
    folder = settings.state.generated
    try:
        folder.mkdir(parents=True, exist_ok=True)
        generate(settings, folder)
        settings.state.prometheus_config.write_text(prometheus_config.render(settings), encoding="utf-8")
        for path in folder.rglob("*"):
            if path.is_file():
                path.chmod(SHARED)
    except OSError as error:
        raise ConfigurationError(f"state_dir: {error.filename or folder} cannot be written: {error.strerror}") from None


def with_longterm(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, and where Prometheus writes to when the profile `longterm` is on and no other storage is named."""
    profiles = environ.get("COMPOSE_PROFILES", "").split(",")
    own = {variable((REMOTE_WRITE, "url")): LONGTERM_URL} if {LONGTERM, "*"} & set(profiles) else {}
    return {**own, **environ}


def check_secrets(settings: Settings) -> None:
    """Read the file of each target's secret once.

    Raises:
        ConfigurationError: all that are missing, unreadable or empty, before anything starts.
    """
    faults = []
    for alias, target in settings.targets.items():
        for key, file in (("password_file", target.password_file), ("secret_key_file", target.secret_key_file)):
            try:
                if file is not None:
                    first_line(file, f"targets.{alias}.{key}", "the secret")
            except ConfigurationError as error:
                faults += [f"{fault}; containers read it as user and group 10001" for fault in error.faults]
    if faults:
        raise ConfigurationError(faults)


def run(environ: Mapping[str, str], *, reload: bool) -> list[str]:
    """Do it all; answer what was done, a sentence each, without a secret.

    Raises:
        SteadylineError: as each step does.
    """
    settings = settings_module.load(with_longterm(environ))
    check_secrets(settings)
    said = []
    if settings.secrets_dir is not None:
        made = make_secrets(settings.secrets_dir)
        said.append(f"secrets: made {', '.join(made)}" if made else "secrets: all are there")
    write_configuration(settings)
    said.append(f"rules and configuration: written to {settings.state.generated}")
    if reload:
        Prometheus(settings.prometheus).reload()
        said.append(f"Prometheus: {settings.prometheus} has read them")
    return said


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `python -m deploy.containers.init`; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.containers.init", description=__doc__)
    parser.add_argument("--reload", action="store_true", help="have the running Prometheus read it")
    asked = parser.parse_args(arguments)
    try:
        for sentence in run(os.environ, reload=asked.reload):
            print(sentence)  # noqa: T201 - its output
    except SteadylineError as error:
        return complain(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
