"""The web config file: what it may say, and what is told of what it may not; promtool takes whatever is taken here."""

import shutil
import subprocess

import pytest
from certificates import Authority
from web_config import HASH, write

from steadyline.errors import ConfigurationError
from steadyline.web import document, held

TLS = {"cert_file": "server.pem", "key_file": "server.key"}
MUTUAL = TLS | {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "ca.pem"}
CANARY = "canary-of-a-secret"

GOOD = {
    "nothing, which is meant": "{}",
    "nothing in it": {"tls_server_config": {}, "basic_auth_users": {}},
    "blank": "tls_server_config:\nbasic_auth_users:\n",
    "TLS": {"tls_server_config": TLS},
    "mutual TLS": {"tls_server_config": MUTUAL},
    "certificate if given": {"tls_server_config": MUTUAL | {"client_auth_type": "VerifyClientCertIfGiven"}},
    "TLS in detail": {
        "tls_server_config": TLS
        | {
            "min_version": "TLS12",
            "max_version": "TLS13",
            "cipher_suites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
            "prefer_server_cipher_suites": False,
            "curve_preferences": ["X25519"],
        }
    },
    "users": {"basic_auth_users": {"prometheus": HASH, "alice": HASH.replace("$2b$", "$2y$")}},
    "headers": {
        "http_server_config": {
            "http2": False,
            "headers": {
                "X-Frame-Options": "deny",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'self'",
                "Strict-Transport-Security": "max-age=1",
                "X-XSS-Protection": "0",
            },
        }
    },
}
NEWER = {
    "names of clients": {"tls_server_config": MUTUAL | {"client_allowed_sans": ["prometheus"]}},
    "rate": {"rate_limit": {"interval": "1m30s", "burst": 20}},
    "no rate": {"rate_limit": {"interval": 0}},
}
"""What the oldest Prometheus does not know yet."""

BAD = {
    "unknown section": ({"tls_config": TLS}, "tls_config: unknown key; did you mean tls_server_config?"),
    "unknown key": ({"tls_server_config": TLS | {"cert_fil": "x"}}, "tls_server_config.cert_fil: unknown key; did you mean"),
    "nothing near": ({"tls_server_config": TLS | {"zzzzz": "x"}}, "tls_server_config.zzzzz: unknown key; remove it"),
    "no key": ({"tls_server_config": {"cert_file": "server.pem"}}, "tls_server_config: TLS needs both cert_file and key_file"),
    "no certificate": ({"tls_server_config": {"min_version": "TLS13"}}, "TLS needs both cert_file and key_file"),
    "inline": ({"tls_server_config": TLS | {"key": CANARY}}, "key: a file is needed here; write key_file"),
    "unverified": ({"tls_server_config": MUTUAL | {"client_auth_type": "RequireAnyClientCert"}}, "unverified"),
    "no such policy": ({"tls_server_config": MUTUAL | {"client_auth_type": "Yes"}}, "client_auth_type: Input should be"),
    "policy without authority": (
        {"tls_server_config": TLS | {"client_auth_type": "RequireAndVerifyClientCert"}},
        "client_ca_file and client_auth_type go together",
    ),
    "authority without policy": ({"tls_server_config": TLS | {"client_ca_file": "ca.pem"}}, "go together"),
    "two authorities": ({"tls_server_config": MUTUAL | {"client_ca": "x"}}, "client_ca and client_ca_file are two ways"),
    "names without policy": (
        {"tls_server_config": MUTUAL | {"client_auth_type": "VerifyClientCertIfGiven", "client_allowed_sans": ["x"]}},
        "client_allowed_sans needs client_auth_type RequireAndVerifyClientCert",
    ),
    "old TLS": ({"tls_server_config": TLS | {"min_version": "TLS11"}}, "min_version: TLS11 is spoken no more"),
    "versions crossed": (
        {"tls_server_config": TLS | {"min_version": "TLS13", "max_version": "TLS12"}},
        "min_version is above max_version",
    ),
    "suite": (
        {"tls_server_config": TLS | {"cipher_suites": ["RC4"]}},
        "tls_server_config.cipher_suites: RC4: no suite of TLS",
    ),
    "curves": ({"tls_server_config": TLS | {"curve_preferences": ["X25519", "CurveP256"]}}, "can be told one curve"),
    "curve": ({"tls_server_config": TLS | {"curve_preferences": ["secp256k1"]}}, "secp256k1: no curve"),
    "HTTP/2": ({"http_server_config": {"http2": True}}, "http_server_config.http2: HTTP/2 is not served; write false"),
    "header": ({"http_server_config": {"headers": {"Server": "x"}}}, "Server: cannot be set; there are"),
    "header's value": ({"http_server_config": {"headers": {"X-Frame-Options": "yes"}}}, "X-Frame-Options: write deny or"),
    "header of two lines": ({"http_server_config": {"headers": {"X-XSS-Protection": "a\nb"}}}, "no text that a header may"),
    "plain password": ({"basic_auth_users": {"alice": CANARY}}, "basic_auth_users: alice: is no hash of bcrypt"),
    "costly password": (
        {"basic_auth_users": {"alice": "$2b$15$" + HASH[7:]}},
        "basic_auth_users: alice: bcrypt's cost is above 14, and everybody would wait for each look at a password; make one",
    ),
    "empty": ("", "is empty, and everybody would be answered; write {} where that is meant"),
    "password cut": ({"basic_auth_users": {"alice": HASH[:-1]}}, "is no hash of bcrypt"),
    "password a number": ({"basic_auth_users": {"alice": 12345678}}, "basic_auth_users.alice: Input should be a valid string"),
    "rate without burst": ({"rate_limit": {"interval": "1s"}}, "rate_limit: burst: at least 1"),
    "rate's interval": ({"rate_limit": {"interval": "often", "burst": 1}}, "rate_limit.interval: write a span of time"),
    "negative burst": ({"rate_limit": {"interval": "1s", "burst": -1}}, "rate_limit.burst: Input should be greater"),
    "twice": (f"basic_auth_users:\n  a: {HASH}\n  a: {HASH}\n", "line 3: a stands there twice"),
    "no YAML": (f"key: '{CANARY}\n", "line 2: found unexpected end of stream"),
    "a list": ("- a\n", "the file: "),
    "a section that is a text": ({"tls_server_config": "yes"}, "tls_server_config: write its keys below it"),
}


