"""Everything generated for a stack: folders, rules, Prometheus' and Alertmanager's configuration, checked before use."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from alerts.rules.generate import generate
from deploy.native import prometheus_config
from deploy.native.program import Program
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.state import State

CHECK_SECONDS = 60


def write(settings: Settings, programs: Iterable[Program], tools: Mapping[str, str]) -> None:
    """Make the state folder and what lies in it, and have promtool and amtool check it.

    Raises:
        ConfigurationError: the folder cannot be written to, or a configuration is refused; the text says by whom and why.
    """
    state = settings.state
    try:
        _make_folders(state, programs)
        generate(settings, state.generated)
        state.prometheus_config.write_text(prometheus_config.render(settings), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"state_dir: {error.filename or state.root} cannot be written: {error.strerror}") from None
    _check([tools["promtool"], "check", "config", str(state.prometheus_config)], state.prometheus_config)
    _check([tools["amtool"], "check-config", str(state.alertmanager_config)], state.alertmanager_config)


def _make_folders(state: State, programs: Iterable[Program]) -> None:
    """Only we may look in: logs and notifications name targets."""
    state.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = (state.data("sql"), *(state.data(program.name) for program in programs))
    for folder in (state.logs, state.generated, state.load_targets, *data):
        folder.mkdir(parents=True, exist_ok=True)


def _check(command: list[str], file: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False)  # noqa: S603
    if done.returncode != 0:
        said = " ".join((done.stderr + done.stdout).split())
        raise ConfigurationError(f"{file}: refused by {Path(command[0]).name}: {said}")
