"""TLS as the web config file has it: a context for new connections, and which client certificates may come in."""

import ipaddress
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steadyline.errors import ConfigurationError
from steadyline.web import go_names
from steadyline.web.document import TlsServer

SECTION = "tls_server_config"
_VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_POLICIES = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}


def context(tls: TlsServer, file: Path) -> ssl.SSLContext:
    """A context for the server's side.

    Args:
        tls: what is wanted.
        file: that says so, for messages.

    Raises:
        ConfigurationError: a certificate or a key cannot be used; the message names its file.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version, made.maximum_version = _VERSIONS[tls.min_version], _VERSIONS[tls.max_version]
    made.set_alpn_protocols(["http/1.1"])
    if tls.cipher_suites:
        made.set_ciphers(":".join(go_names.translated(tls.cipher_suites, go_names.SUITES)))
    if not tls.prefer_server_cipher_suites:
        made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    for curve in go_names.translated(tls.curve_preferences, go_names.CURVES):
        made.set_ecdh_curve(curve)
    _load_own(made, tls, file)
    _load_authority(made, tls, file)
    return made


def may_enter(tls: TlsServer, certificate: Mapping[str, Any] | None) -> bool:
    """Whether a verified certificate has one of the names that are let in; without such names each may.

    Args:
        tls: what is wanted.
        certificate: as `getpeercert` has it.
    """
    if not tls.client_allowed_sans:
        return True
    names = {_plain(kind, name) for kind, name in (certificate or {}).get("subjectAltName", ())}
    return bool(names & set(tls.client_allowed_sans))


def _plain(kind: str, name: str) -> str:
    """An IPv6 address as people write it: OpenSSL writes all of its zeros."""
    return str(ipaddress.ip_address(name.strip())) if kind == "IP Address" else name


def _load_own(made: ssl.SSLContext, tls: TlsServer, file: Path) -> None:
    assert tls.cert_file is not None
    assert tls.key_file is not None
    for key, path in (("cert_file", tls.cert_file), ("key_file", tls.key_file)):
        _readable(path, key, file)
    try:
        made.load_cert_chain(tls.cert_file, tls.key_file, password=_no_password)
    except ssl.SSLError as error:
        mismatch = error.reason == "KEY_VALUES_MISMATCH"
        why = "do not belong together" if mismatch else "hold no certificate and unencrypted key in PEM"
        raise ConfigurationError(f"{file}: {SECTION}: cert_file {tls.cert_file} and key_file {tls.key_file} {why}") from None


def _no_password() -> str:
    """OpenSSL would ask for one on the terminal."""
    return ""


def _load_authority(made: ssl.SSLContext, tls: TlsServer, file: Path) -> None:
    made.verify_mode = _POLICIES[tls.client_auth_type]
    key = "client_ca_file" if tls.client_ca_file else "client_ca"
    if tls.client_ca_file:
        _readable(tls.client_ca_file, key, file)
    if tls.client_ca_file or tls.client_ca:
        try:
            made.load_verify_locations(cafile=tls.client_ca_file, cadata=tls.client_ca)
        except (ssl.SSLError, ValueError):
            raise ConfigurationError(f"{file}: {SECTION}.{key}: holds no certificate in PEM") from None


def _readable(path: Path, key: str, file: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: {SECTION}.{key}: {path}: cannot be read: {error.strerror}") from None
