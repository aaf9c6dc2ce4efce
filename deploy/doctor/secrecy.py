"""Whether the files that hold secrets can be read by who needs them, and by nobody else; and what no text may show."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from deploy.doctor.finding import Finding, fault, ok, warning
from deploy.doctor.scene import Scene
from deploy.doctor.subject import Subject
from steadyline.environment import CONFIG_VARIABLE
from steadyline.errors import ConfigurationError
from steadyline.secret_file import first_line
from steadyline.settings import DEFAULT_FILE, Settings

_FILE = "_file"
"""How the key of every setting ends that names a file with a secret."""
_PUBLIC = ("ca_file", "cert_file")
"""Certificates are for everybody."""
_NO_LINE = ("key_file", "web_config_file")
"""Their first line is no secret: it would be taken out of every text."""
_OTHERS_READ, _OTHERS_WRITE = stat.S_IROTH, stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Secret:
    """A file that holds secrets.

    Attributes:
        key: the setting that names it, or what it is.
        path: where it lies.
        mode: its permissions; None where it is not there.
        problem: why it cannot be read, or that it is empty.
    """

    key: str
    path: Path
    mode: int | None
    problem: str = ""


def named(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Every setting that names a file with a secret, and the file."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from named(value, f"{prefix}{name}.")
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from named(inner, f"{prefix}{name}.{key}.") if isinstance(inner, BaseModel) else ()
        elif isinstance(value, Path) and name.endswith(_FILE) and name not in _PUBLIC:
            yield f"{prefix}{name}", value


def known(settings: Settings) -> list[str]:
    """Every secret that the settings hold or name, so that it can be taken out of what others say."""
    found = []
    for key, path in named(settings):
        if key.rpartition(".")[2] in _NO_LINE:
            continue
        try:
            found.append(first_line(path, key, "the secret"))
        except ConfigurationError:
            continue  # there is none to be shown
    return [*found, *inline(settings)]


def inline(settings: Settings) -> Iterator[str]:
    """The secrets that stand in the settings themselves: keys, passwords in URLs, URLs that are secrets as a whole."""
    urls = [target.url.get_secret_value() for target in settings.targets.values()]
    urls += [settings.history_url.get_secret_value()] if settings.history_url else []
    urls += [url for url in (settings.prometheus_url, settings.alertmanager_url, settings.grafana_url) if url]
    yield from (password for url in urls if (password := urlsplit(url).password))
    yield from (target.secret_key.get_secret_value() for target in settings.targets.values() if target.secret_key)
    yield from (url for url in (settings.notify.webhook_url, settings.notify.heartbeat_url) if url)


def gather(scene: Scene) -> tuple[Secret, ...]:
    """Look at each file's permissions, and whether we can read it."""
    found = [_secret(key, path) for key, path in named(scene.settings)]
    state = scene.settings.state
    if state.alertmanager_config.is_file():
        found.append(_secret("Alertmanager's configuration", state.alertmanager_config, read=False))
    file = Path(scene.environ.get(CONFIG_VARIABLE) or scene.folder / DEFAULT_FILE)
    if file.is_file() and any(
        secret in file.read_text(encoding="utf-8", errors="replace") for secret in inline(scene.settings)
    ):
        found.append(_secret("settings with secrets in them", file, read=False))
    return tuple(found)


def _secret(key: str, path: Path, *, read: bool = True) -> Secret:
    try:
        if read:
            first_line(path, key, "the secret")
        return Secret(key, path, stat.S_IMODE(path.stat().st_mode))
    except ConfigurationError as error:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
        return Secret(key, path, mode, error.faults[0])


def readable(facts: tuple[Secret, ...]) -> Iterator[Finding]:
    """A fault for each file with a secret that is missing, unreadable or empty."""
    for one in facts:
        if one.problem:
            found, _, cure = one.problem.partition("; ")
            yield fault(found, cure or f"put the secret into it, for this user to read, or take {one.key} out")
    if not any(one.problem for one in facts):
        yield ok(f"{len(facts)} files with secrets" if facts else "no file with a secret is named")


def private(facts: tuple[Secret, ...]) -> Iterator[Finding]:
    """A fault for each that everybody may write, a warning for each that everybody may read."""
    there = [(one, one.mode) for one in facts if one.mode is not None]
    written = [one for one, mode in there if mode & _OTHERS_WRITE]
    read = [one for one, mode in there if mode & _OTHERS_READ and one not in written]
    for one in written:
        yield fault(f"{one.key} {one.path} may be written by everybody", f"chmod 600 {one.path}")
    for one in read:
        yield warning(f"{one.key} {one.path} may be read by everybody", f"chmod 600 {one.path}")
    if there and not (written or read):
        yield ok("nobody else may read or write them")


SUBJECT = Subject("secrets", gather, (readable, private))
