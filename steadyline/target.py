"""A target: one system to measure, and which settings each kind of backend takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from steadyline.addresses import web_url
from steadyline.secret_file import first_line
from steadyline.setting_kinds import Number, database_url

EMBEDDED_BACKENDS = ("sql", "trace", "s3", "vast", "tams")
"""Backends of which the stack has a target of its own, asked by the operations that ship."""
BACKENDS = (*EMBEDDED_BACKENDS, "http")
"""The backends there are; `steadyline.catalogue` says where each lives. `http` is any system of the user's own."""
_LOGIN = ("password_file",)
_KEYS = ("access_key", "secret_key", "secret_key_file", "bucket")
CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "sql": _LOGIN,
    "trace": _LOGIN,
    "s3": (*_KEYS, "region"),
    "vast": _KEYS,
    "tams": _LOGIN,
    "http": _LOGIN,
}
"""What a backend's target may say beside what every target may: who asks, and for what."""
_OVER_HTTP = ("trace", "s3", "vast", "tams", "http")
_IN_BUCKETS = ("s3", "vast")
DEFAULT_CONCURRENCY = 16
"""Connections to a target at once where nobody says how many."""
DEFAULT_REGION = "us-east-1"
"""What S3 servers of one's own take when nobody names a region."""

EMBEDDED_BUCKET = "steadyline"
EMBEDDED_ACCESS_KEY = "steadyline"
EMBEDDED_SECRET_KEY = "known-to-everybody"  # noqa: S105 - it guards nothing: the embedded targets listen on loopback alone
"""The embedded S3 and VAST DB check signatures as real ones do; this is no secret."""
EMBEDDED_DATABASE = "steadyline"
"""Name of the stack's PostgreSQL database, and of the role that owns it."""
SECRET_KEY_FILES: Mapping[str, str] = {"s3": "s3_secret_key", "vast": "vast_secret_key"}
POSTGRESQL_PASSWORD_FILE = "postgresql_password"  # noqa: S105 - a file's name
"""In the folder of the stack's own secrets."""


