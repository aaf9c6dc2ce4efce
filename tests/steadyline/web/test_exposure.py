"""Whom a server lets in where it is reached from elsewhere."""

import pytest
from certificates import Authority
from web_config import HASH, write

from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.web.exposure import Exposure

MUTUAL = {
    "cert_file": "server.pem",
    "key_file": "server.key",
    "client_ca_file": "ca.pem",
    "client_auth_type": "RequireAndVerifyClientCert",
}
ASKS = {"users": {"basic_auth_users": {"alice": HASH}}, "certificates": {"tls_server_config": MUTUAL}}
ASKS_NOBODY = {
    "nothing": {},
    "TLS alone": {"tls_server_config": {"cert_file": "server.pem", "key_file": "server.key"}},
    "certificate if given": {"tls_server_config": MUTUAL | {"client_auth_type": "VerifyClientCertIfGiven"}},
}


@pytest.fixture
def folder(tmp_path):
    """A folder with an authority and a server's certificate."""
    Authority(tmp_path).sign("server")
    return tmp_path


@pytest.mark.parametrize("said", ASKS_NOBODY.values(), ids=ASKS_NOBODY)
def test_strangers(folder, said):
    """Where nobody is asked who they are, an address beyond this host is refused with the reason and both ways out."""
    settings = Settings(listen_address="0.0.0.0", web_config_file=write(folder, said))
    with pytest.raises(ConfigurationError) as refused:
        Exposure.of(settings, "exporter")
    told = str(refused.value)
    assert told.startswith("listen_address: 0.0.0.0: whoever reaches it would be answered")
    assert "STEADYLINE_WEB_CONFIG_FILE" in told
    assert "STEADYLINE_ANONYMOUS=true" in told


@pytest.mark.parametrize("said", ASKS.values(), ids=ASKS)
def test_users(folder, said):
    """Users or certificates that must be shown are enough."""
    Exposure.of(Settings(listen_address="0.0.0.0", web_config_file=write(folder, said)), "exporter")


@pytest.mark.parametrize(("address", "anonymous"), [("127.0.0.1", False), ("127.9.9.9", False), ("0.0.0.0", True)])
def test_open(address, anonymous):
    """Loopback is open to all, and so is what was said to be."""
    Exposure.of(Settings(listen_address=address, anonymous=anonymous), "exporter")
