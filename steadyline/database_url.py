"""A database's URL: which database it is in words, and which of its parts no text may show."""

from collections.abc import Mapping

from sqlalchemy import URL

from steadyline.redaction import is_secret_name

SQLITE = "sqlite"
_NAMES: Mapping[str, str] = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}


def secrets_of(url: URL) -> list[str]:
    """Every value in the URL that no text may show."""
    found = [str(url.password)] if url.password else []
    for name, values in url.normalized_query.items():
        found += values if is_secret_name(name) else []
    return found


def place(url: URL) -> str:
    """The database in words, without secrets: `PostgreSQL at db.example:5432, database trace`, or the file's path."""
    kind = url.get_backend_name()
    if kind == SQLITE:
        return f"SQLite file {url.database}"
    hosts = url.normalized_query.get("host")
    host = url.host or (", ".join(hosts) if hosts else "the local socket")
    port = f":{url.port}" if url.port else ""
    return f"{_NAMES.get(kind, kind)} at {host}{port}, database {url.database or url.username or '?'}"
