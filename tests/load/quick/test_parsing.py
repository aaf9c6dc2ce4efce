"""Answers taken apart, however they are cut into packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.quick.errors import AnswerError
from load.quick.parsing import HEAD_BYTES, Parsing

ANSWERS = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello", b"hello"),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nT: u\r\n\r\n",
        b"hello",
    ),
    "interim": (b"HTTP/1.1 103 Hints\r\nX-A: no\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello", b"hello"),
    "nothing": (b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", b""),
}


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % len(data) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False) if start < end]


@pytest.mark.parametrize("name", ANSWERS)
@given(places=st.lists(st.integers(0, 10_000), max_size=12))
def test_cuts_change_nothing(name: str, places: list[int]):
    """Head and body are the same for every way to cut, it is complete at its last byte, and the next one is read too."""
    data, body = ANSWERS[name]
    parsing = Parsing()
    for _ in range(2):
        parsing.begin(bodiless=False)
        parts = _cut(data, places)
        assert [parsing.feed(memoryview(part)) for part in parts] == [False] * (len(parts) - 1) + [True]
        head, found = parsing.take()
        assert (found, parsing.keep) == (body, True)
        assert head.startswith(b"HTTP/1.1 20")
        assert head.endswith(b"X-A: b")


@given(data=st.binary(max_size=200), places=st.lists(st.integers(0, 10_000), max_size=5))
def test_any_bytes_are_an_answer_or_an_error(data: bytes, places: list[int]):
    """Nothing else is ever raised."""
    parsing = Parsing()
    try:
        if data and any(parsing.feed(memoryview(part)) for part in _cut(data, places)):
            parsing.take()
        else:
            parsing.finish(ragged=False)
    except AnswerError:
        pass


@given(change=st.integers(0, 10_000), to=st.integers(0, 255), name=st.sampled_from(sorted(ANSWERS)))
def test_a_changed_byte_is_an_answer_or_an_error(change: int, to: int, name: str):
    """An answer in which one byte is another one ends in an answer or in an error of ours."""
    data = bytearray(ANSWERS[name][0])
    data[change % len(data)] = to
    parsing = Parsing()
    try:
        if not parsing.feed(memoryview(data)):
            parsing.finish(ragged=False)
        parsing.take()
    except AnswerError:
        pass


def test_a_head_may_be_large_but_not_endless():
    """Just under the limit is read."""
    line = b"X-Large: " + b"y" * (HEAD_BYTES - 100) + b"\r\n"
    parsing = Parsing()
    assert parsing.feed(memoryview(b"HTTP/1.1 204 No Content\r\n" + line + b"\r\n"))
    head, _ = parsing.take()
    assert len(head) > HEAD_BYTES - 100
