"""What comes over the wire, bent: the S3 and VAST DB endpoints refuse it, and our S3 client has a reason for it."""

import logging
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from s3_client import connected, target
from s3_target import ACCESS_KEY, SECRET_KEY, embedded_s3, new_bucket
from scripted_server import CLOSE, RESET, ScriptedServer, Step, answer, scripted
from signed_requests import Signer
from vast_endpoint import ACCESS, BUCKET, SECRET, Served, serving
from vast_requests import sent

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operations.s3.backend import BACKEND
from steadyline.outcome import Outcome, Reason

FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MANY = settings(FEW, max_examples=3000, derandomize=False)
LISTING = (
    b'<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>'
    b'<Contents><Key>a</Key><ETag>"e"</ETag><Size>1</Size></Contents></ListBucketResult>'
)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(12))
    + b"]><ListBucketResult><Name>&a11;</Name></ListBucketResult>"
)


@st.composite
def bent(draw: st.DrawFn, bodies: list[bytes]) -> bytes:
    """A real body with some bytes replaced, a piece of it twice, or its end cut off."""
    body = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body)))
        piece = draw(st.binary(min_size=1, max_size=3) | st.sampled_from([b"<", b">", b"&", b"\0", b"&#0;", b"-1", b"9" * 30]))
        body[at : at + draw(st.integers(0, 3))] = piece
    return bytes(body[: draw(st.none() | st.integers(0, len(body)))])


def head(length: object, *more: str) -> bytes:
    """The head of an answer."""
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {length}", *more, "", ""]).encode()


ANSWERS: dict[str, tuple[tuple[Step, ...], Reason]] = {
    "XML cut off": ((answer(LISTING[:80]),), Reason.SERVER_ERROR),
    "entity bomb": ((answer(BOMB),), Reason.SERVER_ERROR),
    "outer entity": (
        (
            answer(
                b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><ListBucketResult><Name>&e;</Name></ListBucketResult>'
            ),
        ),
        Reason.SERVER_ERROR,
    ),
    "UTF-16 that is none": ((answer(b'<?xml version="1.0" encoding="utf-16"?><a/>'),), Reason.INTEGRITY),
    "unknown encoding": ((answer(b'<?xml version="1.0" encoding="nope"?><a/>'),), Reason.INTEGRITY),
    "nested too deeply": ((answer(b"<a>" * 10_000),), Reason.SERVER_ERROR),
    "size no number": ((answer(LISTING.replace(b"<Size>1", b"<Size>x")),), Reason.INTEGRITY),
    "length too long": ((head(len(LISTING) + 9) + LISTING, CLOSE), Reason.INTEGRITY),
    "length too short": ((head(40) + LISTING, CLOSE), Reason.SERVER_ERROR),
    "nothing at all": ((CLOSE,), Reason.SERVER_ERROR),
    "broken off": ((RESET,), Reason.CONNECT),
    "no HTTP": ((b"SSH-2.0-OpenSSH_9.2\r\n", CLOSE), Reason.SERVER_ERROR),
    "status a word": ((b"HTTP/1.1 OK\r\n\r\n", CLOSE), Reason.SERVER_ERROR),
    "status of a thousand": ((b"HTTP/1.1 1000 OK\r\n\r\n", CLOSE), Reason.SERVER_ERROR),
    "head without end": ((b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, CLOSE), Reason.SERVER_ERROR),
    "line without end": ((b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, CLOSE), Reason.SERVER_ERROR),
    "chunk no number": ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", CLOSE), Reason.INTEGRITY),
}


@pytest.fixture(scope="module")
def far_end() -> Iterator[ScriptedServer]:
    """Answers whatever it is told to."""
    with scripted() as server:
        yield server


@pytest.fixture(scope="module")
def listing(far_end: ScriptedServer) -> Iterator[Callable[[], Outcome]]:
    """Asks it for a page of objects, once."""
    with connected(target(far_end.url, allow_writes=False)) as client:
        attempt = Attempt(BACKEND, client)
        yield lambda: attempt(catalogue.named("s3.bucket_list"))


@pytest.mark.parametrize(("steps", "reason"), ANSWERS.values(), ids=ANSWERS)
def test_answers(far_end: ScriptedServer, listing: Callable[[], Outcome], steps: tuple[Step, ...], reason: Reason) -> None:
    """What is no answer of S3's is a failure with a reason out of the closed list, and at once."""
    far_end.otherwise = lambda _path: steps
    assert listing().reason is reason


def answers_are_outcomes(far_end: ScriptedServer, listing: Callable[[], Outcome], body: bytes, cut: int) -> None:
    """One attempt at a bent answer; a bug would be raised."""
    whole = answer(body)
    far_end.otherwise = lambda _path: (whole[: len(whole) - cut], CLOSE)
    assert listing().reason in {None, *Reason}


@FEW
@given(body=bent([LISTING]), cut=st.integers(0, 20))
def test_bent_answers(far_end: ScriptedServer, listing: Callable[[], Outcome], body: bytes, cut: int) -> None:
    """Whatever the body is, the attempt has an outcome."""
    answers_are_outcomes(far_end, listing, body, cut)


