"""Whom a server lets in where it is reached from elsewhere."""

import pytest
from certificates import Authority
from web_config import HASH, write

from steadyline.errors import ConfigurationError
from steadyline.settings import Settings
from steadyline.web.exposure import Exposure, check_client
from steadyline.web_client import WebClient

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


@pytest.mark.parametrize("said", ASKS_NOBODY.values(), ids=ASKS_NOBODY)
def test_strangers_later(folder, caplog, said):
    """A file that is changed lets in nobody whom it would not have let in at the start: the earlier one holds."""
    settings = Settings(listen_address="0.0.0.0", web_config_file=write(folder, ASKS["users"]))
    held = Exposure.of(settings, "exporter").held
    write(folder, said)
    assert held.current().config.is_authenticating
    assert not held.is_good
    assert "the earlier one holds: listen_address: 0.0.0.0: whoever reaches it would be answered" in caplog.text


@pytest.mark.parametrize(("address", "anonymous"), [("127.0.0.1", False), ("127.9.9.9", False), ("0.0.0.0", True)])
def test_open(address, anonymous):
    """Loopback is open to all, and so is what was said to be."""
    Exposure.of(Settings(listen_address=address, anonymous=anonymous), "exporter")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(ASKS["users"], "web_client.username: web_config_file has basic_auth_users", id="users"),
        pytest.param(ASKS["certificates"], "web_client.cert_file: web_config_file wants a certificate", id="certificates"),
    ],
)
def test_who_asks_lacks_something(folder, said, told):
    """Where who asks could not be let in it is told before anything starts, by the setting that is missing."""
    with pytest.raises(ConfigurationError, match=told):
        check_client(Settings(web_config_file=write(folder, said)))


@pytest.mark.parametrize(
    ("client", "told"),
    [
        pytest.param({"ca_file": "none.pem"}, "ca_file: .*none.pem: cannot be read: No such", id="no authority"),
        pytest.param({"ca_file": "server.key"}, "web_client.ca_file: .*server.key: cannot be used", id="no certificate"),
        pytest.param({"cert_file": "server.pem", "key_file": "ca.pem"}, "cert_file .* cannot be used", id="no key"),
        pytest.param({"username": "a", "password_file": "none"}, "password_file: .*cannot be read", id="no password"),
    ],
)
def test_who_asks_has_unusable_files(folder, client, told):
    """What cannot be used is told by its setting."""
    known = {name: value if name == "username" else folder / value for name, value in client.items()}
    tls = write(folder, {"tls_server_config": {"cert_file": "server.pem", "key_file": "server.key"}})
    with pytest.raises(ConfigurationError, match=told):
        check_client(Settings(web_config_file=tls, web_client=WebClient(**known)))


@pytest.mark.parametrize("said", [{"username": "a"}, {"password_file": "x"}, {"cert_file": "x"}, {"key_file": "x"}])
def test_half_said(said):
    """Who and with what go together."""
    with pytest.raises(ValueError, match="go together; say both, or neither"):
        WebClient(**said)
