"""A server behind a web config, as Prometheus, a stranger and somebody with a new certificate meet it."""

import contextlib
import ipaddress
import socket
import ssl

import httpx
import pytest
from certificates import Authority
from cryptography import x509
from web_config import HASH, NAME, PASSWORD, served, write

DEADLINE_SECONDS = 30
CROWD = 1000


@pytest.fixture
def authority(tmp_path):
    """An authority whose server certificate is there."""
    made = Authority(tmp_path)
    made.sign("server")
    return made


def mutual(**more):
    """TLS that wants a client's certificate."""
    return {
        "cert_file": "server.pem",
        "key_file": "server.key",
        "client_ca_file": "ca.pem",
        "client_auth_type": "RequireAndVerifyClientCert",
        **more,
    }


def context(authority, signed=None):
    """What a client trusts, and with what it comes."""
    made = ssl.create_default_context(cafile=authority.cert)
    if signed is not None:
        made.load_cert_chain(*signed.pair)
    return made


@contextlib.contextmanager
def secured(port, authority):
    """A connection as TLS has it."""
    plain = socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS)
    with context(authority).wrap_socket(plain, server_hostname="server") as found:
        yield found


def asked(port, trust=None, **more):
    """One request over a connection of its own; None where none is answered."""
    scheme = "http" if trust is None else "https"
    try:
        with httpx.Client(verify=trust or True, trust_env=False, timeout=DEADLINE_SECONDS) as client:
            return client.get(f"{scheme}://127.0.0.1:{port}/", **more)
    except httpx.TransportError:
        return None


def test_tls(tmp_path, authority):
    """TLS is spoken, with the certificate of the file; who does not speak it is not answered."""
    file = write(tmp_path, {"tls_server_config": {"cert_file": "server.pem", "key_file": "server.key"}})
    with served(file) as port:
        assert asked(port, context(authority)).text == "said"
        assert asked(port) is None


@pytest.mark.parametrize(("least", "most", "spoken"), [("TLS12", "TLS12", "TLSv1.2"), ("TLS13", "TLS13", "TLSv1.3")])
def test_versions(tmp_path, authority, least, most, spoken):
    """Only the versions between the two are spoken."""
    tls = {"cert_file": "server.pem", "key_file": "server.key", "min_version": least, "max_version": most}
    with served(write(tmp_path, {"tls_server_config": tls})) as port, secured(port, authority) as connection:
        assert connection.version() == spoken


def test_suites(tmp_path, authority):
    """Of the suites of TLS 1.2 only those named are spoken."""
    tls = {"cert_file": "server.pem", "key_file": "server.key", "max_version": "TLS12"}
    suite = {"cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]}
    with served(write(tmp_path, {"tls_server_config": tls | suite})) as port, secured(port, authority) as connection:
        assert connection.cipher()[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"


def test_mutual_tls(tmp_path, authority):
    """Who comes without a certificate, or with one that somebody else signed, is not answered."""
    with served(write(tmp_path, {"tls_server_config": mutual()})) as port:
        assert asked(port, context(authority, authority.sign("client"))).text == "said"
        assert asked(port, context(authority)) is None
        assert asked(port, context(authority, Authority(tmp_path, "else").sign("other"))) is None


@pytest.mark.parametrize("name", ["client", "2001:db8::1", "who@example.com", "spiffe://example/who"])
def test_allowed_names(tmp_path, authority, name):
    """With names that are let in, a certificate needs one of them, of whatever kind."""
    others = (
        x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
        x509.RFC822Name("who@example.com"),
        x509.UniformResourceIdentifier("spiffe://example/who"),
    )
    with served(write(tmp_path, {"tls_server_config": mutual(client_allowed_sans=["nobody", name])})) as port:
        assert asked(port, context(authority, authority.sign("client", *others))).text == "said"
        assert asked(port, context(authority, authority.sign("stranger"))) is None


def test_certificate_if_given(tmp_path, authority):
    """A certificate that is given must be right, and none is right too."""
    with served(write(tmp_path, {"tls_server_config": mutual(client_auth_type="VerifyClientCertIfGiven")})) as port:
        assert asked(port, context(authority)).text == "said"
        assert asked(port, context(authority, Authority(tmp_path, "else").sign("other"))) is None


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        pytest.param(("alice", PASSWORD), 200, id="right"),
        pytest.param(("alice", PASSWORD + "!"), 401, id="wrong password"),
        pytest.param(("alice", ""), 401, id="no password"),
        pytest.param(("bob", PASSWORD), 401, id="no such user"),
        pytest.param(("alice", "\0"), 401, id="a zero byte"),
        pytest.param(("alice", "x" * 100), 401, id="longer than bcrypt looks"),
        pytest.param(None, 401, id="nobody"),
    ],
)
def test_users(tmp_path, auth, status):
    """Who is a user of the file is answered, twice as once, and nobody else."""
    headers = {"http_server_config": {"headers": {"X-Frame-Options": "deny"}}}
    with served(write(tmp_path, {"basic_auth_users": {"alice": HASH}, **headers})) as port:
        for _ in range(2):
            answer = asked(port, auth=auth)
            assert answer.status_code == status
            assert answer.headers.get("www-authenticate") == ("Basic" if status == 401 else None)
            assert answer.headers["x-frame-options"] == "deny"


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic YWxpY2U=", "Basic /w==", "Bearer x", "basic"])
def test_no_credentials(tmp_path, header):
    """An Authorization header that holds no user and password is nobody's."""
    with served(write(tmp_path, {"basic_auth_users": {"alice": HASH}})) as port:
        assert asked(port, headers={"authorization": header}).status_code == 401