class Target(BaseModel):
    """One system to measure.

    Attributes:
        backend: sql, trace, s3, vast, tams, or http for any other system behind a URL.
        url: where it is; SQLAlchemy URL for sql, base URL or endpoint for the others. Credentials in it stay here.
        password_file: sql, trace, tams, http: a file whose first line is the password, instead of one in the URL.
        access_key: s3, vast: who asks. Without one, s3 goes by the AWS SDK's own chain (AWS_ACCESS_KEY_ID, profiles, roles).
        secret_key: s3, vast: the access key's secret.
        secret_key_file: s3, vast: a file whose first line is the secret key, instead of `secret_key`.
        bucket: s3, vast: the bucket to work in; it must be there.
        region: s3: what requests are signed for.
        allow_writes: without it only operations that do not write run.
        concurrency: most connections to it at once.
        bytes_per_second: most payload bytes that the schedule may move to and from it.
        embedded: it belongs to this stack (set by us, not by a user).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    backend: str
    url: SecretStr
    password_file: Path | None = None
    access_key: str | None = None
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None
    bucket: Annotated[str | None, Field(min_length=1)] = None
    region: str = DEFAULT_REGION
    allow_writes: bool = False
    concurrency: Annotated[int, Field(ge=1, le=1000), Number] = DEFAULT_CONCURRENCY
    bytes_per_second: Annotated[int, Field(ge=1), Number] = 50_000_000
    embedded: Annotated[bool, Field(exclude=True)] = False

    @field_validator("url")
    @classmethod
    def _has_its_form(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        backend = info.data.get("backend")
        if backend in _OVER_HTTP:
            parts = urlsplit(web_url(url.get_secret_value()))
            if parts.query or parts.fragment:
                raise ValueError("write http://host:port or https://host:port, at most a path after it")
        if backend == "sql":
            database_url(url)
            _check_database(url.get_secret_value())
        if backend in _IN_BUCKETS:
            parts = urlsplit(url.get_secret_value())
            if parts.username or parts.password or parts.path.strip("/") or parts.query:
                raise ValueError("write the endpoint alone, http://host:port; keys and bucket have settings of their own")
        return url

    @model_validator(mode="after")
    def _whole(self) -> "Target":
        """Every fault of the combination at once."""
        if self.backend not in BACKENDS:
            raise ValueError(f"backend: one of {', '.join(BACKENDS)}")
        faults = [*self._foreign(), *(self._keys() if self.backend in _IN_BUCKETS else self._login())]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _foreign(self) -> list[str]:
        """Settings that belong to other backends."""
        every = {key for keys in CREDENTIALS.values() for key in keys}
        said = sorted((every - set(CREDENTIALS[self.backend])) & self.model_fields_set)
        cure = ", ".join(CREDENTIALS[self.backend])
        return [f"{key} is not a setting of {self.backend} targets, which take {cure}" for key in said]

    def _login(self) -> list[str]:
        if self.password_file is None:
            return []
        user, _, password = urlsplit(self.url.get_secret_value()).netloc.rpartition("@")[0].partition(":")
        if password:
            return ["a password stands in the url, and password_file is given; leave one out"]
        nobody = self.backend in _OVER_HTTP and not user
        return ["password_file is of nobody; say in the url who asks: http://user@host"] if nobody else []

    def _keys(self) -> list[str]:
        faults = []
        if self.bucket is None:
            faults.append("bucket is missing; name the bucket to work in")
        if self.secret_key is not None and self.secret_key_file is not None:
            faults.append("secret_key and secret_key_file are both given; leave one out")
        secret = self.secret_key is not None or self.secret_key_file is not None
        if self.access_key is not None and not secret:
            faults.append("access_key has no secret; give secret_key_file, or secret_key")
        if self.access_key is None and (secret or self.backend == "vast"):
            faults.append("access_key is missing; say who asks")
        return faults

    def secret(self) -> str:
        """The access key's secret, out of its file where it has one; "" without an access key.

        Raises:
            ConfigurationError: the file is missing or empty.
        """
        if self.secret_key_file is not None:
            return first_line(self.secret_key_file, f"{self.backend} target: secret_key_file", "the secret key")
        return self.secret_key.get_secret_value() if self.secret_key else ""


def _check_database(url: str) -> None:
    kind, _, rest = url.partition("://")
    if kind.partition("+")[0] not in ("sqlite", "postgresql", "postgres"):
        raise ValueError("write sqlite:////path/trace.db or postgresql://user@host:5432/name; no other database is known")
    if kind.startswith("sqlite") and rest.strip("/") in ("", ":memory:"):
        raise ValueError("SQLite needs a file that all connections see: sqlite:////path/trace.db")


def embedded(backend: str, url: str, secrets_dir: Path | None = None) -> Target:
    """The stack's own target of a backend.

    Args:
        backend: which.
        url: where it is.
        secrets_dir: where the file with its secret key lies; the well-known key where there is none.
    """
    secret: dict[str, Any] = (
        {"secret_key_file": secrets_dir / SECRET_KEY_FILES[backend]}
        if secrets_dir and backend in _IN_BUCKETS
        else {"secret_key": SecretStr(EMBEDDED_SECRET_KEY)}
    )
    keys = {"access_key": EMBEDDED_ACCESS_KEY, "bucket": EMBEDDED_BUCKET, **secret} if backend in _IN_BUCKETS else {}
    return Target(backend=backend, url=SecretStr(url), allow_writes=True, embedded=True, **keys)


def embedded_postgresql(host: str, secrets_dir: Path | None) -> Target:
    """The stack's own target of SQL where it has a PostgreSQL."""
    url = f"postgresql://{EMBEDDED_DATABASE}@{host}/{EMBEDDED_DATABASE}"
    password = secrets_dir / POSTGRESQL_PASSWORD_FILE if secrets_dir else None
    return Target(backend="sql", url=SecretStr(url), password_file=password, allow_writes=True, embedded=True)
