"""Secrets of the targets out of files: NAME_FILE names the file whose first line is NAME, as container images have it."""

from collections.abc import Mapping
from pathlib import Path

from targets.serving import USAGE, CannotStart

SUFFIX = "_FILE"


def with_secrets(environ: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The environment with the secrets that files hold.

    Args:
        environ: as it is.
        names: the variables that may come from a file.

    Raises:
        CannotStart: a file is missing, unreadable or empty, or the variable is given both ways; all at once.
    """
    found, faults = dict(environ), []
    for name in names:
        file = environ.get(name + SUFFIX)
        if not file:
            continue
        if environ.get(name):
            faults.append(f"{name} and {name}{SUFFIX} are both set; leave one out")
            continue
        secret = ""
        try:
            secret = Path(file).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
            if not secret:
                faults.append(f"{name}{SUFFIX}: {file} is empty; put the secret on its first line")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            faults.append(f"{name}{SUFFIX}: {file} cannot be read: {why}")
        found[name] = secret
    if faults:
        raise CannotStart("; ".join(faults), USAGE)
    return found