def test_rate(tmp_path):
    """Beyond the burst, who asks is told that it is too often."""
    with served(write(tmp_path, {"rate_limit": {"interval": "1h", "burst": 2}})) as port:
        assert [asked(port).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9464", 200),
        ("localhost", 200),
        ("[::1]:9464", 200),
        (f"{NAME}:9464", 200),
        (f"{NAME}.steadyline.svc:9464", 200),
        (f"{NAME}.steadyline.svc.cluster.local", 200),
        ("10.1.2.3:9464", 200),
        ("evil.example", 400),
        (f"{NAME}.evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example:9464", 400),
        (f"evil{NAME}", 400),
        ("", 400),
    ],
)
def test_foreign_name(host, status):
    """A name of somebody else's, which a browser was led here by, is not answered to."""
    with served() as port:
        assert asked(port, headers={"host": host}).status_code == status


def test_foreign_name_of_a_user(tmp_path):
    """Who says who they are may call the server as they like: no page elsewhere can say it for them."""
    with served(write(tmp_path, {"basic_auth_users": {"alice": HASH}})) as port:
        assert asked(port, headers={"host": "metrics.example"}, auth=("alice", PASSWORD)).status_code == 200


def fetch(site, mode, destination):
    """What a browser says of who asks."""
    return {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination}


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        pytest.param("GET", fetch("none", "navigate", "document"), 200, id="by hand"),
        pytest.param("GET", fetch("same-origin", "no-cors", "image"), 200, id="own page"),
        pytest.param("GET", fetch("same-site", "cors", "empty"), 200, id="another port"),
        pytest.param("GET", fetch("cross-site", "navigate", "document"), 200, id="link"),
        pytest.param("POST", fetch("cross-site", "navigate", "document"), 403, id="form"),
        pytest.param("GET", fetch("cross-site", "navigate", "iframe"), 403, id="frame"),
        pytest.param("GET", fetch("cross-site", "no-cors", "image"), 403, id="picture"),
        pytest.param("GET", {"sec-fetch-site": "cross-site"}, 403, id="nothing more said"),
    ],
)
@pytest.mark.parametrize("auth", [None, ("alice", PASSWORD)], ids=["nobody", "a user"])
def test_another_sites_page(tmp_path, auth, method, headers, status):
    """In the background it asks nothing, not even with the password that the browser knows; a link to here may be followed."""
    file = write(tmp_path, {"basic_auth_users": {"alice": HASH}}) if auth else None
    with served(file) as port:
        answer = httpx.request(method, f"http://127.0.0.1:{port}/", headers=headers, auth=auth, trust_env=False)
        assert answer.status_code == status


def test_new_certificate(tmp_path, authority):
    """A new certificate serves new connections, while those that stand go on."""
    file = write(tmp_path, {"tls_server_config": {"cert_file": "server.pem", "key_file": "server.key"}})
    with served(file) as port, httpx.Client(verify=context(authority), trust_env=False) as standing:
        assert standing.get(f"https://127.0.0.1:{port}/").text == "said"
        newer = Authority(tmp_path, "newer")
        newer.sign("server")
        assert asked(port, context(newer)).text == "said"
        assert asked(port, context(authority)) is None
        assert standing.get(f"https://127.0.0.1:{port}/").text == "said"


def test_new_users(tmp_path):
    """A user taken out of the file is answered no more, and one put in is."""
    with served(write(tmp_path, {"basic_auth_users": {"alice": HASH}})) as port:
        assert asked(port, auth=("alice", PASSWORD)).status_code == 200
        write(tmp_path, {"basic_auth_users": {"alexandra": HASH}})
        assert asked(port, auth=("alice", PASSWORD)).status_code == 401
        assert asked(port, auth=("alexandra", PASSWORD)).status_code == 200


BROKEN = ("", "# nothing yet\n", "tls_server_config: {", "nonsense: 1", "basic_auth_users: {alice: plain}", None)


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_file(tmp_path, caplog, broken):
    """A file that is wrong, or gone, is told once, and the one before holds until it is mended."""
    path = write(tmp_path, {"basic_auth_users": {"alice": HASH}})
    with served(path) as port:
        if broken is None:
            path.unlink()
        else:
            write(tmp_path, broken)
        assert [asked(port, auth=auth).status_code for auth in (("alice", PASSWORD), None)] == [200, 401]
        told = [one.message for one in caplog.records if "web config refused, the earlier one holds" in one.message]
        assert len(told) == 1
        assert str(path) in told[0]
        write(tmp_path, {"basic_auth_users": {"bob": HASH}})
        assert asked(port, auth=("bob", PASSWORD)).status_code == 200


@pytest.mark.parametrize("hello", [b"", b"\x16\x03\x01\x02\x00\x01"], ids=["silent", "half a hello"])
@pytest.mark.parametrize("is_secured", [False, True], ids=["plain", "TLS"])
def test_crowd(tmp_path, authority, is_secured, hello):
    """A thousand connections that say nothing keep nobody from asking, also where they stop in the middle of the handshake."""
    tls = {"cert_file": "server.pem", "key_file": "server.key"}
    file = write(tmp_path, {"tls_server_config": tls}) if is_secured else None
    trust = context(authority) if is_secured else None
    with served(file) as port, contextlib.ExitStack() as stack:
        for index in range(CROWD):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS))
            with contextlib.suppress(OSError):  # it had to go already
                one.sendall(hello)
            if index % (CROWD // 4) == 0:
                assert asked(port, trust).text == "said"
        assert asked(port, trust).text == "said"
