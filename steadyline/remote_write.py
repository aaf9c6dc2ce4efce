"""Remote write: where Prometheus sends every sample for the long term, and as whom; the secret stays in its file."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from steadyline.addresses import WebUrl
from steadyline.redaction import is_secret_name, redact
from steadyline.secret_file import first_line

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OF_ITS_OWN = ("authorization", "proxy-authorization")
"""Headers with a secret: it would stand in the configuration, and Prometheus refuses them too."""


class RemoteWrite(BaseModel):
    """A storage that takes Prometheus' remote write (docs/longterm.md).

    Attributes:
        url: where it takes samples, with the path; nothing is sent where not given.
        name: its name in Prometheus' metrics and in alerts.
        username: who writes, for basic authentication; needs password_file.
        password_file: a file with the password, which Prometheus reads itself.
        credentials_file: a file with a bearer token instead, which Prometheus reads itself.
        headers: sent with each request, such as `X-Scope-OrgID` for Mimir's tenants; in the variable as
            `X-Scope-OrgID: team`, several parted by semicolons.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: WebUrl | None = None
    name: Annotated[str, Field(min_length=1)] = "longterm"
    username: Annotated[str, Field(min_length=1)] | None = None
    password_file: Path | None = None
    credentials_file: Path | None = None
    headers: dict[str, str] = {}

    @field_validator("headers", mode="before")
    @classmethod
    def _parted(cls, said: Any) -> Any:
        """One text is several, as the environment has them."""
        if not isinstance(said, str):
            return said
        pairs = [pair.partition(":") for pair in said.split(";") if pair.strip()]
        if not all(name.strip() and value.strip() for name, _, value in pairs):
            raise ValueError("write them as Name: value, several parted by semicolons")
        return {name.strip(): value.strip() for name, _, value in pairs}

    @model_validator(mode="after")
    def _whole(self) -> "RemoteWrite":
        faults = [*self._half_said(), *self._refused_headers()]
        if self.url and urlsplit(self.url).username is not None:
            faults.append("url holds who writes; say username and password_file instead")
        if self.url and redact(self.url) != self.url:
            faults.append("url holds a secret, which would be a label of Prometheus' metrics; say credentials_file instead")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _half_said(self) -> list[str]:
        faults = []
        alone = sorted(self.model_fields_set - {"url"} - {name for name in self.model_fields_set if not getattr(self, name)})
        if self.url is None and alone:
            faults.append(f"{' and '.join(alone)}: of no use without url; say where to write, or take it out")
        if (self.username is None) != (self.password_file is None):
            faults.append("username and password_file go together; say both, or neither")
        if self.credentials_file is not None and (self.username or self.password_file):
            faults.append("credentials_file and username with password_file are two ways; keep one")
        return faults

    def _refused_headers(self) -> list[str]:
        return [
            f"headers: {name}: a secret belongs into password_file or credentials_file"
            if name.lower() in _OF_ITS_OWN or is_secret_name(name)
            else f"headers: {name!r} is no header's name"
            for name in self.headers
            if name.lower() in _OF_ITS_OWN or is_secret_name(name) or not _HEADER.fullmatch(name)
        ]

    def check_secrets(self) -> None:
        """See that Prometheus will find what it reads; it would tell of it in its log alone.

        Raises:
            ConfigurationError: a file with a secret is not there, cannot be read or is empty.
        """
        if self.password_file:
            first_line(self.password_file, "remote_write.password_file:", "the password")
        if self.credentials_file:
            first_line(self.credentials_file, "remote_write.credentials_file:", "the bearer token")