@pytest.mark.full
@MANY
@given(body=bent([LISTING]), cut=st.integers(0, 20))
def test_many_bent_answers(far_end: ScriptedServer, listing: Callable[[], Outcome], body: bytes, cut: int) -> None:
    """As above, and many of them."""
    answers_are_outcomes(far_end, listing, body, cut)


@pytest.fixture(scope="module")
def s3() -> Iterator[Signer]:
    """The embedded S3."""
    with embedded_s3() as url:
        yield Signer(url, ACCESS_KEY, SECRET_KEY)


@pytest.fixture(scope="module")
def bucket(s3: Signer) -> str:
    """With one object in it."""
    name = new_bucket()
    assert s3.ask("PUT", f"/{name}/a", body=b"x")[0] == 200
    return name


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The VAST DB endpoint, a process."""
    with serving(tmp_path_factory.mktemp("vast")) as start:
        yield start("--bucket", BUCKET)


ODD = st.sampled_from(["", "-1", "0", "99999999999999999999", "x", "\0", "\ud7ff", "a/../b", "%", "1,2", "true"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=9
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["uploads", "uploadId", "partNumber", "list-type", "max-keys", "prefix", "continuation-token", "delete", "start-after"]
    ),
    ODD,
    max_size=3,
)
XML = [
    b"<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>",
    b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
    BOMB,
]
METHODS = st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"])


def s3_refuses(s3: Signer, bucket: str, asked: tuple[str, str, dict[str, str], bytes]) -> None:
    """One bent request, and then a good one."""
    method, key, query, body = asked
    status, said = s3.ask(method, f"/{bucket}/{key}", query, body)
    assert status < 500 or status == 501, said  # what moto lacks, it says so
    assert b"Traceback" not in said
    assert s3.ask("GET", f"/{bucket}", {"list-type": "2"})[0] == 200


@FEW
@given(asked=st.tuples(METHODS, ODD, QUERIES, bent(XML)))
def test_bent_requests_of_s3(
    s3: Signer, bucket: str, caplog: pytest.LogCaptureFixture, asked: tuple[str, str, dict[str, str], bytes]
) -> None:
    """The embedded S3 answers, logs no traceback, and lives on."""
    s3_refuses(s3, bucket, asked)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


TABULAR = [
    sent(lambda api: api.create_schema("b", "s", schema_properties="{}")),
    sent(lambda api: api.create_projection("b", "s", "t", "p", [("a", "Sorted")])),
]
VAST_QUERIES = st.dictionaries(
    st.sampled_from(["schema", "table", "column", "data", "rows", "transaction", "projection", "tabular-list", "stats"]),
    ODD,
    min_size=1,
    max_size=2,
)
VAST_HEADERS = st.dictionaries(
    st.sampled_from(["tabular_txid", "tabular_split", "tabular_limit_rows", "tabular_max_keys", "tabular_next_key"]),
    st.from_regex(r"[ -~]{0,12}", fullmatch=True),
    max_size=3,
)


def vast_refuses(served: Served, ask: Callable[[Signer], tuple[int, bytes]]) -> None:
    """One bent request; the process lives, and its log has no traceback."""
    status, said = ask(Signer(served.url, ACCESS, SECRET))
    assert status < 500 or status == 501, said
    assert served.process.poll() is None
    assert "Traceback" not in served.log.read_text()


VAST_ASKED = st.tuples(METHODS, st.sampled_from(["", "/s", "/s/t"]), VAST_QUERIES, bent(TABULAR), VAST_HEADERS)
VastAsked = tuple[str, str, dict[str, str], bytes, dict[str, str]]


@FEW
@given(asked=VAST_ASKED)
def test_bent_requests_of_vast(served: Served, asked: VastAsked) -> None:
    """Flatbuffers, headers and parameters of any content are refused with a client's error."""
    method, path, query, body, headers = asked
    vast_refuses(served, lambda signer: signer.ask(method, f"/{BUCKET}{path}", query, body, **headers))


@pytest.mark.full
@MANY
@given(asked=VAST_ASKED)
def test_many_bent_requests_of_vast(served: Served, asked: VastAsked) -> None:
    """As above, and many of them."""
    method, path, query, body, headers = asked
    vast_refuses(served, lambda signer: signer.ask(method, f"/{BUCKET}{path}", query, body, **headers))


RAW = {
    "no HTTP": b"hello\r\n\r\n",
    "binary": bytes(range(256)) * 4,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
    "length negative": b"PUT /b/a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length a word": b"PUT /b/a HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    "two lengths": b"PUT /b/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "body cut off": b"PUT /b/a HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nab",
    "head cut off": b"PUT /b/a HTTP/1.1\r\nHost:",
    "head too long": b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    "chunk no number": b"PUT /b/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "NUL in the path": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "path of bytes": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "escape cut off": b"GET /b/%f HTTP/1.1\r\nHost: x\r\n\r\n",
    "method unknown": b"NOPE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "version of tomorrow": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_raw_bytes(served: Served, raw: bytes) -> None:
    """What is no request is answered by a client's error or by hanging up; nobody else notices."""
    place = urlsplit(served.url)
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(raw)
        try:
            connection.shutdown(socket.SHUT_WR)
            first = connection.makefile("rb").readline()
        except OSError:  # it hung up before all was read
            first = b""
    assert not first or first.split()[1][:1] == b"4", first
    vast_refuses(served, lambda signer: signer.ask("GET", f"/{BUCKET}"))
