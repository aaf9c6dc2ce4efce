"""A secret out of a file: its first line, and one sentence where there is none; the secret stands in no message."""

from pathlib import Path

from steadyline.errors import ConfigurationError
from steadyline.named_file import content_of

_LARGEST_BYTES = 1024 * 1024


def first_line(path: Path, key: str, what: str) -> str:
    """The secret that a file holds on its first line.

    Args:
        path: the file.
        key: the setting that names it, as in `sql target: password_file`.
        what: what it should hold, as in `the password`.

    Raises:
        ConfigurationError: the file is missing, unreadable or empty.
    """
    try:
        secret = content_of(path, _LARGEST_BYTES).decode("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise ConfigurationError(f"{key} {path}: cannot be read: {why}") from None
    if not secret:
        raise ConfigurationError(f"{key} {path}: is empty; put {what} on its first line")
    return secret
