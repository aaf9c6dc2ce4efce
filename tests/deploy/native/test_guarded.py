"""The native stack behind a web config: mutual TLS and a user, and everything of it still finds everything."""

import subprocess
from pathlib import Path

import httpx
import native_stack
import pytest
import tenacity
from certificates import Authority
from native_stack import Stack
from web_config import HASH, PASSWORD, write

from steadyline import settings as settings_module
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import EXPORTER_JOB

pytestmark = pytest.mark.stack

USER = "prometheus"
MUTUAL = {
    "cert_file": "server.pem",
    "key_file": "server.key",
    "client_ca_file": "ca.pem",
    "client_auth_type": "RequireAndVerifyClientCert",
    "client_allowed_sans": [USER],
}


def guarded(folder: Path) -> dict[str, str]:
    """The variables of a stack whose servers want a certificate and a password, and that has nothing to measure but a file."""
    authority = Authority(folder)
    authority.sign("server")
    client = authority.sign(USER)
    password = folder / "password"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    return {
        "STEADYLINE_WEB_CONFIG_FILE": str(write(folder, {"tls_server_config": MUTUAL, "basic_auth_users": {USER: HASH}})),
        "STEADYLINE_WEB_CLIENT_CA_FILE": str(authority.cert),
        "STEADYLINE_WEB_CLIENT_CERT_FILE": str(client.cert),
        "STEADYLINE_WEB_CLIENT_KEY_FILE": str(client.key),
        "STEADYLINE_WEB_CLIENT_USERNAME": USER,
        "STEADYLINE_WEB_CLIENT_PASSWORD_FILE": str(password),
        "STEADYLINE_EMBEDDED": "false",
        "STEADYLINE_SQL_URL": f"sqlite:///{folder / 'trace.db'}",
        "STEADYLINE_SQL_ALLOW_WRITES": "true",
    }


@tenacity.retry(stop=tenacity.stop_after_delay(90), wait=tenacity.wait_fixed(0.5), reraise=True)
def until(condition) -> None:
    """Wait for another process."""
    assert condition()


def test_guarded(tmp_path: Path) -> None:
    """`up` gets ready, Prometheus scrapes, Alertmanager reaches the receiver, and a stranger is told nothing."""
    with native_stack.empty() as bare:
        environ = bare.environ | guarded(tmp_path)
        stack = Stack(bare.folder, environ, settings_module.load(environ))
        settings = stack.settings
        said = stack.run("up", "--native", "--detach").stdout
        assert settings.url_of("exporter").startswith("https://")
        assert f"{settings.url_of('exporter')}/metrics" in "".join(said.split())
        prometheus = Prometheus(settings.prometheus)
        until(lambda: [one.value for one in prometheus.query(f'up{{job="{EXPORTER_JOB}"}}')] == [1])
        with httpx.Client(**settings.asking()) as friend:
            until(lambda: friend.get(settings.url_of("receiver") + "/watchdog").json()["last_heartbeat"])
        with pytest.raises(httpx.TransportError), httpx.Client(verify=False, trust_env=False) as stranger:
            stranger.get(settings.url_of("exporter") + "/metrics")
        for name in ("exporter", "receiver"):
            assert PASSWORD not in (settings.state.logs / f"{name}.log").read_text(encoding="utf-8")
        for made in (settings.state.prometheus_config, settings.state.alertmanager_config):
            assert PASSWORD not in made.read_text(encoding="utf-8")
        assert PASSWORD not in subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
