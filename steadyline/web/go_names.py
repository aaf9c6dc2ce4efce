"""Names that Go has for what OpenSSL calls otherwise, and Go's way to write a span of time: the web config file has these."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

SUITES = {
    f"TLS_ECDHE_{key}_WITH_{theirs}": f"ECDHE-{key}-{ours}"
    for key in ("ECDSA", "RSA")
    for theirs, ours in (
        ("AES_128_GCM_SHA256", "AES128-GCM-SHA256"),
        ("AES_256_GCM_SHA384", "AES256-GCM-SHA384"),
        ("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305"),
        ("AES_128_CBC_SHA", "AES128-SHA"),
        ("AES_256_CBC_SHA", "AES256-SHA"),
    )
}
"""Go's `tls.CipherSuites` up to TLS 1.2, and OpenSSL's name of each."""
CURVES = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1", "X25519": "X25519"}
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def checked(said: tuple[str, ...], known: Mapping[str, str], what: str) -> tuple[str, ...]:
    """The names, each of which must be known.

    Raises:
        ValueError: some are not.
    """
    if strange := [name for name in said if name not in known]:
        raise ValueError(f"{', '.join(strange)}: no {what}; there are {', '.join(known)}")
    return said


def translated(said: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """OpenSSL's names."""
    return [names[name] for name in said]


def seconds(said: Any) -> float:
    """A span of time, such as `1s` or `1m30s`; 0 is none.

    Raises:
        ValueError: it is no span of time.
    """
    text = str(said)
    if text == "0":
        return 0.0
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError("write a span of time, such as 100ms, 1s or 1m30s")
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))