@pytest.fixture
def folder(tmp_path):
    """A folder with an authority and a server's certificate."""
    Authority(tmp_path).sign("server")
    return tmp_path


@pytest.mark.parametrize("said", [*GOOD.values(), *NEWER.values()], ids=[*GOOD, *NEWER])
def test_good(folder, said):
    """What the format has is taken, and files are found from the file's own folder."""
    held.Held(write(folder, said)).current()


@pytest.mark.parametrize("said", GOOD.values(), ids=GOOD)
def test_promtool(folder, said):
    """What is taken here, promtool takes too."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    checked = subprocess.run(
        [promtool, "check", "web-config", write(folder, said)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(("said", "told"), BAD.values(), ids=BAD)
def test_bad(folder, said, told):
    """What is wrong is told with the file and the key, and never with a value that may be a secret."""
    path = write(folder, said)
    with pytest.raises(ConfigurationError) as refused:
        held.Held(path)
    assert str(refused.value).removeprefix("web_config_file: ").startswith(f"{path}: ")
    assert told in str(refused.value)
    assert CANARY not in str(refused.value)
    assert HASH[:-1] not in str(refused.value)


def test_all_at_once(folder):
    """Every fault is told."""
    with pytest.raises(ConfigurationError) as refused:
        document.read(write(folder, {"http_server_config": {"http2": True}, "rate_limit": {"burst": -1}, "x": 1}))
    assert len(refused.value.faults) == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            {"cert_file": "none.pem"}, "tls_server_config.cert_file: .*none.pem: cannot be read: No such", id="missing"
        ),
        pytest.param({"key_file": "other.key"}, "do not belong together", id="another's key"),
        pytest.param({"key_file": "server.pem"}, "hold no certificate and unencrypted key", id="no key"),
        pytest.param({"client_ca_file": "server.key"}, "client_ca_file: holds no certificate", id="no authority"),
    ],
)
def test_unusable_files(folder, change, told):
    """A certificate, key or authority that cannot be used is told by its file."""
    Authority(folder, "else").sign("other")
    with pytest.raises(ConfigurationError, match=told):
        held.Held(write(folder, {"tls_server_config": MUTUAL | change}))


def test_missing(tmp_path):
    """A file that is not there is told by the setting that names it."""
    with pytest.raises(ConfigurationError, match=r"web_config_file: .*web\.yml: cannot be read: No such file"):
        document.read(tmp_path / "web.yml")
