"""The web config file, in the format that exporters share (exporter-toolkit's): read, and every fault in it told at once."""

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from steadyline.errors import ConfigurationError
from steadyline.web import go_names, unknown_key, users

KEY = "web_config_file"
"""The setting that names the file."""
Version = Literal["TLS12", "TLS13"]
Policy = Literal["NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"]
HEADERS: dict[str, tuple[str, ...]] = {
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
    "Content-Security-Policy": (),
}
"""What may be set, and to what; any text where nothing is named."""
_INLINE = ("cert", "key")
_UNCHECKED = ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
_OLD = ("TLS10", "TLS11")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class TlsServer(_Strict):
    """`tls_server_config`; paths are from the file's folder."""

    cert_file: Path | None = None
    key_file: Path | None = None
    client_ca_file: Path | None = None
    client_ca: str | None = None
    client_auth_type: Policy = "NoClientCert"
    client_allowed_sans: tuple[str, ...] = ()
    min_version: Version = "TLS12"
    max_version: Version = "TLS13"
    cipher_suites: tuple[str, ...] = ()
    prefer_server_cipher_suites: bool = True
    curve_preferences: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _possible(cls, said: Any) -> Any:
        """What the format has and Python's TLS has not is refused, because another meaning would be worse than none."""
        if not isinstance(said, dict):
            raise ValueError("write its keys below it")  # noqa: TRY004 - pydantic wants a ValueError
        faults = [f"{key}: a file is needed here; write {key}_file" for key in _INLINE if key in said]
        if said.get("client_auth_type") in _UNCHECKED:
            faults.append("client_auth_type: no certificate is taken here unverified; write RequireAndVerifyClientCert")
        faults += [
            f"{key}: {said[key]} is spoken no more; write TLS12 or TLS13"
            for key in ("min_version", "max_version")
            if said.get(key) in _OLD
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return said

    @field_validator("cipher_suites")
    @classmethod
    def _known_suites(cls, said: tuple[str, ...]) -> tuple[str, ...]:
        return go_names.checked(said, go_names.SUITES, "suite of TLS 1.2; those of 1.3 are always there")

    @field_validator("curve_preferences")
    @classmethod
    def _known_curves(cls, said: tuple[str, ...]) -> tuple[str, ...]:
        if len(said) > 1:
            raise ValueError("Python's TLS can be told one curve; keep one, or none for all")
        return go_names.checked(said, go_names.CURVES, "curve")

    @model_validator(mode="after")
    def _whole(self) -> "TlsServer":
        faults = []
        if self.cert_file is None or self.key_file is None:
            faults.append("TLS needs both cert_file and key_file")
        if self.client_ca is not None and self.client_ca_file is not None:
            faults.append("client_ca and client_ca_file are two ways; keep one")
        has_authority = self.client_ca is not None or self.client_ca_file is not None
        if has_authority != (self.client_auth_type != "NoClientCert"):
            faults.append("client_ca_file and client_auth_type go together; say both, or neither")
        if self.client_allowed_sans and self.client_auth_type != "RequireAndVerifyClientCert":
            faults.append("client_allowed_sans needs client_auth_type RequireAndVerifyClientCert")
        if self.min_version > self.max_version:
            faults.append("min_version is above max_version")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class HttpServer(_Strict):
    """`http_server_config`."""

    http2: bool = False
    headers: dict[str, str] = {}

    @field_validator("http2")
    @classmethod
    def _not_served(cls, said: bool) -> bool:
        if said:
            raise ValueError("HTTP/2 is not served; write false, or leave it out")
        return said

    @field_validator("headers")
    @classmethod
    def _allowed(cls, said: dict[str, str]) -> dict[str, str]:
        for name, value in said.items():
            if name not in HEADERS:
                raise ValueError(f"{name}: cannot be set; there are {', '.join(HEADERS)}")
            if HEADERS[name] and value not in HEADERS[name]:
                raise ValueError(f"{name}: write {' or '.join(HEADERS[name])}")
            if not value.isprintable() or not value.isascii():
                raise ValueError(f"{name}: is no text that a header may hold")
        return said


class RateLimit(_Strict):
    """`rate_limit`: a token bucket."""

    interval: Annotated[float, BeforeValidator(go_names.seconds)] = 0.0
    burst: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _lets_some_in(self) -> "RateLimit":
        if self.interval and not self.burst:
            raise ValueError("burst: at least 1, or nobody is answered")
        return self


class WebConfig(_Strict):
    """The whole file.

    Attributes:
        tls_server_config: None serves without TLS.
        http_server_config: headers of each answer.
        basic_auth_users: bcrypt's hash of each user's password; without one nobody is asked.
        rate_limit: how many requests are answered.
    """

    tls_server_config: TlsServer | None = None
    http_server_config: HttpServer = HttpServer()
    basic_auth_users: dict[str, str] = {}
    rate_limit: RateLimit = RateLimit()

    @field_validator("basic_auth_users")
    @classmethod
    def _hashed(cls, said: dict[str, str]) -> dict[str, str]:
        if faults := [f"{name}: {why}" for name, text in said.items() if (why := users.fault(text))]:
            raise ValueError("; ".join(faults))
        return said

    @property
    def is_authenticating(self) -> bool:
        """Whether nobody is answered without saying who they are."""
        tls = self.tls_server_config
        return bool(self.basic_auth_users) or (tls is not None and tls.client_auth_type == "RequireAndVerifyClientCert")


def read(path: Path) -> WebConfig:
    """What a file says, its paths made absolute.

    Raises:
        ConfigurationError: every fault, each with the file and the key, and never with a value.
    """
    try:
        said = yaml.load(path.read_text(encoding="utf-8"), _Unique)  # noqa: S506 - a safe loader, and stricter
    except OSError as error:
        raise ConfigurationError(f"{KEY}: {path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{KEY}: {path}: {_place(error)}") from None
    if said is None:
        raise ConfigurationError(f"{KEY}: {path}: is empty, and everybody would be answered; write {{}} where that is meant")
    try:
        config = WebConfig.model_validate(_given(said))
    except ValidationError as error:
        raise ConfigurationError([f"{path}: {_sentence(fault)}" for fault in error.errors(include_input=False)]) from None
    return config.model_copy(update={"tls_server_config": _within(path.absolute().parent, config.tls_server_config)})


def files(config: WebConfig) -> Iterator[Path]:
    """The files that it names."""
    tls = config.tls_server_config
    if tls is not None:
        yield from (file for file in (tls.cert_file, tls.key_file, tls.client_ca_file) if file is not None)


class _Unique(yaml.SafeLoader):
    """Refuses a key that stands twice: the second would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As PyYAML does, once the keys are looked at."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} stands there twice", problem_mark=key.start_mark)
            seen.add(key.value if isinstance(key.value, Hashable) else id(key))
        return super().construct_mapping(node, deep)


def _place(error: Exception) -> str:
    """What is wrong and where; a snippet of the file could hold a secret."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None)
    return f"line {mark.line + 1}: {problem}" if mark is not None and problem else "is no YAML"


def _given(said: Any) -> Any:
    """Without what is left blank, which means the same as what is not there; a user's hash may not be."""
    if not isinstance(said, dict):
        return said
    kept = {
        key: {name: one for name, one in value.items() if one not in (None, "")}
        if isinstance(value, dict) and key != "basic_auth_users"
        else value
        for key, value in said.items()
        if value is not None
    }
    return {key: value for key, value in kept.items() if value or key != "tls_server_config"}


def _within(folder: Path, tls: TlsServer | None) -> TlsServer | None:
    if tls is None:
        return None
    paths = {key: getattr(tls, key) for key in ("cert_file", "key_file", "client_ca_file")}
    return tls.model_copy(update={key: folder / path for key, path in paths.items() if path is not None})


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return f"{where}: {unknown_key.told(str(error['loc'][-1]), _KNOWN)}"
    return f"{where or 'the file'}: {error['msg'].removeprefix('Value error, ')}"


_KNOWN = [name for model in (WebConfig, TlsServer, HttpServer, RateLimit) for name in model.model_fields]
