"""Messages over a stream that is cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.asker.messages import Answered, Ask, Cancel, Open, Refused, answer, plain, refused, request
from load.frames import LENGTH, MOST_BYTES, Frames, framed
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.outcome import Outcome, Reason

plain_messages = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2**40) | st.floats(allow_nan=False) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(plain_messages, max_size=6), st.lists(st.integers(1, 40), min_size=1, max_size=10))
def test_cut_anywhere(messages, sizes):
    """However a stream is cut, the same messages come out of it in their order."""
    stream = b"".join(map(framed, messages))
    frames, found, at, turn = Frames(), [], 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        found += frames.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert found == messages


def test_foreign_stream():
    """A length that no message of ours has is refused before anything is waited for."""
    with pytest.raises(ValueError, match="is the most"):
        list(Frames().feed(LENGTH.pack(MOST_BYTES + 1)))


def test_too_long():
    """A message that the other end would refuse is not sent."""
    with pytest.raises(ValueError, match="too long"):
        framed("x" * (MOST_BYTES + 1))


@pytest.mark.parametrize("message", [Ask(1, "sql.item_read", "sql", "main"), Open(2, (("s3", "a"), ("sql", "b"))), Cancel(3)])
def test_requests(message):
    """A request arrives as it was sent."""
    (read,) = Frames().feed(framed(plain(message)))
    assert request(read) == message


@pytest.mark.parametrize(
    "message",
    [
        Answered(1, Outcome(0.1, None, 3, 4, 5, {"connect": 0.2})),
        Answered(2, Outcome(0.1, Reason.THROTTLED, detail="slow down")),
        Refused(3, ()),
        Refused(4, ("one", "two"), 2),
    ],
)
def test_answers(message):
    """An answer arrives as it was sent, with the outcome's reason as a Reason."""
    (read,) = Frames().feed(framed(plain(message)))
    assert answer(read) == message
    if isinstance(message, Answered):
        assert answer(read).outcome.reason is message.outcome.reason


@pytest.mark.parametrize("error", [ConfigurationError(["one", "two"]), UnreachableError("host: no answer")])
def test_errors(error):
    """An error is the same kind with the same text on the other side."""
    (read,) = Frames().feed(framed(plain(refused(1, error))))
    said = answer(read).error
    assert (type(said), str(said)) == (type(error), str(error))


@pytest.mark.parametrize("read", [["Outcome", 1], ["Ask2", 1]])
def test_unknown_kinds(read):
    """What is no message of ours is told, not guessed."""
    with pytest.raises(ValueError, match="called"):
        request(read)
    with pytest.raises(ValueError, match="called"):
        answer(read)
