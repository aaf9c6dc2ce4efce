"""How the servers of ours are asked where a web config guards them: by Prometheus, by Alertmanager and by our own commands."""

import ssl
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from steadyline.errors import ConfigurationError
from steadyline.secret_file import first_line

KEY = "web_client"


def scheme(web_config_file: Path | None) -> str:
    """How servers with this web config are asked; one that cannot be read says so itself."""
    if web_config_file is None:
        return "http"
    import yaml  # noqa: PLC0415 - most have no such file

    try:
        said = yaml.safe_load(web_config_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return "http"
    return "https" if isinstance(said, dict) and said.get("tls_server_config") else "http"


class WebClient(BaseModel):
    """Who asks the exporter, the load runs' pages and the receiver (docs/exposure.md).

    Attributes:
        ca_file: who signed the servers' certificate; the system's authorities where not given.
        cert_file: our own certificate, for servers that want one; needs key_file.
        key_file: its key.
        username: who asks, for basic authentication; needs password_file.
        password_file: a file whose first line is the password.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    username: Annotated[str, Field(min_length=1)] | None = None
    password_file: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> "WebClient":
        faults = [
            f"{one} and {other} go together; say both, or neither"
            for one, other in (("cert_file", "key_file"), ("username", "password_file"))
            if (getattr(self, one) is None) != (getattr(self, other) is None)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def http_config(self, scheme: str) -> dict[str, Any]:
        """As Prometheus and Alertmanager have it; paths are absolute, for both read them themselves."""
        block: dict[str, Any] = {}
        if scheme == "https":
            names = ("ca_file", "cert_file", "key_file")
            block["tls_config"] = {name: str(path.absolute()) for name in names if (path := getattr(self, name)) is not None}
        if self.username and self.password_file:
            block["basic_auth"] = {"username": self.username, "password_file": str(self.password_file.absolute())}
        return block

    def asking(self, scheme: str) -> dict[str, Any]:
        """What httpx is told.

        Raises:
            ConfigurationError: a file cannot be used.
        """
        said: dict[str, Any] = {"trust_env": False}
        if scheme == "https":
            said["verify"] = self._context()
        if self.username and self.password_file:
            said["auth"] = (self.username, first_line(self.password_file, f"{KEY}.password_file:", "the password"))
        return said

    def _context(self) -> ssl.SSLContext:
        try:
            made = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # ssl's own errors are some, too
            raise ConfigurationError(f"{KEY}.ca_file: {self.ca_file}: {_why(error)}") from None
        if self.cert_file and self.key_file:
            try:
                made.load_cert_chain(self.cert_file, self.key_file, password=lambda: "")
            except OSError as error:
                told = f"{KEY}: cert_file {self.cert_file} and key_file {self.key_file}: {_why(error)}"
                raise ConfigurationError(told) from None
        return made


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "cannot be used: PEM with a certificate, and a key that belongs to it and is not encrypted, are wanted"
    return f"cannot be read: {error.strerror}"
