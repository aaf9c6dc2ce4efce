"""Everything generated for a stack: folders, rules, Prometheus' and Alertmanager's configuration, checked before use."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from alerts.rules.generate import generate
from deploy import prometheus_config
from deploy.native.program import Program
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.state import State

CHECK_SECONDS = 60
_NO_URL_FILE = "field url_file not found"
"""What amtool 0.25 says of a webhook's."""


def write(settings: Settings, programs: Iterable[Program], tools: Mapping[str, str]) -> None:
    """Make the state folder and what lies in it, and have promtool and amtool check it.

    Raises:
        ConfigurationError: the folder cannot be written to, or a configuration is refused; the text says by whom and why.
    """
    state = settings.state
    try:
        _make_folders(state, programs)
        _make_own_folders(settings)
        generate(settings, state.generated)
        state.prometheus_config.write_text(prometheus_config.render(settings), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"state_dir: {error.filename or state.root} cannot be written: {error.strerror}") from None
    _check_own_rules(settings, tools["promtool"])
    _check([tools["promtool"], "check", "config", str(state.prometheus_config)], state.prometheus_config)
    _check([tools["amtool"], "check-config", str(state.alertmanager_config)], state.alertmanager_config)


def _make_folders(state: State, programs: Iterable[Program]) -> None:
    """Only we may look in: logs and notifications name targets."""
    state.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = (state.data("sql"), *(state.data(program.name) for program in programs))
    for folder in (state.logs, state.generated, state.load_targets, *data):
        folder.mkdir(parents=True, exist_ok=True)


def _make_own_folders(settings: Settings) -> None:
    """What the user drops in there later is found without a restart (targets) or at the next start (rules)."""
    for key, folder in (
        ("scrape_dir", prometheus_config.own_targets(settings)),
        ("rules_dir", prometheus_config.own_rules(settings)),
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{key}: {folder}: {error.strerror}; make it a folder, or name another") from None


def _check_own_rules(settings: Settings, promtool: str) -> None:
    """Each of the user's own files by itself, so that all faults are told, each with its file's name."""
    faults = []
    for file in prometheus_config.own_rule_files(settings):
        try:
            _check([promtool, "check", "rules", str(file)], file)
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(faults)


def _check(command: list[str], file: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False)  # noqa: S603
    if done.returncode != 0:
        said = " ".join((done.stderr + done.stdout).split())
        if _NO_URL_FILE in said:
            raise ConfigurationError(
                "notify.webhook_url_file, notify.heartbeat_url_file: Alertmanager reads them from 0.26 on; "
                "put a newer one first on PATH, or say webhook_url and heartbeat_url"
            )
        raise ConfigurationError(f"{file}: refused by {Path(command[0]).name}: {said}")
